/// Something that is done to a host in every order: a script, what runs it, and what has to hold.
public protocol SimulationScenario: Sendable {
  /// One step of a script.
  associatedtype Operation: SimulationOperation

  /// The name.
  var name: String { get }

  /// What a run has to keep to; a new one for every run.
  var invariants: [any SimulationInvariant] { get }

  /// The script of a run. Depends on `draw` alone.
  func script(_ draw: Draw) -> [Operation]

  /// Runs a script. Any part of a script is a script.
  ///
  /// - Throws: what hinders it; that fails the run.
  func run(_ script: [Operation], in world: SimulationWorld) async throws
}

extension SimulationScenario {
  /// What holds for every host.
  public var invariants: [any SimulationInvariant] {
    [
      .everyExecuteEndsOnce, .transactionsAreCounted, .protocolIsKept, .callsEndWithTheirCaller,
      .nothingOutlivesItsTransaction, .nothingIsLeft,
    ]
  }
}

/// One step of a script, with a text that a report can show and a command line take.
public protocol SimulationOperation: Sendable, Hashable, LosslessStringConvertible {
  /// Operations that do less, for a script that still fails.
  var smaller: [Self] { get }
}

extension SimulationOperation {
  /// None.
  public var smaller: [Self] { [] }
}

/// What one run came to.
public struct SimulationResult: Sendable {
  /// Why it failed; `nil` if it did not.
  public let violation: SimulationViolation?
  /// How many choices were made.
  public let steps: Int
  /// A number for its whole course.
  public let traceHash: UInt64
  /// Its choices.
  public let schedule: Schedule
  /// The faults that happened.
  public let faults: [FaultOccurrence]
  /// How often each kind of fault has happened, by its number.
  public let faultCounts: [Int]
  /// In which states they have happened.
  public let faultCoverage: FaultCoverage
  /// What a report shows; empty unless the run kept it.
  public let events: [SimulationWorld.Event]
  /// The steps; empty unless the run kept them.
  public let trace: [Simulator.Step]
  /// How often each rare thing has happened.
  public let sometimes: [String: Int]
  /// Which pairs of state and message were met.
  public let coverage: StateCoverage
  /// How many transactions were run.
  public let transactions: Int
}

extension SimulationScenario {
  /// Runs a script once, in a world of these options; waits until it has ended, on the thread that calls.
  public func run(_ script: [Operation], _ options: SimulationWorld.Options) -> SimulationResult {
    let world = SimulationWorld(options)
    let invariants = invariants
    world.observe(invariants)
    let watch = options.watchdog?.watch(world.simulator, scenario: name, seed: options.seed)
    defer { if let watch { options.watchdog?.forget(watch) } }
    let end = world.simulator.run(
      afterStep: {
        for invariant in invariants {
          if let text = invariant.afterStep(in: world) { world.fail(invariant.name, text) }
        }
        return !world.hasFailed
      },
      atIdle: {
        for invariant in invariants {
          if let text = invariant.atIdle(in: world) { world.fail(invariant.name, text) }
        }
        return !world.hasFailed
      },
      { [self] in
        do {
          try await run(script, in: world)
        } catch {
          if !Task.isCancelled { world.fail(.scenario, "the scenario threw: \(error)") }
        }
      })
    world.judge(end, invariants)
    let result = world.result
    if end != .finished { world.simulator.abandon() }
    return result
  }
}

extension SimulationWorld {
  var hasFailed: Bool { record.withLock { $0.violation != nil } }

  func fail(_ kind: SimulationViolation.Kind, _ text: String) {
    record.withLock { record in
      if record.violation == nil { record.violation = SimulationViolation(kind, text) }
    }
  }

  fileprivate func observe(_ invariants: [any SimulationInvariant]) {
    let observer = WorldObserver(self, invariants: invariants)
    record.withLock { $0.observer = observer }
  }

  fileprivate func judge(_ end: Simulator.End, _ invariants: [any SimulationInvariant]) {
    let calls = record.withLock {
      $0.openCalls.sorted { ($0.label, $0.number) < ($1.label, $1.number) }
        .map { "\($0.label) since step \($0.step)" }
    }
    func waiting(_ tasks: [String]) -> String {
      "open: \(calls.isEmpty ? "no call" : calls.joined(separator: ", ")); tasks: \(tasks.prefix(8).joined(separator: ", "))"
    }
    switch end {
    case .finished:
      for invariant in invariants {
        if let text = invariant.atEnd(in: self) { fail(invariant.name, text) }
      }
      let hosts = record.withLock { record in
        record.observer = nil
        defer { record.hosts = [] }
        return record.hosts.map { WeakHost(host: $0) }
      }
      let alive = hosts.filter { $0.host != nil }.count
      if alive > 0 {
        fail(.leak, "\(alive) of \(hosts.count) hosts are still referred to by something after the end")
      }
    case .deadlock(let tasks): fail(.deadlock, waiting(tasks))
    case .livelock(let tasks): fail(.livelock, "no end after \(simulator.steps) steps; \(waiting(tasks))")
    case .escape(let tasks):
      fail(.escape, "resumed by a foreign thread: \(tasks.joined(separator: ", "))")
    case .blocked(let task): fail(.blocked, "a step of \(task) has held the thread for too long")
    case .stopped: break
    }
  }

  fileprivate var result: SimulationResult {
    record.withLock { record in
      SimulationResult(
        violation: record.violation, steps: simulator.steps, traceHash: simulator.traceHash,
        schedule: simulator.schedule, faults: faults.fired, faultCounts: faults.counts,
        faultCoverage: faults.coverage, events: record.events,
        trace: simulator.trace,
        sometimes: record.sometimes, coverage: record.coverage, transactions: record.transactions)
    }
  }
}

/// A host that is not kept alive.
private struct WeakHost: Sendable {
  weak let host: ChaincodeHost?
}
