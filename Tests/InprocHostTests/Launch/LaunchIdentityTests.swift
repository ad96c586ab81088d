import MessageFSM
import Testing

@testable import InprocHost

/// Says that it starts and stops, and notes what it was asked.
private final class NotingVM: VM {
  let started = Locked<[UInt64]>([])
  let stopped = Locked<[UInt64?]>([])
  let bothStopped = Promise<Void>()

  func start(_ request: StartContainerRequest) async throws(HostError) {
    started.withLock { $0.append(request.instance) }
  }

  func stop(_ request: StopContainerRequest) async throws(HostError) {
    let count = stopped.withLock { stopped in
      stopped.append(request.instance)
      return stopped.count
    }
    if count == 2 { bothStopped.fulfil(()) }
  }

  func wait(_ request: WaitContainerRequest) async throws(HostError) -> ContainerExit {
    throw HostError(.notFound, "\(request.id) not found")
  }
}

@Suite("A launch and its own container", .timeLimit(.minutes(1)))
struct LaunchIdentityTests {
  private static let id = ChaincodeVersion(name: "x", version: "1")

  private static func start(_ instance: UInt64) -> StartContainerRequest {
    StartContainerRequest(
      id: id, arguments: [], environment: ["CORE_CHAINCODE_ID_NAME": "x:1"], instance: instance)
  }

  @Test("a launch that has failed stops the container that it started, and not the one of the next launch")
  func stopsItsOwn() async throws {
    try await withPeerRig { rig in
      let vm = NotingVM()
      let registry = HandlerRegistry(version: .v1_4, allowsUnsolicited: false)
      let launcher = RuntimeLauncher(
        runtime: ContainerRuntime(controller: VMController(providers: [.system: vm]), version: .v1_4),
        registry: registry, environment: rig.environment, systemChaincodes: rig.support.systemChaincodes)
      let info = ChaincodeContainerInfo(id: Self.id)
      // What waits for the container's exit fails the launch, since there is nothing to wait for.
      for _ in 0..<2 {
        await #expect(throws: HostError.self) { try await launcher.launch(info, until: .seconds(1)) }
      }
      _ = await vm.bothStopped.value()
      let (started, stopped) = (vm.started.withLock { $0 }, vm.stopped.withLock { $0 })
      #expect(Set(stopped) == Set(started.map { $0 }))
      #expect(Set(started).count == 2)
    }
  }

  @Test("a stop that names a start leaves a later one alone")
  func stopOfAnEarlierStart() async throws {
    try await withPeerRig(configure: { $0.allowsUnsolicitedRegistration = true }) { rig in
      let vm = InprocVM(registry: rig.chaincodes, support: rig.support)
      try rig.chaincodes.register(ClosureChaincode { _ in .success() }, as: Self.id)
      try await vm.start(Self.start(1))
      try await vm.stop(StopContainerRequest(id: Self.id, instance: 1))
      try await vm.start(Self.start(2))
      await #expect {
        try await vm.stop(StopContainerRequest(id: Self.id, instance: 1))
      } throws: { ($0 as? HostError)?.message == "x-1 not found: start 1 of it has ended" }
      await #expect { try await vm.start(Self.start(3)) } throws: {
        ($0 as? HostError)?.code == .alreadyRunning
      }
      try await vm.stop(StopContainerRequest(id: Self.id, instance: 2))
    }
  }
}
