/// Runs a script under every schedule that departs from first come, first served at few steps, and if that is asked for stops
/// the host at every step of each of them.
///
/// What it has exhausted holds for sure: with so few departures this script cannot fail. Two schedules never are the same run,
/// since the state after a step depends on nothing but the jobs that ran; so none is left out.
///
/// It goes level by level, those with fewer choices first. Any number of threads may ``work(while:)`` on a level.
public final class ExhaustiveSearch<Scenario: SimulationScenario>: Sendable {
  /// What a search came to.
  public struct Outcome: Sendable {
    /// How many runs were made.
    public var runs = 0
    /// How many schedules are known to belong to the search; all of them once the last level has begun.
    public var known = 1
    /// Whether every schedule was run.
    public var isExhausted = false
    /// The first schedule that failed, and why.
    public var failure: (schedule: Schedule, violation: SimulationViolation)?
  }

  /// What can come at one step of a run.
  private struct Moment: Sendable {
    let ready: UInt16
    let isAfterIdle: Bool
    let mayStop: Bool
  }

  /// A schedule whose run has shown what else could have come.
  private struct Node: Sendable {
    let choices: [Schedule.Departure]
    let moments: [Moment]
  }

  private struct State {
    var outcome = Outcome()
    /// The schedules of which this level's have one choice more; `nil` before the first run.
    var parents: [Node]?
    var nextParent = 0
    /// By their parent.
    var children: [[Node]] = []
    /// The failure that comes first in the level's order.
    var failure: (parent: Int, schedule: Schedule, violation: SimulationViolation)?
    var isCutShort = false
  }

  private let scenario: Scenario
  private let script: [Scenario.Operation]
  private let base: SimulationWorld.Options
  private let departuresMax: Int
  private let stops: Bool
  private let runsMax: Int
  private let state = Locked(State())

  /// A search with this script, and the seed and faults of these options.
  ///
  /// - Parameters:
  ///   - scenario: what runs the script.
  ///   - script: the script.
  ///   - options: the seed and the faults.
  ///   - departuresMax: at how many steps a schedule may depart from first come, first served.
  ///   - stops: whether the host is stopped, at every step that it lives to see; a stop is no departure.
  ///   - runsMax: after how many runs the search is given up.
  public init(
    _ scenario: Scenario, script: [Scenario.Operation], options: SimulationWorld.Options, departuresMax: Int,
    stops: Bool = false, runsMax: Int = .max
  ) {
    self.scenario = scenario
    self.script = script
    self.base = options
    self.departuresMax = max(0, departuresMax)
    self.stops = stops
    self.runsMax = runsMax
  }

  /// What the search has come to so far.
  public var outcome: Outcome { state.withLock { $0.outcome } }

  /// Runs all schedules, on the thread that calls.
  public func run() -> Outcome {
    repeat { work() } while advance()
    return outcome
  }

  /// Runs schedules of the level until none is left that nobody else has taken.
  ///
  /// - Parameter goesOn: asked before every run; false gives the search up.
  public func work(while goesOn: () -> Bool = { true }) {
    while let (index, parent) = takeParent() {
      var children: [Node] = []
      for choices in parent.map(extensions) ?? [[]] {
        guard goesOn(), countRun() else {
          state.withLock { $0.isCutShort = true }
          return
        }
        let result = run(choices)
        if let violation = result.violation {
          fail(index, choices, violation)
          break
        }
        if canGrow(choices) {
          children.append(Node(choices: choices, moments: result.trace.map(Self.moment)))
        }
      }
      let own = children
      state.withLock { $0.children[index] = own }
    }
  }

  /// Goes on to the schedules with one choice more, when nobody works any more; false if the search has ended.
  public func advance() -> Bool {
    state.withLock { state in
      if let failure = state.failure {
        state.outcome.failure = (failure.schedule, failure.violation)
        return false
      }
      guard !state.isCutShort else { return false }
      let parents = state.children.flatMap { $0 }
      guard !parents.isEmpty else {
        state.outcome.isExhausted = true
        return false
      }
      state.outcome.known += parents.reduce(0) { $0 + extensions(of: $1).count }
      state.children = Array(repeating: [], count: parents.count)
      state.parents = parents
      state.nextParent = 0
      return true
    }
  }

  // MARK: Parts

  private func takeParent() -> (index: Int, node: Node?)? {
    state.withLock { state in
      let index = state.nextParent
      // Whatever comes behind a failure makes no difference.
      guard !state.isCutShort, index < state.failure?.parent ?? .max else { return nil }
      state.nextParent += 1
      guard let parents = state.parents else {
        guard index == 0 else { return nil }
        state.children = [[]]
        return (0, nil)
      }
      return index < parents.count ? (index, parents[index]) : nil
    }
  }

  private func countRun() -> Bool {
    state.withLock { state in
      guard state.outcome.runs < runsMax else { return false }
      state.outcome.runs += 1
      return true
    }
  }

  private func fail(_ parent: Int, _ choices: [Schedule.Departure], _ violation: SimulationViolation) {
    state.withLock { state in
      if parent < state.failure?.parent ?? .max {
        state.failure = (parent, schedule(choices), violation)
      }
    }
  }

  /// The choices of a schedule with one more behind them, in the order of the steps.
  private func extensions(of node: Node) -> [[Schedule.Departure]] {
    let first = node.choices.last.map { $0.step + 1 } ?? 0
    let mayDepart = node.choices.count(where: { !$0.isStop }) < departuresMax
    let mayStop = stops && !node.choices.contains(where: \.isStop)
    var extensions: [[Schedule.Departure]] = []
    for step in first..<max(first, node.moments.count) {
      let moment = node.moments[step]
      func add(_ choice: Schedule.Choice) {
        extensions.append(node.choices + [Schedule.Departure(step: step, choice: choice)])
      }
      if mayStop && moment.mayStop {
        if moment.isAfterIdle { add(.stopAtIdle) }
        add(.stop)
      }
      if mayDepart {
        for place in 1..<max(1, Int(moment.ready)) { add(.job(place)) }
        if base.timePressure != 0 { add(.time) }
      }
    }
    return extensions
  }

  private func canGrow(_ choices: [Schedule.Departure]) -> Bool {
    let stopsSoFar = choices.count(where: \.isStop)
    return choices.count - stopsSoFar < departuresMax || (stops && stopsSoFar == 0)
  }

  private static func moment(_ step: Simulator.Step) -> Moment {
    Moment(
      ready: UInt16(clamping: step.ready), isAfterIdle: step.isAfterIdle, mayStop: step.mayStop)
  }

  private func schedule(_ choices: [Schedule.Departure]) -> Schedule {
    // A stop that never comes, so that the run is one of those that are stopped.
    let waits = stops && !choices.contains(where: \.isStop)
    return Schedule(waits ? choices + [Schedule.Departure(step: .max, choice: .stop)] : choices)
  }

  private func run(_ choices: [Schedule.Departure]) -> SimulationResult {
    var options = base
    options.strategy = .replay(schedule(choices))
    options.recordsSteps = canGrow(choices)
    return scenario.run(script, options)
  }
}
