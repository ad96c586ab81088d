import MessageFSM
import Testing

@testable import InprocHost

/// `tables/facts.json`: what Fabric 1.4 says, where this host has the same thing.
///
/// The test of a group names the rows that differ.
@Suite("Facts of Fabric 1.4", .timeLimit(.minutes(5)))
struct FabricFactTests {
  struct Fact: Decodable, Sendable, CustomTestStringConvertible {
    let group: String
    let situation: String
    let result: String
    var testDescription: String { situation }
  }

  static let facts: [Fact] = (try? Golden.decode([Fact].self, "tables/facts.json")) ?? []

  private static func fact(_ group: String, _ situation: String) -> String {
    let found = facts.filter { $0.group.hasPrefix(group) && $0.situation == situation }
    if found.count != 1 { Issue.record("\(found.count) facts: \(situation)") }
    return found.first?.result ?? ""
  }

  private static let none = "(no error)"

  private static func told(_ body: () async throws -> Void) async -> String {
    do {
      try await body()
      return none
    } catch let error as HostError {
      return error.message
    } catch let error as TransactionError {
      return error.message.string
    } catch {
      return "\(error)"
    }
  }

  private static func id(_ name: WireString, _ version: WireString = "1") -> ChaincodeVersion {
    ChaincodeVersion(name: name, version: version)
  }

  private static func start(_ id: ChaincodeVersion, named: Bool = true) -> StartContainerRequest {
    StartContainerRequest(
      id: id, arguments: [],
      environment: named ? ["CORE_CHAINCODE_ID_NAME": "\(id.name):\(id.version)"] : [:])
  }

  @Test("there are 104 facts")
  func count() {
    #expect(Self.facts.count == 104)
  }

  // MARK: Registry and InprocVM

  private static let vm = "inproccontroller"

  @Test("Registry and GetVMName")
  func registry() async throws {
    let registry = Registry()
    let chaincode = ClosureChaincode { _ in .success() }
    func register(_ version: WireString) async -> String {
      await Self.told { try registry.register(chaincode, as: Self.id("x", version)) }
    }
    #expect(await register("1") == (Self.fact(Self.vm, "Register(x:1)")))
    #expect(
      await register("1") + " (type inproccontroller.SysCCRegisteredErr)"
        == (Self.fact(Self.vm, "Register(x:1) again")))
    #expect(await register("2") == (Self.fact(Self.vm, "Register(x:2): another version is another entry")))
    #expect(await register("") == (Self.fact(Self.vm, "Register(x) without a version")))
    #expect(
      "\"\(Self.id("x"))\", \"\(Self.id("x", ""))\"" == (Self.fact(Self.vm, "GetVMName of {x, 1}, {x, \"\"}"))
    )
  }

  @Test("InprocVM starts, stops and waits as Fabric's does")
  func startStopWait() async throws {
    try await withPeerRig(configure: { $0.allowsUnsolicitedRegistration = true }) { rig in
      let vm = InprocVM(registry: rig.chaincodes, support: rig.support)
      for version in ["1", "2", ""] as [WireString] {
        try rig.chaincodes.register(ClosureChaincode { _ in .success() }, as: Self.id("x", version))
      }
      func start(_ id: ChaincodeVersion) async -> String {
        await Self.told { try await vm.start(Self.start(id)) }
      }
      func stop(_ id: ChaincodeVersion) async -> String {
        await Self.told { try await vm.stop(StopContainerRequest(id: id)) }
      }
      @Sendable func wait(_ id: ChaincodeVersion) async -> String {
        "0, " + (await Self.told { _ = try await vm.wait(WaitContainerRequest(id: id)) })
      }
      #expect(await start(Self.id("y")) == (Self.fact(Self.vm, "Start of y:1, which is not registered")))
      #expect(
        await start(Self.id("x", "3"))
          == (Self.fact(Self.vm, "Start of x:3, registered with other versions only")))
      #expect(await stop(Self.id("y")) == (Self.fact(Self.vm, "Stop of y:1, which is not registered")))
      #expect(await stop(Self.id("x")) == (Self.fact(Self.vm, "Stop of x:1, registered but never started")))
      #expect(await wait(Self.id("x")) == (Self.fact(Self.vm, "Wait of x:1, registered but never started")))
      #expect(await wait(Self.id("y")) == (Self.fact(Self.vm, "Wait of y:1, which is not registered")))
      #expect(await start(Self.id("x")) == (Self.fact(Self.vm, "Start(x:1)")))
      #expect(await start(Self.id("x")) == (Self.fact(Self.vm, "Start(x:1) while it runs")))
      let waited = Promise<String>()
      _ = rig.environment.work.add("wait") { waited.fulfil(await wait(Self.id("x"))) }
      #expect(await stop(Self.id("x")) == (Self.fact(Self.vm, "Stop(x:1) while it runs")))
      // The wait may begin after the stop too, and is told that there is nothing then.
      let before = Self.fact(Self.vm, "Wait(x:1) that began before that Stop")
      let after = Self.fact(Self.vm, "Wait(x:1) after the Stop")
      #expect([before, after].contains(await waited.value()))
      #expect(await stop(Self.id("x")) == (Self.fact(Self.vm, "Stop(x:1) again")))
      #expect(await wait(Self.id("x")) == after)
    }
  }

  /// Fabric: the instance counts as running for ever, and whoever waits for it hangs.
  ///
  /// Here it is gone, and can be started again.
  @Test("a chaincode that has ended by itself has ended")
  func endedByItself() async throws {
    _ = Self.fact(
      Self.vm, "Wait(z:1) of a chaincode that has ended by itself (nobody closes its stop channel)")
    try await withPeerRig(configure: { $0.allowsUnsolicitedRegistration = true }) { rig in
      let vm = InprocVM(registry: rig.chaincodes, support: rig.support)
      try rig.chaincodes.register(ClosureChaincode { _ in .success() }, as: Self.id("z"))
      for _ in 0..<2 {
        try await vm.start(Self.start(Self.id("z"), named: false))
        // Its end is an exit with a reason, or has been already.
        let exit = try? await vm.wait(WaitContainerRequest(id: Self.id("z")))
        if let exit {
          #expect(exit.cause == .chaincode)
          #expect(exit.error?.message == "error chaincode id not provided")
        }
      }
    }
  }

  // MARK: scc.Provider

  @Test(
    "which names are system chaincodes",
    arguments: facts.filter { $0.situation.hasSuffix("(registered: qscc, cc2)") })
  func isSystemChaincode(_ fact: Fact) async throws {
    let name = WireString(fact.situation.split(separator: "\"").first.map(String.init) ?? "")
    try await withPeerRig { rig in
      for registered in ["qscc", "cc2"] as [WireString] {
        try rig.support.systemChaincodes.add(SystemChaincodeDescriptor(name: registered), fabric: .v1_4)
      }
      let isEmpty = fact.situation.hasPrefix("\"\"")
      let asked = isEmpty ? WireString.empty : name
      let isSystem = rig.support.isSystemChaincode(asked)
      let isRefused =
        await Self.told { _ = try rig.support.versionForCall(ofSystemChaincode: asked) } != Self.none
      #expect(fact.result.hasPrefix("IsSysCC \(isSystem), IsSysCCAndNotInvokableCC2CC \(isRefused),"))
    }
  }

  @Test("a system chaincode that is not enabled keeps its name, and is not deployed")
  func disabled() async throws {
    #expect(
      Self.fact("scc.Provider", "IsSysCC of a system chaincode that the whitelist does not allow (wd)")
        == "true")
    try await withHost { host, _ in
      try host.register(
        ClosureChaincode { _ in .success() }, as: SystemChaincodeDescriptor(name: "wd", enabled: false))
      try await host.deploy()
      #expect(host.isSystemChaincode("wd"))
      #expect(host.status(of: "wd").state == .stopped)
      #expect(await host.run("wd").error?.code == .notFound)
    }
  }

  @Test("a system chaincode whose Init fails stays registered and running")
  func failingInit() async throws {
    let situation =
      "deployment of a system chaincode whose Init returns shim.Error(\"init says no\") "
      + "(DeploySysCCs ignores the error; the chaincode stays registered and running)"
    let text = Self.fact("scc.Provider", situation)
    #expect(Self.fact("scc.Provider", "its handler after the failed Init") == "state ready")
    try await withHost { host, _ in
      try host.register(
        ClosureChaincode.initializing { _ in .failure("init says no") },
        as: SystemChaincodeDescriptor(name: "cc"))
      let told = await Self.told { try await host.deploy() }
      #expect(told == "deployment of system chaincode cc failed: \(text)")
      #expect(host.status(of: "cc").state == .ready)
    }
  }

  // MARK: RuntimeLauncher

  private static let launcher = "RuntimeLauncher"

  @Test("launch and stop")
  func launchAndStop() async throws {
    try await withPeerRig { rig in
      try rig.chaincodes.register(ClosureChaincode { _ in .success() }, as: Self.id("a"))
      func launch(_ name: WireString) async -> String {
        await Self.told { try await rig.support.launch(Self.id(name)) }
      }
      func stop(_ name: WireString) async -> String {
        await Self.told { try await rig.support.stop(Self.id(name)) }
      }
      #expect(
        await launch("nosuch")
          == (Self.fact(
            Self.launcher, "Launch of a chaincode that is not registered with the controller")))
      #expect(await launch("a") == (Self.fact(Self.launcher, "Launch")))
      #expect(
        await launch("a")
          == (Self.fact(Self.launcher, "Launch again (the handler is registered: returns at once)")))
      #expect(await stop("a") == (Self.fact(Self.launcher, "Stop of a running chaincode")))
      #expect(await stop("a") == (Self.fact(Self.launcher, "Stop again")))
      #expect(
        await stop("nosuch") == (Self.fact(Self.launcher, "Stop of a chaincode that is not registered")))
      #expect(await launch("a") == (Self.fact(Self.launcher, "Launch after Stop")))
      #expect(await stop("a") == Self.none)
    }
  }

  /// A container of which the test says what happens to it.
  private final class TestVM: VM {
    let startError: HostError?
    let exit = Promise<Result<ContainerExit, HostError>>()
    let requests = Locked<[StartContainerRequest]>([])
    let stops = Locked(0)

    init(startError: HostError? = nil) { self.startError = startError }

    func start(_ request: StartContainerRequest) async throws(HostError) {
      requests.withLock { $0.append(request) }
      if let startError { throw startError }
    }

    func stop(_ request: StopContainerRequest) async throws(HostError) {
      stops.withLock { $0 += 1 }
      exit.fulfil(.success(ContainerExit(cause: .stopped, error: nil)))
    }

    func wait(_ request: WaitContainerRequest) async throws(HostError) -> ContainerExit {
      guard let result = await exit.value() else { throw HostError(.stopped, "the test was cancelled") }
      return try result.get()
    }
  }

  private struct Launched {
    let first: String
    let second: String
    let isStillNoted: Bool
  }

  /// Launches twice at the same time, and lets `happen` happen when both wait.
  private func launch(
    _ vm: TestVM, name: WireString, _ happen: @escaping @Sendable (PeerRig, LaunchState) -> Void
  ) async throws -> Launched {
    let executor = DedicatedExecutor()
    defer { executor.shutDown() }
    let told = Promise<[String]>()
    let kept = Promise<HandlerRegistry>()
    // On one thread both wait before anything happens.
    try await withTaskExecutorPreference(executor) {
      try await withPeerRig(configure: { $0.startupTimeout = .seconds(9) }) { rig in
        let registry = rig.support.registry
        let launcher = RuntimeLauncher(
          runtime: ContainerRuntime(controller: VMController(providers: [.system: vm]), version: .v1_4),
          registry: registry, environment: rig.environment, systemChaincodes: SystemChaincodeTable())
        let info = ChaincodeContainerInfo(id: Self.id(name))
        let texts = await withTaskGroup(of: (Int, String).self) { group in
          for index in 0..<2 {
            group.addTask {
              (index, await Self.told { _ = try await launcher.launch(info, until: .seconds(1 << 20)) })
            }
          }
          group.addTask {
            // The launch itself is work of the host, which has to begin first.
            await rig.clock.waitForSleeper(until: .seconds(9))
            if let launch = registry.currentLaunch("\(name):1") { happen(rig, launch) }
            return (2, "")
          }
          var told = ["", "", ""]
          for await (index, text) in group { told[index] = text }
          return told
        }
        told.fulfil(texts)
        kept.fulfil(registry)
      }
    }
    let texts = try #require(told.current)
    // Everything that the launch has begun is over.
    let launch = try #require(kept.current).currentLaunch("\(name):1")
    return Launched(first: texts[0], second: texts[1], isStillNoted: launch != nil)
  }

  @Test("a chaincode that does not register within the startup timeout")
  func startupTimeout() async throws {
    let vm = TestVM()
    let launched = try await launch(vm, name: "slow") { rig, _ in rig.clock.advance(by: .seconds(9)) }
    #expect(
      launched.first
        == (Self.fact(Self.launcher, "the chaincode does not register within the startup timeout")))
    #expect(
      "\(vm.stops.withLock { $0 })" == (Self.fact(Self.launcher, "after that timeout: calls of Runtime.Stop"))
    )
    let noted = Self.fact(
      Self.launcher, "after that timeout: is the launch still noted in the handler registry?")
    #expect("\(launched.isStillNoted)" == noted)
  }

  @Test("two launches at the same time: the second is told with a prefix")
  func twoLaunches() async throws {
    let launched = try await launch(TestVM(), name: "c") { rig, _ in rig.clock.advance(by: .seconds(9)) }
    #expect(
      "first: \(launched.first) | second: \(launched.second)"
        == (Self.fact(Self.launcher, "two launches at the same time, startup timeout")))
  }

  @Test("a container that exits before it registers; Fabric tells a code, this host the reason")
  func exitsEarly() async throws {
    let vm = TestVM()
    let launched = try await launch(vm, name: "c") { _, _ in
      vm.exit.fulfil(
        .success(ContainerExit(cause: .chaincode, error: HostError(.launchFailed, "container exited with 3")))
      )
    }
    #expect(
      launched.first
        == (Self.fact(Self.launcher, "the container exits with code 3 before it registers")))
  }

  @Test("a wait for the container that fails before it registers")
  func waitFails() async throws {
    let vm = TestVM()
    let launched = try await launch(vm, name: "c") { _, _ in
      vm.exit.fulfil(.failure(HostError(.notFound, "no wait")))
    }
    #expect(
      launched.first
        == (Self.fact(Self.launcher, "Runtime.Wait fails with \"no wait\" before it registers")))
  }

  @Test("a registration that is refused")
  func registrationFails() async throws {
    let launched = try await launch(TestVM(), name: "c") { _, launch in
      launch.notify(.registration(HostError(.registrationRefused, "registration says no")))
    }
    #expect(
      launched.first == (Self.fact(Self.launcher, "the handler reports a failed registration")))
    #expect(launched.second == launched.first)
  }

  @Test("a start that fails, and with what arguments and environment it was tried")
  func startFails() async throws {
    let vm = TestVM(startError: HostError(.launchFailed, "boom"))
    try await withPeerRig { rig in
      let launcher = RuntimeLauncher(
        runtime: ContainerRuntime(controller: VMController(providers: [.system: vm]), version: .v1_4),
        registry: rig.support.registry, environment: rig.environment,
        systemChaincodes: SystemChaincodeTable())
      let told = await Self.told {
        _ = try await launcher.launch(ChaincodeContainerInfo(id: Self.id("name")), until: .seconds(1 << 20))
      }
      // Fabric's fact replaces the runtime, which has the same prefix once more.
      #expect(
        told == "error starting container: "
          + (Self.fact(Self.launcher, "Runtime.Start fails with \"boom\"")))
    }
    let request = try #require(vm.requests.withLock { $0.first })
    #expect(request.arguments.first == "chaincode")
    #expect(request.environment["CORE_CHAINCODE_ID_NAME"] == "name:1")
  }

  private struct Installed: ChaincodeLifecycle {
    func definition(
      of name: WireString, channel: WireString, executor: any QueryExecutor
    ) async throws -> ChaincodeDefinition { ChaincodeDefinition(version: "1.0") }
    func checkInstalled(_ name: WireString, _ definition: ChaincodeDefinition) async throws {}
  }

  @Test("a launch that a transaction needs")
  func launchOfTransaction() async throws {
    func execute(_ rig: PeerRig, _ version: WireString, withSimulator: Bool) async -> String {
      let simulator = withSimulator ? rig.ledger.simulator() : nil
      defer { simulator?.done() }
      let params = TransactionParams(channelID: "ch1", txid: "tx1", simulator: simulator)
      let told = await Self.told {
        _ = try await rig.support.execute(
          Self.id("nosuch", version), input: ChaincodeInput(args: []), params: params)
      }
      return told.replacing("failed to execute transaction tx1: ", with: "")
    }
    try await withPeerRig { rig in
      #expect(
        await execute(rig, "1", withSimulator: false)
          == (Self.fact(
            Self.launcher, "ChaincodeSupport.Launch of an unknown chaincode without a simulator")))
      #expect(
        await execute(rig, "1", withSimulator: true)
          == (Self.fact(Self.launcher, "ChaincodeSupport.Launch of an unknown chaincode")))
    }
    try await withPeerRig(configure: { $0.lifecycle = Installed() }) { rig in
      let situation =
        "ChaincodeSupport.Launch of a chaincode that is defined, but not registered with the controller"
      #expect(await execute(rig, "1.0", withSimulator: true) == (Self.fact(Self.launcher, situation)))
    }
  }

  // MARK: HandlerRegistry

  @Test("which registrations are accepted")
  func handlerRegistry() async throws {
    let group = "HandlerRegistry"
    try await withPeerRig { rig in
      let support = ChaincodeSupport(environment: rig.environment, chaincodes: Registry())
      let registry = support.registry
      // Made for the launch that is under way at that moment.
      func handler() -> PeerHandler {
        PeerHandler(stream: InprocStream.makePair().peer, support: support, launchID: "r:1")
      }
      func register(_ handler: PeerHandler) async -> String {
        await Self.told { try registry.register(handler, id: "r:1") }
      }
      let unsolicited = Self.fact(group, "Register of a chaincode that is not being launched")
      let early = handler()
      #expect(await register(early) == unsolicited)
      let past = registry.launch("r:1").launch
      let late = handler()
      registry.failed("r:1", past, .start(HostError(.launchTimedOut, "too late")))
      _ = registry.launch("r:1")
      // Fabric takes whoever comes while a chaincode of that name is being launched.
      #expect(await register(early) == unsolicited)
      #expect(await register(late) == unsolicited)
      let first = handler()
      #expect(await register(first) == (Self.fact(group, "Register of a chaincode that is being launched")))
      #expect(await register(handler()) == (Self.fact(group, "Register again")))
      // By identity: it does not know its id, since no REGISTER has come.
      registry.deregister(first, error: HostError(.streamEnded, ""))
      #expect(await register(handler()) == (Self.fact(group, "Register again")))
      let open = HandlerRegistry(version: .v1_4, allowsUnsolicited: true)
      let told = await Self.told { try open.register(early, id: "r:1") }
      #expect(told == (Self.fact(group, "dev mode: Register of a chaincode that is not being launched")))
    }
  }

  @Test("a stream without a ticket may not register while the chaincode is being launched")
  func launchTicket() async throws {
    let text = Self.fact("HandlerRegistry", "Register of a chaincode that is not being launched")
    try await withPeerRig { rig in
      let launch = rig.support.registry.launch(PeerRig.registrationID).launch
      let stranger = rig.connect(launchID: nil)
      stranger.send(.register(ChaincodeID(name: PeerRig.registrationID)))
      #expect(await stranger.end.value()?.message.replacing("raw:1.0", with: "r:1") == text)
      let invited = rig.connect()
      await invited.register()
      try await launch.wait(
        isFirst: true, id: PeerRig.registrationID, until: .seconds(1), timers: rig.environment.timers)
    }
  }

  @Test("the first end of a launch counts")
  func notifyTwice() async throws {
    let result = Self.fact("HandlerRegistry", "LaunchState.Notify twice: the first counts")
    try await withPeerRig { rig in
      let launch = LaunchState()
      launch.notify(.start(HostError(.launchFailed, "one")))
      launch.notify(.start(HostError(.launchFailed, "two")))
      launch.notify(nil)
      let told = await Self.told {
        try await launch.wait(
          isFirst: true, id: "r:1", until: .seconds(1), timers: rig.environment.timers)
      }
      #expect(told == result)
    }
  }

  @Test("after the end of the stream the launch is forgotten")
  func forgotten() async throws {
    try await withPeerRig { rig in
      let first = await rig.connectReady()
      first.stream.finish()
      _ = await first.end.value()
      let second = rig.connect(launchID: nil)
      second.send(.register(ChaincodeID(name: PeerRig.registrationID)))
      let text = Self.fact("HandlerRegistry", "Register after Deregister (the launch is forgotten)")
      #expect(await second.end.value()?.message.replacing("raw:1.0", with: "r:1") == text)
    }
  }

  // MARK: Execute

  @Test("what makes an execution fail before it begins")
  func executeFails() async throws {
    try await withPeerRig { rig in
      let wire = await rig.connectReady()
      func execute(_ params: TransactionParams, _ id: ChaincodeVersion = PeerRig.id) async -> String {
        await Self.told {
          _ = try await rig.support.execute(id, input: ChaincodeInput(args: []), params: params)
        }
      }
      var params = TransactionParams(channelID: "ch1", txid: "tx1")
      params.proposal = Proposal()
      #expect(await execute(params) == (Self.fact("Execute", "a proposal but no signed proposal")))
      params.proposal = nil
      params.decorations = [MapEntry(key: WireString(bytes: [0xff]), value: [])]
      #expect(
        await execute(params)
          == (Self.fact("Execute", "decorations that cannot be marshalled (key not UTF-8)")))
      params.decorations = []
      let other = ChaincodeVersion(name: "raw", version: "9")
      #expect(
        await execute(params, other).replacing("raw", with: "cc2")
          == (Self.fact("Execute", "another version than the running one")))
      // Nothing of these was sent.
      #expect(await wire.untilBarrier().isEmpty)
    }
  }

  @Test("a chaincode that is stopped while its transaction runs, and afterwards")
  func stoppedWhileRunning() async throws {
    let ledger = TestLedger()
    let chaincode = CancellableChaincode()
    try await withHost(ledger: ledger) { host, _ in
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc2"))
      try await host.deploy()
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          let error = await host.run("cc2", ledger: ledger).error
          let text = Self.fact("Execute", "the chaincode is stopped while the transaction runs")
          #expect(error?.message.string == text)
        }
        _ = await chaincode.began.value()
        await #expect(throws: Never.self) { try await host.stop(chaincode: "cc2") }
      }
      #expect(
        await host.run("cc2", ledger: ledger).error?.message.string
          == (Self.fact("Execute", "then, without a new deployment")))
      try await host.deploy()
      #expect(host.status(of: "cc2").state == .ready)
    }
  }

  // MARK: ParseName

  @Test("the target of a call", arguments: facts.filter { $0.group.hasPrefix("ParseName") })
  func parseName(_ fact: Fact) {
    let text = WireString(String(fact.situation.dropFirst().dropLast()))
    let target = ChaincodeInstance(parsing: text)
    #expect(
      "name \"\(target.name)\", version \"\(target.version)\", channel \"\(target.channelID)\"" == fact.result
    )
  }

  @Test("there are twelve names")
  func parseNameCount() {
    #expect(Self.facts.filter { $0.group.hasPrefix("ParseName") }.count == 12)
  }

  // MARK: goroutines

  @Test("nothing is left by 50 launches and stops")
  func cycles() async throws {
    #expect(
      Self.fact("goroutines", "goroutines left by 50 cycles of launch and stop of an idle chaincode") == "0")
    try await withHost { host, _ in
      try host.register(ClosureChaincode { _ in .success() }, as: SystemChaincodeDescriptor(name: "cc"))
      for _ in 0..<50 {
        try await host.deploy()
        try await host.stop(chaincode: "cc")
        let left = host.openWork
        #expect(left.isNothing, "\(left)")
      }
    }
  }

  /// Fabric leaves a goroutine for ever each time.
  @Test("nothing is left by chaincodes that are stopped while they wait for the ledger")
  func stoppedWhileWaiting() async throws {
    let text = "failed to execute transaction tx: error sending: chaincode stream terminated"
    #expect(
      Self.fact(
        "goroutines",
        "10 times: a chaincode is stopped while it waits for the answer to GET_STATE; Execute returned")
        == "map[\(text):10]")
    for _ in 0..<10 {
      let ledger = TestLedger(answersAtOnce: false)
      try await withHost(ledger: ledger) { host, clock in
        let chaincode = ClosureChaincode { stub in .success(try await stub.getState("block") ?? []) }
        try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
        try await host.deploy()
        await withTaskGroup(of: Void.self) { group in
          group.addTask {
            #expect(await host.run("cc", txid: "tx", ledger: ledger).error?.message.string == text)
          }
          await ledger.gate.waitForArrival()
          group.addTask { try? await host.stop(chaincode: "cc") }
          // The ledger is waited for, as long as the grace period at most.
          await clock.waitForSleeper(until: .seconds(5))
          ledger.gate.open()
        }
        let left = host.openWork
        #expect(left.isNothing, "\(left)")
      }
    }
  }
}
