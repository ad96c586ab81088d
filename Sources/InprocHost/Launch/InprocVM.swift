import MessageFSM

/// Runs chaincodes in this process (Fabric `inproccontroller.InprocVM`).
final class InprocVM: VM {
  private let registry: Registry
  /// Owns this.
  private unowned let support: ChaincodeSupport
  private let containers = Locked<[ChaincodeVersion: InprocContainer]>([:])

  init(registry: Registry, support: ChaincodeSupport) {
    self.registry = registry
    self.support = support
  }

  func start(_ request: StartContainerRequest) async throws(HostError) {
    let chaincode = try registry.chaincode(request.id)
    // One that is being torn down is out of the way within the grace period.
    while let old = containers.withLock({ $0[request.id] }) {
      guard old.isEnding else { throw HostError(.alreadyRunning, "chaincode running \(request.id)") }
      await old.hasEnded()
      remove(old)
    }
    let container = InprocContainer(
      request.id, instance: request.instance, chaincode: chaincode, support: support)
    containers.withLock { $0[request.id] = container }
    let accepted = support.environment.work.add("container \(request.id)") { [self] in
      await container.launchInProc(request)
      remove(container)
    }
    if !accepted {
      remove(container)
      throw HostError(.stopped, "the host has stopped")
    }
  }

  func stop(_ request: StopContainerRequest) async throws(HostError) {
    let container = try container(request.id)
    if let instance = request.instance, instance != container.instance {
      throw HostError(.notFound, "\(request.id) not found: start \(instance) of it has ended")
    }
    container.stop()
    await container.hasEnded()
    remove(container)
  }

  func wait(_ request: WaitContainerRequest) async throws(HostError) -> ContainerExit {
    // Fabric does not ask here whether it is registered.
    guard let container = containers.withLock({ $0[request.id] }) else {
      throw HostError(.notFound, "\(request.id) not found")
    }
    return await container.waitForExit()
  }

  /// Signals all containers to stop, in the order of their ids.
  func stopAll() {
    let all = containers.withLock { containers in
      containers.sorted { $0.key.description < $1.key.description }.map(\.value)
    }
    for container in all { container.stop() }
  }

  private func container(_ id: ChaincodeVersion) throws(HostError) -> InprocContainer {
    _ = try registry.chaincode(id)
    guard let container = containers.withLock({ $0[id] }) else {
      throw HostError(.notFound, "\(id) not found")
    }
    return container
  }

  private func remove(_ container: InprocContainer) {
    containers.withLock { containers in
      if containers[container.id] === container { containers[container.id] = nil }
    }
  }
}
