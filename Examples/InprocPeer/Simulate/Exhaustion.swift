import InprocHost
import SystemChaincodes

/// Runs the small scripts under every schedule with few departures, and stops the host at every step of each of them.
struct Exhaustion {
  let options: SimulateOptions
  private let begun = ContinuousClock.now

  init(_ options: SimulateOptions) {
    self.options = options
  }

  /// Returns the exit code.
  func run() async -> Int32 {
    let departures = options.exhaust ?? 0
    var total = 0
    var isExhausted = true
    for scenario in options.scenarios.map(Self.small) {
      for (departures, stops) in [(departures, false), (options.stops ?? departures, true)] {
        let part = await run(scenario, departures, stops: stops)
        total += part.runs
        isExhausted = isExhausted && part.isExhausted
        if let code = part.exitCode { return code }
      }
    }
    let seconds = elapsed
    say(
      "\(isExhausted ? "exhausted" : "not exhausted"): \(total) runs in \(Int(seconds)) s, \(Int(Double(total) / max(seconds, 0.001))) runs/s"
    )
    return 0
  }

  private typealias Part = (runs: Int, isExhausted: Bool, exitCode: Int32?)

  /// All seeds of one scenario; each seed is another configuration of host and ledger.
  private func run(_ scenario: some SimulationScenario, _ departures: Int, stops: Bool) async -> Part {
    let part = ContinuousClock.now
    var runs = 0
    var known = 0
    var isExhausted = true
    for seed in options.plan.seeds {
      let script = scenario.script(seed: seed)
      var world = SimulationWorld.Options(
        seed: seed, strategy: .fifo, faults: .none, planted: options.planted)
      world.timePressure = 0
      world.stepLimit = 20_000
      let search = ExhaustiveSearch(
        scenario, script: script, options: world, departuresMax: departures, stops: stops)
      let outcome = await run(search)
      runs += outcome.runs
      known += outcome.known
      isExhausted = isExhausted && outcome.isExhausted
      if let failure = outcome.failure {
        say("FAILED: \(scenario.name), seed \(seed): \(failure.violation)")
        say(
          "see it again: inproc-peer simulate \(scenario.name) --from \(seed) --replay '\(failure.schedule)'"
            + " --script '\(script.map { "\($0)" }.joined(separator: " | "))'"
            + (options.planted.map { " --plant \($0)" } ?? ""))
        return (runs, false, SimulateCommand.exitCode(failure.violation))
      }
    }
    let seconds = (ContinuousClock.now - part) / .seconds(1)
    say(
      """
      \(scenario.name): \(isExhausted ? "exhausted" : "not exhausted: \(runs) of at least \(known)"), \
      \(isExhausted ? "\(runs) " : "")schedules with at most \(departures) departures\
      \(stops ? " and a stop of the host at every step" : "")\
      \(options.seeds == 1 ? "" : ", under \(options.seeds) seeds") (\(Int(seconds)) s)
      """)
    return (runs, isExhausted, nil)
  }

  /// One level after the other, each on all workers.
  private func run<Scenario>(_ search: ExhaustiveSearch<Scenario>) async -> ExhaustiveSearch<Scenario>.Outcome
  {
    repeat {
      await withDiscardingTaskGroup { group in
        for worker in 0..<options.workers {
          // A worker holds its thread for long, so it has one of its own.
          let executor = DedicatedExecutor(name: "exhaust-\(worker)")
          group.addTask(executorPreference: executor) {
            search.work { !isLate }
            executor.shutDown()
          }
        }
      }
    } while search.advance()
    return search.outcome
  }

  private var elapsed: Double { (ContinuousClock.now - begun) / .seconds(1) }

  private var isLate: Bool { options.minutes.map { elapsed >= $0 * 60 } ?? false }

  /// The scenario as small as it is kept for this.
  private static func small(_ scenario: any SimulationScenario) -> any SimulationScenario {
    SimulateOptions.smallScenarios.first { $0.name == "small-\(scenario.name)" } ?? scenario
  }
}
