/// Finds who runs a container type, and lets one request for a chaincode through at a time (Fabric `container.VMController`).
final class VMController: Sendable {
  private let providers: [ContainerType: any VM]
  private let locks: KeyedLock

  init(providers: [ContainerType: any VM], seam: (any HostSeam)? = nil) {
    self.providers = providers
    self.locks = KeyedLock(seam: seam)
  }

  func process(_ request: StartContainerRequest, on type: ContainerType) async throws(HostError) {
    let vm = try provider(of: type)
    try await locks.withLock(request.id) { () async throws(HostError) in try await vm.start(request) }
  }

  func process(_ request: StopContainerRequest, on type: ContainerType) async throws(HostError) {
    let vm = try provider(of: type)
    try await locks.withLock(request.id) { () async throws(HostError) in try await vm.stop(request) }
  }

  /// Not under the lock: waiting must not keep anybody from stopping.
  func process(_ request: WaitContainerRequest, on type: ContainerType) async throws(HostError)
    -> ContainerExit
  {
    try await provider(of: type).wait(request)
  }

  private func provider(of type: ContainerType) throws(HostError) -> any VM {
    guard let vm = providers[type] else {
      throw HostError(.unsupportedContainerType, "unsupported container type: \(type)")
    }
    return vm
  }
}
