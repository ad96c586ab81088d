import InprocHost
import MessageFSM
import SystemChaincodes

/// Replays one golden file on this host and compares what happens with what the file says.
///
/// Everything runs on one thread and in virtual time, so a file replays the same way every time.
package struct ScenarioRun {
  let file: GoldenTrace
  let ledgers: LedgerUnderReplay
  let recorder: MessageRecorder
  let clock: VirtualClock
  var late = LateMessages()
  /// False when Fabric died of a block that this host took.
  var hasComparableEnd = true
  var outcome = ReplayOutcome()

  /// Replays a file to its end or to the first difference.
  package static func replay(_ file: GoldenTrace) -> ReplayOutcome {
    let loop = SerialRunLoop()
    do {
      return try loop.run {
        var run = ScenarioRun(file, clock: loop.clock)
        return await run.replay(on: loop)
      }
    } catch {
      var outcome = ReplayOutcome()
      outcome.difference = ReplayDifference(
        "the replay", expected: "an end", got: String(describing: error), place: "the file")
      return outcome
    }
  }

  private init(_ file: GoldenTrace, clock: VirtualClock) {
    self.file = file
    self.clock = clock
    self.ledgers = LedgerUnderReplay(file)
    self.recorder = MessageRecorder(version: file.version)
  }

  private mutating func replay(on loop: SerialRunLoop) async -> ReplayOutcome {
    do {
      try await withChaincodeHost(configuration(loop)) { host in
        try await replay(host)
      }
    } catch let difference as ReplayDifference {
      outcome.difference = difference
    } catch {
      outcome.difference = ReplayDifference(
        "the host", expected: "an end", got: WireString(textOf: error).string, place: "the end")
    }
    return outcome
  }

  private func configuration(_ loop: SerialRunLoop) -> HostConfiguration {
    let scenario = file.scenario
    var configuration = HostConfiguration(
      version: file.version, ledgers: ledgers.provider, clock: clock, executor: loop)
    if let timeout = scenario.executeTimeout { configuration.executeTimeout = timeout }
    if let limit = scenario.totalQueryLimit { configuration.totalQueryLimit = limit }
    configuration.runtimeParams = scenario.runtime
    let capabilities = Dictionary(
      scenario.channels.map { ($0.name, $0.capabilities) }, uniquingKeysWith: { first, _ in first })
    configuration.capabilities = { capabilities[$0] ?? ApplicationCapabilities() }
    configuration.collections = ledgers.collections
    configuration.accessControl = ScenarioAccess(refusals: scenario.refusals)
    configuration.observer = recorder
    return configuration
  }

  // MARK: From registration to the end

  private mutating func replay(_ host: ChaincodeHost) async throws {
    do throws(HostError) {
      try register(host)
    } catch {
      throw ReplayDifference("registration", expected: "accepted", got: error.message, place: "registration")
    }
    try await deploy(host)
    let executor = StepExecutor(host: host, ledgers: ledgers, version: file.version)
    for (index, golden) in file.steps.enumerated() {
      let step = file.scenario.steps[index]
      try await located("step \(index) (\(step.kind.rawValue) \(step.txid))") { run in
        try await run.replay(step, golden, executor)
      }
    }
    guard hasComparableEnd else { return }
    for end in file.final {
      try await located("the end") { run in try run.ledgers.compareEnd(end) }
    }
  }

  private func register(_ host: ChaincodeHost) throws(HostError) {
    // In 1.4 no chaincode may call cscc.
    let system = (["qscc"] + file.scenario.system).map { name in
      SystemChaincodeDescriptor(
        name: WireString(name), invokableCC2CC: file.version != .v1_4 || name != "cscc")
    }
    var profile: SystemChaincodeProfile = file.version == .v1_4 ? .v1_4 : .v3_1
    profile.descriptors = system
    let channels = InMemoryChannels(ledgers.provider, options: ledgers.options)
    try host.registerSystemChaincodes(profile, SystemChaincodeServices(channels: channels))
    for chaincode in file.scenario.chaincodes {
      try host.register(ScriptedChaincode(clock: clock), as: chaincode.descriptor)
    }
  }

  /// Deploys first without a channel, then to each channel, whose ledger is made just before.
  private mutating func deploy(_ host: ChaincodeHost) async throws {
    var channels = file.channels[...]
    for (index, golden) in file.registration.enumerated() {
      try await located("registration \(index)") { run in
        if !golden.channel.isEmpty {
          while let channel = channels.popFirst() {
            try await run.ledgers.join(channel)
            if channel.name == golden.channel { break }
          }
        }
        try await run.deploy(host, channel: golden.channel, golden.messages)
      }
    }
    for channel in channels {
      try await located("channel \(channel.name)") { run in try await run.ledgers.join(channel) }
    }
  }

  /// Fabric ignores a deployment that fails; the messages show it.
  mutating func deploy(_ host: ChaincodeHost, channel: WireString, _ golden: [GoldenMessage]) async throws {
    do throws(HostError) {
      try await host.deploy(channel: channel)
    } catch  where error.code == .deployFailed {
    } catch {
      throw ReplayDifference("deployment", expected: "done", got: error.message)
    }
    try compareLate(golden)
  }

  mutating func compare(_ expected: [GoldenMessage], _ got: [GoldenMessage]) throws(ReplayDifference) {
    try MessageComparison.compare(expected, got, version: file.version)
    outcome.comparedMessages += expected.count
  }

  /// Says where a difference is.
  private mutating func located(
    _ place: String, _ body: (inout ScenarioRun) async throws -> Void
  ) async throws {
    do {
      try await body(&self)
    } catch var difference as ReplayDifference {
      difference.place = difference.place.isEmpty ? place : "\(place), \(difference.place)"
      throw difference
    }
  }
}

/// The access control of a scenario: refuses some resources, allows all others.
private struct ScenarioAccess: ACLProvider {
  let refusals: [String: WireString]

  func checkACL(resource: String, channel: WireString, proposal: SignedProposal?) async throws {
    if let refusal = refusals[resource] { throw LedgerError(refusal) }
  }
}
