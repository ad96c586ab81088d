import InprocHost

/// Puts each planted bug in, and looks for it: a simulation that does not find them proves nothing.
struct SelfTest {
  /// What a planted bug is to be made as small as.
  private enum Target {
    static let clients = 2
    static let operations = 3
    static let departures = 3
    static let time = Duration.seconds(2)
    static let text =
      "\(clients) clients, \(operations) operations, \(departures) departures, \(time / .seconds(1)) s"
  }

  let seedsMax: UInt64
  let bugs: [PlantedBug]
  /// Where the smallest runs are noted.
  let corpus: Corpus?

  /// Returns whether all were found.
  func run() -> Bool {
    var missed: [String] = []
    var tooLarge: [String] = []
    for bug in bugs {
      let begun = ContinuousClock.now
      guard let (scenario, seed, result) = find(bug) else {
        missed.append("\(bug)")
        say("MISSED \(bug): not found under \(seedsMax) seeds")
        continue
      }
      let found = ContinuousClock.now
      let failure = scenario.failure(seed: seed, plan(bug), result)
      try? corpus?.add(failure)
      let over = targetsMissed(failure, time: ContinuousClock.now - found)
      if !over.isEmpty { tooLarge.append("\(bug)") }
      say(
        """
        \(over.isEmpty ? "found" : "LARGE") \(bug) in \(failure.scenario) at run \(seed + 1) \
        (\(milliseconds(found - begun))), \(failure.violation.kind): \(failure.clients) clients, \
        \(failure.script.count) operations, \(failure.faults.count) faults, \(failure.departures) departures; \
        shrunk in \(failure.shrinkingRuns) runs (\(milliseconds(ContinuousClock.now - found)))\
        \(over.isEmpty ? "" : "; over the target: \(over.joined(separator: ", "))")
        """)
    }
    let found = bugs.count - missed.count
    say("\(found) of \(bugs.count) planted bugs found, \(found - tooLarge.count) within \(Target.text)")
    if !missed.isEmpty { say("missed: \(missed.joined(separator: ", "))") }
    if !tooLarge.isEmpty { say("over a target: \(tooLarge.joined(separator: ", "))") }
    return missed.isEmpty
  }

  private func targetsMissed(_ failure: SimulationFailure, time: Duration) -> [String] {
    [
      failure.clients > Target.clients ? "clients" : nil,
      failure.script.count > Target.operations ? "operations" : nil,
      failure.departures > Target.departures ? "departures" : nil,
      time > Target.time ? "time" : nil,
    ].compactMap { $0 }
  }

  private func milliseconds(_ duration: Duration) -> String { "\(Int(duration / .milliseconds(1))) ms" }

  private func plan(_ bug: PlantedBug) -> SimulationPlan {
    var plan = SimulationPlan(seeds: 0..<seedsMax, planted: bug)
    plan.stepLimit = 20_000
    return plan
  }

  private func find(_ bug: PlantedBug) -> (HostScenario, UInt64, SimulationResult)? {
    let plan = plan(bug)
    for seed in plan.seeds {
      // Scenarios in turn, so that no bug waits for the last of them.
      let scenario = HostScenario.all[Int(seed) % HostScenario.all.count]
      let result = scenario.run(seed: seed, plan)
      if result.violation != nil { return (scenario, seed, result) }
    }
    return nil
  }
}
