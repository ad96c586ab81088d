/// Runs a script under every schedule that departs from first come, first served at few steps.
///
/// What it has exhausted holds for sure: with so few departures this script cannot fail.
public struct ExhaustiveSearch<Scenario: SimulationScenario>: Sendable {
  /// What a search came to.
  public struct Outcome: Sendable {
    /// How many runs were made.
    public var runs = 0
    /// Whether every schedule was run.
    public var isExhausted = true
    /// The first schedule that failed, and why.
    public var failure: (schedule: Schedule, violation: SimulationViolation)?
  }

  private let scenario: Scenario
  private let script: [Scenario.Operation]
  private let base: SimulationWorld.Options
  private let runsMax: Int

  /// A search with this script, and the seed and faults of these options.
  public init(
    _ scenario: Scenario, script: [Scenario.Operation], options: SimulationWorld.Options, runsMax: Int = .max
  ) {
    self.scenario = scenario
    self.script = script
    self.base = options
    self.runsMax = runsMax
  }

  /// Runs all schedules with at most so many departures, those with fewer first.
  public func run(departuresMax: Int) -> Outcome {
    var outcome = Outcome()
    var frontier = [Schedule()]
    for depth in 0...max(0, departuresMax) {
      var next: [Schedule] = []
      for schedule in frontier {
        guard outcome.runs < runsMax else {
          outcome.isExhausted = false
          return outcome
        }
        let result = run(schedule)
        outcome.runs += 1
        if let violation = result.violation {
          outcome.failure = (schedule, violation)
          outcome.isExhausted = false
          return outcome
        }
        guard depth < departuresMax else { continue }
        let first = schedule.departures.last.map { $0.step + 1 } ?? 0
        for step in first..<max(first, result.trace.count) {
          for place in 1..<max(1, result.trace[step].ready) {
            next.append(Schedule(schedule.departures + [Schedule.Departure(step: step, choice: .job(place))]))
          }
          if base.timePressure != 0 {
            next.append(Schedule(schedule.departures + [Schedule.Departure(step: step, choice: .time)]))
          }
        }
      }
      frontier = next
    }
    return outcome
  }

  private func run(_ schedule: Schedule) -> SimulationResult {
    var options = base
    options.strategy = .replay(schedule)
    options.recordsSteps = true
    return scenario.run(script, options)
  }
}
