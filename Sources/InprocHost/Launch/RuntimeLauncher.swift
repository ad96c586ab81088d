import MessageFSM

/// Launches chaincodes: starts the container and waits for READY (Fabric `chaincode.RuntimeLauncher`).
///
/// A launch is work of the host, not of who asked for it first: everybody waits with a deadline of their own, and the launch
/// ends by itself, with READY, with an error, or when the start-up timeout has passed.
final class RuntimeLauncher: Sendable {
  private let runtime: ContainerRuntime
  private let registry: HandlerRegistry
  private let environment: HostEnvironment
  private let systemChaincodes: SystemChaincodeTable

  init(
    runtime: ContainerRuntime, registry: HandlerRegistry, environment: HostEnvironment,
    systemChaincodes: SystemChaincodeTable
  ) {
    self.runtime = runtime
    self.systemChaincodes = systemChaincodes
    self.registry = registry
    self.environment = environment
  }

  /// Returns when the chaincode is ready.
  ///
  /// - Throws: ``HostError`` when it cannot be started, does not get ready in time, or `deadline` passes.
  func launch(
    _ info: ChaincodeContainerInfo, until deadline: Duration
  ) async throws(HostError) -> LaunchState {
    let id = environment.version.registrationID(info.id)
    let (launch, isFirst) = registry.launch(id)
    if isFirst {
      let begun = environment.timers.now
      let accepted = environment.work.add("launch \(id)") { [self] in
        await run(launch, of: info, id: id)
        let success = registry.handler(id) != nil
        environment.configuration.metrics?.launched(
          chaincode: id, duration: environment.timers.now - begun, success: success)
      }
      if !accepted {
        registry.failed(id, launch, .start(HostError(.stopped, "the host has stopped")))
      }
    }
    launch.join()
    do throws(HostError) {
      try await launch.wait(isFirst: isFirst, id: id, until: deadline, timers: environment.timers)
    } catch {
      launch.leave()
      // The launch goes on without callers; one that was told to end then need not wait for any.
      registry.handler(id)?.retireIfIdle()
      throw error
    }
    return launch
  }

  private func run(_ launch: LaunchState, of info: ChaincodeContainerInfo, id: WireString) async {
    let metrics = environment.configuration.metrics
    await environment.reached(.launchBegins, by: id)
    let instance: UInt64
    do throws(HostError) {
      instance = try await runtime.start(info)
    } catch {
      metrics?.launchFailed(chaincode: id)
      let failure = error.wrapped("error starting container")
      // Counted once, however many wait for the launch.
      systemChaincodes.ended(id: id, error: failure)
      return registry.failed(id, launch, .start(failure))
    }
    // A container that exits before READY fails the launch at once.
    _ = environment.work.add("exit of \(id)") { [self] in
      let error: HostError
      do throws(HostError) {
        let exit = try await runtime.wait(info)
        error = exit.error ?? HostError(.launchFailed, "container exited with 0")
      } catch let wait {
        error = wait.wrapped("failed to wait on container exit")
      }
      registry.failed(id, launch, .registration(error))
    }
    let timeout = environment.configuration.startupTimeout
    do throws(HostError) {
      try await launch.wait(
        isFirst: true, id: id, until: environment.timers.deadline(after: timeout), timers: environment.timers)
    } catch {
      if error.code == .launchTimedOut { metrics?.launchTimedOut(chaincode: id) }
      metrics?.launchFailed(chaincode: id)
      systemChaincodes.ended(id: id, error: error)
      launch.notify(.start(error))
      // Whatever is left of the container goes; where it ended by itself, another launch may have begun, whose it is not.
      try? await runtime.stop(info, instance: instance)
      registry.failed(id, launch, .start(error))
    }
  }
}
