import MessageFSM

/// A host with some chaincodes and channels, and clients that do what a script says.
///
/// Every answer is compared with a model's; at the end faults stop, every chaincode has to answer again, the state has to be the
/// model's, and nothing may be left open.
public struct HostScenario: SimulationScenario {
  /// The name.
  public let name: String
  /// The chaincodes that are deployed.
  public let chaincodes: [String]
  /// The channels, each with its ledger.
  public let channels: [String]
  /// How long a transaction may take if it does not say, in milliseconds.
  public let timeout: Int
  /// How many keys, from `m000` on, each chaincode has on each channel when a run begins.
  public let rows: Int
  private let generate: @Sendable (Draw) -> [HostOperation]

  /// A scenario whose scripts `generate` makes.
  public init(
    name: String, chaincodes: [String], channels: [String], timeout: Int = 30_000, rows: Int = 0,
    generate: @escaping @Sendable (Draw) -> [HostOperation]
  ) {
    self.name = name
    self.chaincodes = chaincodes
    self.channels = channels
    self.timeout = timeout
    self.rows = rows
    self.generate = generate
  }

  /// The script of a run.
  public func script(_ draw: Draw) -> [HostOperation] {
    generate(draw)
  }

  /// Runs a script.
  public func run(_ script: [HostOperation], in world: SimulationWorld) async throws {
    for channel in channels {
      world.join(channel)
      if rows > 0 { try await world.fill(channel, chaincodes: chaincodes, rows: rows) }
    }
    var draw = world.draw("configuration")
    var configuration = world.configuration(version: draw.chance(1, in: 2) ? .v3_1 : .v1_4)
    configuration.executeTimeout = .milliseconds(timeout)
    if let amount = world.faults.fires(.smallLimits, at: "configuration") {
      configuration.totalQueryLimit = Int32(3 + amount % 4)
      configuration.runtimeParams = ChaincodeAdditionalParams(
        useWriteBatch: true, maxSizeWriteBatch: 1, useGetMultipleKeys: true, maxSizeGetMultipleKeys: 1)
    }
    configuration.gracePeriod = .milliseconds(500)
    if script.contains(where: { if case .hostile = $0.action { true } else { false } }) {
      configuration.allowsUnsolicitedRegistration = true
      if draw.chance(1, in: 2) { configuration.keepalive = .seconds(3) }
    }
    try await world.withHost(configuration) { host in
      for chaincode in chaincodes {
        try host.register(
          ProgramChaincode(world: world), as: SystemChaincodeDescriptor(name: WireString(chaincode)))
      }
      let run = HostScenarioRun(self, host, world)
      // A start-up timeout may have passed although nothing was late.
      if await run.deploy("begin") != nil { await run.deploy("begin again") }
      await run.perform(script)
      if world.endsWithScript { return await run.commitAll() }
      // Decided before the faults end.
      let stopsAtOnce = world.faults.fires(.stopDuringStop, at: "stop") != nil
      await run.becomeQuiet()
      await run.stop(severalAtOnce: stopsAtOnce)
    }
  }
}

/// One run of a host scenario.
struct HostScenarioRun: Sendable {
  let scenario: HostScenario
  let host: ChaincodeHost
  let world: SimulationWorld
  let pool = EndorsedPool()

  init(_ scenario: HostScenario, _ host: ChaincodeHost, _ world: SimulationWorld) {
    self.scenario = scenario
    self.host = host
    self.world = world
  }

  func perform(_ script: [HostOperation]) async {
    let clients = Set(script.map(\.client)).sorted()
    let isBurst = world.faults.fires(.burst, at: "clients") != nil
    await withDiscardingTaskGroup { group in
      for client in clients {
        let own = script.filter { $0.client == client }
        add(&group, "client-\(client)") {
          for operation in own { await perform(operation, isBurst: isBurst) }
        }
      }
      nemesis(&group)
    }
  }

  private func add(
    _ group: inout DiscardingTaskGroup, _ name: String, _ body: @escaping @Sendable () async -> Void
  ) {
    world.simulator.taskStarts(name)
    group.addTask(name: name) {
      await body()
      world.simulator.taskEnds()
    }
  }

  /// Stops and starts in the middle of anything, if the faults say so.
  private func nemesis(_ group: inout DiscardingTaskGroup) {
    for chaincode in scenario.chaincodes {
      if let amount = world.faults.fires(.stopAtAnyStep, at: "nemesis \(chaincode)", in: nil) {
        add(&group, "nemesis \(chaincode)") {
          await world.simulator.pause(steps: 1 + amount)
          world.faults.met(.stopAtAnyStep, in: state(of: chaincode))
          await stop(chaincode)
          await world.simulator.pause(steps: 1 + amount % 64)
          await deploy("nemesis \(chaincode)")
        }
      }
    }
    if let amount = world.faults.fires(.relaunchRace, at: "race", in: nil) {
      for racer in 0..<(2 + amount % 3) {
        add(&group, "racer-\(racer)") {
          await world.simulator.pause(steps: 1 + (amount * (racer + 1)) % 500)
          if racer % 2 == 0, let chaincode = scenario.chaincodes.first {
            world.faults.met(.relaunchRace, in: state(of: chaincode))
            await stop(chaincode)
          }
          await deploy("racer-\(racer)")
        }
      }
    }
  }

  private func perform(_ operation: HostOperation, isBurst: Bool) async {
    switch operation.action {
    case .invoke(let chaincode, let channel, let timeout, let program):
      await invoke(operation.label, chaincode, channel, timeout, program)
    case .commit(let channel): await commit(channel)
    case .stop(let chaincode): await stop(chaincode)
    case .deploy: await deploy(operation.label)
    case .sleep(let milliseconds):
      if !isBurst {
        try? await world.clock.sleep(until: world.clock.now.advanced(by: .milliseconds(milliseconds)))
      }
    case .pause(let steps): await world.simulator.pause(steps: steps)
    case .hostilePeer(let numbers):
      await HostilePeer(name: "hostile-\(operation.label)", numbers: numbers, scenario: self).run()
    case .hostile(let numbers):
      await HostileChaincode(name: "hostile-\(operation.label)", numbers: numbers, scenario: self).run()
    }
  }

  // MARK: Chaincodes

  /// Deploys all chaincodes; may fail when something disturbs it.
  @discardableResult
  func deploy(_ label: String) async -> HostError? {
    world.noteDeadline(.milliseconds(scenario.timeout))
    return await world.call("deploy \(label)") {
      do throws(HostError) {
        try await host.deploy()
        return nil
      } catch {
        world.always(
          "undisturbedDeploySucceeds", world.isDisturbed || world.isPressed, "deploy \(label): \(error)")
        // What was not deployed cannot be called.
        world.disturb("deploy \(label) failed: \(error)")
        return error
      }
    }
  }

  private func state(of chaincode: String) -> MachineState {
    host.status(of: WireString(chaincode)).state == .ready ? .peerReady : .outside
  }

  func stop(_ chaincode: String) async {
    world.disturb("stop of \(chaincode)")
    await world.call("stop \(chaincode)") { try? await host.stop(chaincode: WireString(chaincode)) }
  }

  // MARK: The end

  /// Faults stop: everything has to be well again, and nothing may be open.
  func becomeQuiet() async {
    world.faults.becomeQuiet()
    world.simulator.becomeQuiet()
    // Whatever was called is over by its deadline, and so is what it has called.
    let deadline = world.record.withLock { $0.lastDeadline }
    try? await world.clock.sleep(until: VirtualClock.Instant(offset: deadline + .milliseconds(100)))
    let open = host.openWork
    world.always(
      "quietIsIdle", open.transactions == 0 && open.iterators == 0,
      "no call is made, and there are \(open.transactions) open transactions and \(open.iterators) iterators")
    try? await world.clock.sleep(until: world.clock.now.advanced(by: .seconds(61)))
    let hangs = world.hangs.withLock { $0 }
    world.always(
      "abandonedIsCancelled", hangs == 0, "\(hangs) chaincode tasks for which nobody waits were not cancelled"
    )
    if let error = await deploy("quiet") { world.fail("quietIsHealthy", "deploy without faults: \(error)") }
    for (index, chaincode) in scenario.chaincodes.enumerated() {
      for channel in scenario.channels.prefix(1) {
        let label = "quiet-\(index)"
        let response = await invoke(
          label, chaincode, channel, 0, TransactionProgram([.get("k0"), .put("quiet", label)]))
        world.always(
          "quietIsHealthy", response?.status == Response.ok,
          "a call of \(chaincode) without faults: \(response.map { "status \($0.status): \($0.message)" } ?? "an error")"
        )
      }
    }
    await commitAll()
  }

  /// Commits what was endorsed; the state has to be the model's then.
  func commitAll() async {
    for channel in scenario.channels {
      await commit(channel)
      compareState(channel)
    }
  }

  /// Stops the host: while a call is open, or by several at once.
  func stop(severalAtOnce: Bool) async {
    world.disturb("stop")
    guard severalAtOnce else { return await stopWithOpenCall() }
    await withDiscardingTaskGroup { group in
      for stopper in 0..<3 {
        add(&group, "stopper-\(stopper)") { await world.call("stop \(stopper)") { await host.stop() } }
      }
      add(&group, "late") {
        let chaincode = scenario.chaincodes.first ?? "none"
        await invoke(
          "late", chaincode, scenario.channels.first ?? "none", 0, TransactionProgram([.get("k0")]))
      }
      add(&group, "late deploy") { await deploy("late") }
    }
  }

  /// Stops the host while a chaincode is at work that heeds its cancellation: that takes no time.
  private func stopWithOpenCall() async {
    let chaincode = scenario.chaincodes.first ?? "none"
    await withDiscardingTaskGroup { group in
      add(&group, "open call") {
        await invoke(
          "open", chaincode, scenario.channels.first ?? "none", 0,
          TransactionProgram([.get("k0"), .wait(20_000)]))
      }
      // At any step of the call, by the seed.
      var draw = world.draw("stop")
      await world.simulator.pause(steps: 1 + draw.below(60))
      let begun = world.clock.now.offset
      await world.call("stop") { await host.stop() }
      let elapsed = world.clock.now.offset - begun
      world.always(
        "stopIsPrompt", elapsed < host.configuration.gracePeriod,
        "the stop took \(elapsed) though no chaincode ignored its cancellation")
    }
  }

  private func compareState(_ channel: String) {
    let ledger = world.ledgers.makeLedger(channel: WireString(channel))
    let model = world.record.withLock { $0.model.newest(channel) }
    var state: LedgerModel.State = [:]
    for (namespace, table) in ledger.database.namespaces {
      for entry in table {
        state[LedgerModel.Key(namespace: "\(namespace)", key: "\(entry.key)")] = String(
          decoding: entry.value.value, as: UTF8.self)
      }
    }
    guard state != model else { return }
    let differences = Set(state.keys).union(model.keys).filter { state[$0] != model[$0] }
      .map { "\($0.namespace)/\($0.key) is \(state[$0] ?? "-"), not \(model[$0] ?? "-")" }.sorted()
    world.fail("stateIsTheModels", "channel \(channel): \(differences.joined(separator: ", "))")
  }
}
