import MessageFSM

/// A chaincode to be launched, and where it runs (Fabric `ccprovider.ChaincodeContainerInfo`).
struct ChaincodeContainerInfo: Sendable {
  let id: ChaincodeVersion
  var containerType = ContainerType.system
}

/// Starts and stops containers with the arguments and the environment of Fabric (`chaincode.ContainerRuntime`).
final class ContainerRuntime: Sendable {
  private let controller: VMController
  private let version: FabricVersion
  private let starts = Locked<UInt64>(0)

  init(controller: VMController, version: FabricVersion) {
    self.controller = controller
    self.version = version
  }

  /// Starts a container, and returns which of all starts it is.
  func start(_ info: ChaincodeContainerInfo) async throws(HostError) -> UInt64 {
    let instance = starts.withLock { starts in
      starts += 1
      return starts
    }
    let request = StartContainerRequest(
      id: info.id, arguments: ["chaincode", "-peer.address="],
      environment: ["CORE_CHAINCODE_ID_NAME": version.registrationID(info.id).string], instance: instance)
    do throws(HostError) {
      try await controller.process(request, on: info.containerType)
    } catch {
      throw error.wrapped("error starting container")
    }
    return instance
  }

  /// Stops the container that this start has made, or whichever runs.
  func stop(_ info: ChaincodeContainerInfo, instance: UInt64? = nil) async throws(HostError) {
    do throws(HostError) {
      try await controller.process(
        StopContainerRequest(id: info.id, instance: instance), on: info.containerType)
    } catch {
      throw error.wrapped("error stopping container")
    }
  }

  func wait(_ info: ChaincodeContainerInfo) async throws(HostError) -> ContainerExit {
    try await controller.process(WaitContainerRequest(id: info.id), on: info.containerType)
  }
}
