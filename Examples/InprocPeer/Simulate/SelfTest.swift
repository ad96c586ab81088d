import InprocHost

/// Puts each planted bug in, and looks for it: a simulation that does not find them proves nothing.
struct SelfTest {
  /// What a planted bug is to be made as small as.
  private enum Target {
    static let clients = 2
    static let operations = 3
    static let departures = 3
    static let time = Duration.seconds(2)
    /// How many are tried until one is small enough.
    static let counterexamples = 5
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
      guard let counterexample = smallest(bug) else {
        missed.append("\(bug)")
        say("MISSED \(bug): not found under \(seedsMax) seeds")
        continue
      }
      let (failure, over) = (counterexample.failure, counterexample.targetsMissed)
      try? corpus?.add(failure)
      if !over.isEmpty { tooLarge.append("\(bug)") }
      say(
        """
        \(over.isEmpty ? "found" : "LARGE") \(bug) in \(failure.scenario) at run \(counterexample.seed + 1) \
        (\(milliseconds(counterexample.search))), \(failure.violation.kind): \(failure.clients) clients, \
        \(failure.script.count) operations, \(failure.faults.count) faults, \(failure.departures) departures; \
        shrunk in \(failure.shrinkingRuns) runs (\(milliseconds(counterexample.shrinking)))\
        \(over.isEmpty ? "" : "; over the target: \(over.joined(separator: ", "))")
        """)
    }
    let found = bugs.count - missed.count
    say("\(found) of \(bugs.count) planted bugs found, \(found - tooLarge.count) within \(Target.text)")
    if !missed.isEmpty { say("missed: \(missed.joined(separator: ", "))") }
    if !tooLarge.isEmpty { say("over a target: \(tooLarge.joined(separator: ", "))") }
    return missed.isEmpty
  }

  /// What a bug was made as small as.
  private struct Counterexample {
    let seed: UInt64
    let failure: SimulationFailure
    let search: Duration
    let shrinking: Duration

    var targetsMissed: [String] {
      [
        failure.clients > Target.clients ? "clients" : nil,
        failure.script.count > Target.operations ? "operations" : nil,
        failure.departures > Target.departures ? "departures" : nil,
        shrinking > Target.time ? "time" : nil,
      ].compactMap { $0 }
    }
  }

  /// The first counterexample that can be made small enough, of a few: some find the bug by a detour that they cannot do without.
  private func smallest(_ bug: PlantedBug) -> Counterexample? {
    var smallest: Counterexample?
    var next: UInt64 = 0
    for _ in 0..<Target.counterexamples {
      let begun = ContinuousClock.now
      guard let (scenario, seed, result) = find(bug, from: next) else { break }
      let found = ContinuousClock.now
      let failure = scenario.failure(seed: seed, plan(bug), result)
      let counterexample = Counterexample(
        seed: seed, failure: failure, search: found - begun, shrinking: ContinuousClock.now - found)
      if counterexample.targetsMissed.isEmpty { return counterexample }
      if failure.departures < smallest?.failure.departures ?? .max { smallest = counterexample }
      next = seed + 1
    }
    return smallest
  }

  private func milliseconds(_ duration: Duration) -> String { "\(Int(duration / .milliseconds(1))) ms" }

  private func plan(_ bug: PlantedBug) -> SimulationPlan {
    var plan = SimulationPlan(seeds: 0..<seedsMax, planted: bug)
    plan.stepLimit = 20_000
    return plan
  }

  private func find(
    _ bug: PlantedBug, from first: UInt64
  ) -> (HostScenario, UInt64, SimulationResult)? {
    let plan = plan(bug)
    for seed in plan.seeds where seed >= first {
      // Scenarios in turn, so that no bug waits for the last of them.
      let scenario = HostScenario.all[Int(seed) % HostScenario.all.count]
      let result = scenario.run(seed: seed, plan)
      if result.violation != nil { return (scenario, seed, result) }
    }
    return nil
  }
}
