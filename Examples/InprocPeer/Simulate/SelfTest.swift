import InprocHost

/// Puts each planted bug in, and looks for it: a simulation that does not find them proves nothing.
struct SelfTest {
  let seedsMax: UInt64
  let shrinkingRunsMax: Int
  let bugs: [PlantedBug]

  func run() -> Bool {
    var missed: [String] = []
    for bug in bugs {
      let begun = ContinuousClock.now
      guard let failure = find(bug) else {
        missed.append("\(bug)")
        say("missed \(bug)")
        continue
      }
      let clients = Set(failure.script.compactMap { $0.split(separator: " ").first }).count
      say(
        """
        found \(bug) in \(failure.scenario) at run \(failure.seed + 1), \(failure.violation.kind): \(clients) clients, \
        \(failure.script.count) operations, \(failure.faults.count) faults, \(failure.departures) departures, \
        \(failure.shrinkingRuns) runs to shrink, \((ContinuousClock.now - begun) / .milliseconds(1)) ms
        """)
    }
    say(
      missed.isEmpty
        ? "all \(bugs.count) planted bugs were found" : "missed: \(missed.joined(separator: ", "))")
    return missed.isEmpty
  }

  private func find(_ bug: PlantedBug) -> SimulationFailure? {
    var plan = SimulationPlan(seeds: 0..<seedsMax, planted: bug)
    plan.stepLimit = 20_000
    plan.shrinkingRunsMax = shrinkingRunsMax
    for seed in plan.seeds {
      // Scenarios in turn, so that no bug waits for the last of them.
      let scenario = HostScenario.all[Int(seed) % HostScenario.all.count]
      let result = scenario.run(seed: seed, plan)
      if result.violation != nil { return scenario.failure(seed: seed, plan, result) }
    }
    return nil
  }
}
