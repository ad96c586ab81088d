public import MessageFSM

/// Everything around the hosts of one simulated run: time, order, ledgers, faults, and what the run has shown.
public final class SimulationWorld: Sendable {
  /// What a run is made from.
  ///
  /// The same options give the same run.
  public struct Options: Sendable {
    /// The seed of everything.
    public var seed: UInt64
    /// How jobs are chosen.
    public var strategy: SimulationStrategy
    /// Which faults may happen.
    public var faults: FaultPlan
    /// In how many of 64 steps a timer fires early; `nil` lets the seed decide.
    public var timePressure: Int?
    /// A bug that is put in on purpose.
    public var planted: PlantedBug?
    /// The seed of the order alone, if it is another.
    public var scheduleSeed: UInt64?
    /// About how many steps the run has.
    public var expectedSteps = 600
    /// After how many steps a run counts as endless.
    public var stepLimit = 100_000
    /// Who notices a step that does not come back.
    public var watchdog: SimulationWatchdog?
    /// Whether messages and steps are kept, for a report.
    public var records = false
    /// Whether the steps are kept.
    public var recordsSteps = false

    /// These options.
    public init(
      seed: UInt64, strategy: SimulationStrategy = .keyed, faults: FaultPlan = .swarm(byzantine: true),
      timePressure: Int? = nil, planted: PlantedBug? = nil
    ) {
      self.seed = seed
      self.strategy = strategy
      self.faults = faults
      self.timePressure = timePressure
      self.planted = planted
    }
  }

  /// Something that a report shows.
  public struct Event: Sendable, Hashable {
    /// At which step.
    public let step: Int
    /// Who.
    public let from: String
    /// To whom; the same for a note.
    public let to: String
    /// What.
    public let text: String
  }

  struct Record: Sendable {
    var violation: SimulationViolation?
    var events: [Event] = []
    var sometimes: [String: Int] = [:]
    /// Each with the step at which it was made.
    var openCalls: [(number: Int, label: String, step: Int)] = []
    var calls = 0
    /// The txids of the calls that are over.
    var ended: Set<String> = []
    var heights: [String: [String: [Int]]] = [:]
    var model = LedgerModel()
    var isDisturbed = false
    var isHostile = false
    var isStopped = false
    /// When the last call that was made has to be over.
    var lastDeadline = Duration.zero
    var hosts: [ChaincodeHost] = []
    var transactions = 0
    var coverage = StateCoverage()
    var observer: WorldObserver?
  }

  /// What the run is made from.
  public let options: Options
  /// What runs everything.
  public let simulator: Simulator
  /// What goes wrong.
  public let faults: FaultInjector
  /// Whether timers may fire although work is ready, so that deadlines pass although nothing was late.
  public let isPressed: Bool
  let ledgers = InMemoryLedgerProvider()
  let record = Locked(Record())
  let openSimulators = Locked(0)
  let openIterators = Locked(0)
  let hangs = Locked(0)
  /// The programs of the calls by their text, so that what was just written need not be read again for every call.
  let programs = Locked<[String: TransactionProgram]>([:])
  let lastRead = Locked<(String, [UInt8]?)>(("", nil))

  /// A world in which nothing has happened.
  public init(_ options: Options) {
    var draw = Draw(seed: options.seed, key: "pressure")
    var pressure = options.timePressure ?? [0, 1, 4, 16][draw.below(4)]
    self.options = options
    switch options.strategy {
    case .replay(let schedule):
      pressure = 0
      self.isPressed = schedule.departures.contains { $0.choice == .time }
    case .keyed, .pct, .uniform, .fifo, .delay: self.isPressed = pressure > 0
    }
    var choices = Simulator.Options(
      seed: options.scheduleSeed ?? options.seed, strategy: options.strategy, timePressure: pressure,
      stepLimit: options.stepLimit, recordsSteps: options.records || options.recordsSteps)
    choices.expectedSteps = options.expectedSteps
    self.simulator = Simulator(choices)
    self.faults = FaultInjector(seed: options.seed, plan: options.faults)
  }

  /// The time of everything in the world.
  public var clock: VirtualClock { simulator.clock }

  var planted: PlantedBug? { options.planted }

  /// Whether the schedule says at which step the host is stopped; then a run is its script, and ends with it.
  ///
  /// That a host is well again in the end is for the runs that do not stop it.
  public var endsWithScript: Bool { simulator.hasStop }

  /// Whether the schedule has stopped the host.
  public var isStopped: Bool { record.withLock { $0.isStopped } }

  /// Random numbers under the world's seed for one purpose.
  public func draw(_ key: String) -> Draw {
    Draw(seed: options.seed, key: key)
  }

  // MARK: What a scenario says

  /// Fails the run, if nothing has failed it before.
  public func fail(_ invariant: String, _ text: String) {
    record.withLock { record in
      if record.violation == nil { record.violation = SimulationViolation(.invariant(invariant), text) }
    }
  }

  /// Fails the run if `condition` does not hold.
  public func always(_ invariant: String, _ condition: Bool, _ text: @autoclosure () -> String = "") {
    if !condition { fail(invariant, text()) }
  }

  /// Counts that something rare has happened; a campaign in which it never does was not worth much.
  public func sometimes(_ label: String, _ condition: Bool = true) {
    record.withLock { $0.sometimes[label, default: 0] += condition ? 1 : 0 }
  }

  /// Notes something for the report.
  public func note(_ text: @autoclosure () -> String, from: String = "world", to: String? = nil) {
    guard options.records else { return }
    let event = Event(step: simulator.steps, from: from, to: to ?? from, text: text())
    record.withLock { $0.events.append(event) }
  }

  /// From now on calls may fail through no fault of their own.
  public func disturb(_ text: @autoclosure () -> String) {
    record.withLock { $0.isDisturbed = true }
    note(text())
  }

  /// Whether something has happened that lets calls fail through no fault of their own.
  public var isDisturbed: Bool {
    record.withLock { $0.isDisturbed } || faults.fired.contains { $0.kind.mayFailCalls }
  }

  /// Runs `body` as something that has to end; a deadlock names those that have not.
  public func call<Result: Sendable>(_ label: String, _ body: () async -> Result) async -> Result {
    let step = simulator.steps
    let number = record.withLock { record in
      record.calls += 1
      record.openCalls.append((record.calls, label, step))
      return record.calls
    }
    let result = await body()
    // One of the last, mostly.
    record.withLock { record in
      if let index = record.openCalls.lastIndex(where: { $0.number == number }) {
        record.openCalls.remove(at: index)
      }
    }
    return result
  }

  /// Runs `body` as one call of a client: the invariants hear of its beginning, and of its end before the client does.
  public func transaction<Result: Sendable>(
    _ txid: String, channel: String, _ body: () async -> Result
  ) async -> Result {
    let (call, invariants) = record.withLock { record in
      record.transactions += 1
      let call = SimulatedCall(number: record.transactions, txid: txid, channel: channel)
      return (call, record.observer?.invariants ?? [])
    }
    for invariant in invariants {
      if let text = invariant.began(call, in: self) { fail(invariant.name, text) }
    }
    let result = await self.call("execute \(txid)", body)
    for invariant in invariants {
      if let text = invariant.ended(call, in: self) { fail(invariant.name, text) }
    }
    return result
  }

  /// Runs one task for each of `count` clients, and returns when all have ended.
  public func clients(_ count: Int, _ body: @escaping @Sendable (Int) async -> Void) async {
    await withDiscardingTaskGroup { group in
      for client in 0..<count {
        simulator.taskStarts("client-\(client)")
        group.addTask(name: "client-\(client)") { [simulator] in
          await body(client)
          simulator.taskEnds()
        }
      }
    }
  }

  // MARK: Hosts

  /// A configuration whose clock, executor, ledgers and seam are the world's.
  public func configuration(version: FabricVersion = .v1_4) -> HostConfiguration {
    var configuration = HostConfiguration(
      version: version, ledgers: SimulatedLedgers(ledgers, world: self), clock: clock, executor: simulator)
    configuration.seam = SimulatedSeam(self)
    configuration.observer = record.withLock { $0.observer }
    return configuration
  }

  /// Runs a host while `body` runs, and fails the run if it leaves anything behind.
  public func withHost(
    _ configuration: HostConfiguration, _ body: (ChaincodeHost) async throws -> Void
  ) async throws {
    let host = ChaincodeHost(configuration)
    record.withLock { $0.hosts.append(host) }
    if simulator.hasStop { simulator.whenStopped { [self] in await stop(host) } }
    defer { simulator.whenStopped(nil) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      simulator.taskStarts("host")
      group.addTask(name: "host") { [simulator] in
        try await host.run()
        simulator.taskEnds()
      }
      _ = await host.hasStarted()
      do {
        try await body(host)
      } catch {
        await host.stop()
        throw error
      }
      await host.stop()
      try await group.waitForAll()
    }
    let open = host.openWork
    always(
      "runReturnsWhenNothingIsLeft",
      open.chaincodes == 0 && open.transactions == 0 && open.timers == 0
        && open.tasks <= host.count(.tasksAbandoned), "when run() had returned: \(open)")
  }

  /// What the stop of a schedule does.
  private func stop(_ host: ChaincodeHost) async {
    disturb("the schedule stops the host")
    record.withLock { $0.isStopped = true }
    let begun = clock.now.offset
    await call("stop by the schedule") { await host.stop() }
    let elapsed = clock.now.offset - begun
    always(
      "stopIsPrompt", elapsed < host.configuration.gracePeriod || options.faults != .none,
      "the stop took \(elapsed) though no chaincode ignored its cancellation")
  }

  /// Where a transaction is at the peer; `nil` if it is not open.
  func state(of txid: WireString, channel: String) -> MachineState? {
    let hosts = record.withLock { $0.hosts }
    let states = hosts.flatMap(\.openContexts)
      .filter { $0.txid == txid && $0.channelID == WireString(channel) }.map(\.machineState)
    return states.contains(.serving) ? .peerServing : states.first.map { MachineState($0) }
  }

  /// Makes the ledger of a channel.
  @discardableResult
  public func join(_ channel: String) -> InMemoryLedger {
    let ledger = ledgers.makeLedger(channel: WireString(channel))
    record.withLock { $0.model.join(channel, height: 0) }
    return ledger
  }

  /// Notes by when a call has to be over that begins now.
  func noteDeadline(_ timeout: Duration) {
    let deadline = clock.now.offset + timeout
    record.withLock { $0.lastDeadline = max($0.lastDeadline, deadline) }
  }

  func noteHeight(_ height: Int, txid: String, channel: String) {
    record.withLock { $0.heights[txid, default: [:]][channel, default: []].append(height) }
  }
}

/// Why a run counts as failed.
public struct SimulationViolation: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure.
  public enum Kind: Sendable, Hashable, CustomStringConvertible {
    /// Everybody waits, and nobody will do anything.
    case deadlock
    /// The run does not end.
    case livelock
    /// Something has run outside of the simulator.
    case escape
    /// A step has held its thread for too long.
    case blocked
    /// Something is left after the end.
    case leak
    /// The invariant of this name does not hold.
    case invariant(String)
    /// The scenario itself threw.
    case scenario

    /// The kind, or the invariant's name.
    public var description: String {
      switch self {
      case .deadlock: "deadlock"
      case .livelock: "livelock"
      case .escape: "escape"
      case .blocked: "blocked"
      case .leak: "leak"
      case .invariant(let name): name
      case .scenario: "scenario"
      }
    }
  }

  /// What kind of failure.
  public let kind: Kind
  /// What was seen.
  public let text: String

  /// A failure of this kind.
  public init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }

  /// Kind and text.
  public var description: String { "\(kind) — \(text)" }
}
