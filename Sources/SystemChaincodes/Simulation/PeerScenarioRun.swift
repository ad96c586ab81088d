import InprocHost
import MessageFSM

/// One run of a peer's scenario.
final class PeerScenarioRun: Sendable {
  private struct State {
    /// The version in force, and the one that will be when the commit that goes on has ended.
    var inForce = 1
    var toBeInForce = 1
    var isUpgrading = false
    var proposals = 0
  }

  private let peer: SimulatedPeer
  private let host: ChaincodeHost
  private let world: SimulationWorld
  private let scenario: PeerScenario
  private let state = Locked(State())

  init(_ scenario: PeerScenario, _ peer: SimulatedPeer, _ host: ChaincodeHost, _ world: SimulationWorld) {
    self.scenario = scenario
    self.peer = peer
    self.host = host
    self.world = world
  }

  /// The numbers of the versions.
  private var versions: Range<Int> { 1..<(scenario.versions + 1) }

  /// A peer on one channel, with version 1 in force; what faults hinder is tried again.
  ///
  /// False if it was hindered too often: where timers press, a deadline can pass again and again although nobody is late.
  func prepare() async throws -> Bool {
    let allowed = SystemChaincodeAllowList(
      Dictionary(uniqueKeysWithValues: Set(scenario.systemChaincodes).map { ($0, "enable") }))
    try host.registerSystemChaincodes(.v1_4, peer.services, allowList: allowed)
    for version in versions {
      try host.offer(VersionedChaincode(version: version), as: SimulatedPeer.id(version))
    }
    let genesis = SimulatedPeer.genesis(SimulatedPeer.channel)
    var steps: [@Sendable () async -> Bool] = [{ (try? await self.host.deploy()) != nil }]
    if scenario.systemChaincodes.contains("cscc") {
      steps.append {
        self.isDone(
          await self.ask("cscc", ["JoinChain".bytes, genesis.wireBytes()]), or: "LedgerID already exists")
      }
    } else {
      try await peer.services.channels.join(channel: SimulatedPeer.channel, genesis: genesis)
    }
    steps.append { (try? await self.host.deploy(channel: SimulatedPeer.channel)) != nil }
    for version in versions {
      let package = SimulatedPeer.package(version).wireBytes
      steps.append { self.isDone(await self.ask("lscc", ["install".bytes, package]), or: "exists") }
    }
    if !versions.isEmpty { steps.append { await self.define("deploy", 1) } }
    var attemptsLeft = 20
    for step in steps {
      while await !step() {
        attemptsLeft -= 1
        guard attemptsLeft > 0, !world.isStopped else { return false }
        // A system chaincode that has failed too often waits for that.
        try? await host.deploy()
      }
    }
    return true
  }

  /// Whether it has succeeded, now or in an attempt whose answer was lost.
  private func isDone(_ answer: Response, or known: String) -> Bool {
    answer.status == Response.ok || answer.message.string.contains(known)
  }

  // MARK: Operations

  func perform(_ operation: PeerOperation) async {
    switch operation.action {
    case .invoke(let asksChain): await invoke(operation.label, asksChain: asksChain)
    case .query:
      let answer = await call(operation.label) { await self.chainInfo(SimulatedPeer.channel) }
      expect("noCallIsLost", answer, operation.label)
    case .join(let number): await join(WireString("extra\(number)"), operation.label)
    case .upgrade: await upgrade(operation.label)
    case .retire: await retire()
    case .pause(let steps): await world.simulator.pause(steps: steps)
    }
  }

  private func invoke(_ label: String, asksChain: Bool) async {
    let earliest = state.withLock { $0.inForce }
    let response = await call(label) {
      await self.propose(SimulatedPeer.chaincode, [(asksChain ? "chain" : "go").bytes], SimulatedPeer.channel)
        .1
    }
    let latest = state.withLock { $0.toBeInForce }
    let answer = response.response ?? Response()
    expect("noCallIsLost", answer, label)
    guard answer.status == Response.ok else { return }
    let ran = Int(String(decoding: answer.payload, as: UTF8.self)) ?? 0
    world.always(
      "noneRunsOnTheWrongVersion", (earliest...latest).contains(ran),
      "\(label) ran on version \(ran); in force were \(earliest) to \(latest)")
    let endorsed = (try? action(of: response))?.chaincodeID?.version.string
    world.always(
      "whatRanIsEndorsed", endorsed == "\(ran)",
      "\(label) ran on version \(ran), endorsed is \(endorsed ?? "nothing")")
    world.sometimes("a call ran on an older version than the newest", ran < latest)
  }

  private func upgrade(_ label: String) async {
    // One at a time: the next one is the one after what is in force.
    let next = state.withLock { state -> Int? in
      guard !state.isUpgrading, state.inForce < scenario.versions else { return nil }
      state.isUpgrading = true
      state.toBeInForce = state.inForce + 1
      return state.toBeInForce
    }
    guard let next else { return }
    let isDone = await call(label) { await self.define("upgrade", next) }
    world.always(
      "upgradesSucceed", isDone || isExcused, "\(label): the upgrade to version \(next) has failed")
    world.sometimes("an upgrade while calls were open", isDone && host.openWork.transactions > 0)
    state.withLock { state in
      state.isUpgrading = false
      if isDone { state.inForce = next } else { state.toBeInForce = state.inForce }
    }
  }

  private func retire() async {
    do {
      try await host.retireUnreferenced(
        SimulatedPeer.chaincode, versions: versions.map { SimulatedPeer.id($0).version },
        channels: [SimulatedPeer.channel])
    } catch {
      world.fail("retireReadsTheState", "\(error)")
    }
  }

  private func join(_ channel: WireString, _ label: String) async {
    let joined = await call(label) {
      await self.ask("cscc", ["JoinChain".bytes, SimulatedPeer.genesis(channel).wireBytes()])
    }
    let isKnown = joined.message.string.contains("LedgerID already exists")
    world.sometimes("a channel was joined twice", isKnown)
    if !isKnown { expect("channelsAreJoined", joined, label) }
    guard joined.status == Response.ok else { return }
    let answer = await call("\(label) info") { await self.chainInfo(channel) }
    expect("aJoinedChannelAnswers", answer, "\(label) info")
  }

  // MARK: The end

  /// Faults stop: the newest version answers, and the others are stopped.
  func becomeQuiet() async {
    world.faults.becomeQuiet()
    world.simulator.becomeQuiet()
    // Whatever was called is over by then, and what has ended is torn down.
    try? await world.clock.sleep(until: world.clock.now.advanced(by: .seconds(1_000)))
    _ = try? await host.deploy()
    guard !versions.isEmpty else {
      let answer = await call("quiet") { await self.chainInfo(SimulatedPeer.channel) }
      return world.always(
        "quietIsHealthy", answer.status == Response.ok,
        "a call without faults: status \(answer.status), \(answer.message)")
    }
    await retire()
    let answer = await call("quiet") {
      await self.propose(SimulatedPeer.chaincode, ["go".bytes], SimulatedPeer.channel).1.response
        ?? Response()
    }
    let newest = state.withLock { $0.inForce }
    let ran = String(decoding: answer.payload, as: UTF8.self)
    world.always(
      "quietIsHealthy", answer.status == Response.ok && ran == "\(newest)",
      "a call without faults: status \(answer.status), \(answer.message), version \(ran) and not \(newest)")
    for version in versions where version != newest {
      let id = SimulatedPeer.id(version)
      await call("exit of \(id.version)") { _ = await self.host.waitForExit(of: id) }
      let state = host.status(of: id.name, version: id.version).state
      world.always("retiredIsStopped", state == .stopped, "version \(version) is \(state)")
    }
  }

  // MARK: The endorser's door

  private func propose(
    _ chaincode: WireString, _ args: [[UInt8]], _ channel: WireString
  ) async -> (SignedProposal, ProposalResponse) {
    let nonce = state.withLock { state in
      state.proposals += 1
      return "nonce \(state.proposals)".bytes
    }
    do {
      let proposal = try await ClientTransaction.proposal(
        chaincode, args, channel: channel, nonce: nonce, signer: Everybody())
      return (proposal, await host.processProposal(proposal, peer.endorser))
    } catch {
      world.fail("proposalsAreMade", "\(error)")
      return (SignedProposal(), ProposalResponse())
    }
  }

  private func ask(_ chaincode: WireString, _ args: [[UInt8]]) async -> Response {
    await propose(chaincode, args, .empty).1.response ?? Response()
  }

  private func chainInfo(_ channel: WireString) async -> Response {
    await ask("qscc", ["GetChainInfo".bytes, channel.bytes])
  }

  /// Deploys or upgrades, and commits; whether both have succeeded.
  private func define(_ function: String, _ version: Int) async -> Bool {
    let args = [function.bytes, SimulatedPeer.channel.bytes, SimulatedPeer.package(version).specBytes]
    let (proposal, response) = await propose("lscc", args, SimulatedPeer.channel)
    guard response.endorsement != nil, let ledger = peer.ledgers.ledger(channel: SimulatedPeer.channel) else {
      world.note("\(function) of version \(version): \(response.response?.message ?? .empty)")
      return false
    }
    do {
      let envelope = try await ClientTransaction.envelope(proposal, [response], signer: Everybody())
      return try await ledger.commit(envelopes: [envelope]) == [.valid]
    } catch {
      world.fail("commitsSucceed", "\(error)")
      return false
    }
  }

  private func action(of response: ProposalResponse) throws -> ChaincodeAction {
    try ChaincodeAction(wireBytes: ProposalResponsePayload(wireBytes: response.payload).extension_)
  }

  // MARK: Judging

  private var isExcused: Bool { world.isDisturbed || world.isPressed }

  private func expect(_ invariant: String, _ answer: Response, _ label: String) {
    world.always(
      invariant, answer.status == Response.ok || isExcused,
      "\(label): status \(answer.status): \(answer.message)")
  }

  private func call<Result: Sendable>(
    _ label: String, _ body: @escaping @Sendable () async -> Result
  ) async -> Result {
    await world.call(label, body)
  }
}

extension String {
  fileprivate var bytes: [UInt8] { Array(utf8) }
}
