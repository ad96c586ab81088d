import InprocHost

/// Puts each planted bug in, and looks for it: a simulation that does not find them proves nothing.
struct SelfTest {
  let seedsMax: UInt64
  let only: [PlantedBug]

  func run() -> Bool {
    var missed: [String] = []
    for bug in only {
      if !find(bug) { missed.append("\(bug)") }
    }
    print(missed.isEmpty ? "all \(only.count) planted bugs were found" : "missed: \(missed.joined(separator: ", "))")
    return missed.isEmpty
  }

  private func find(_ bug: PlantedBug) -> Bool {
    var plan = SimulationPlan(seeds: 0..<seedsMax, planted: bug)
    plan.stepLimit = 20_000
    for seed in plan.seeds {
      // Scenarios in turn, so that no bug waits for the last of them.
      let scenario = HostScenario.all[Int(seed) % HostScenario.all.count]
      let result = scenario.run(seed: seed, plan)
      guard result.violation != nil else { continue }
      let failure = scenario.failure(seed: seed, plan, result)
      let clients = Set(failure.script.compactMap { $0.split(separator: " ").first }).count
      print(
        "found \(bug): run \(seed + 1), \(scenario.name), \(failure.violation.kind); \(clients) clients,",
        "\(failure.script.count) operations, \(failure.faults.count) faults, \(failure.departures) departures,",
        "\(failure.shrinkingRuns) runs to shrink")
      return true
    }
    return false
  }
}
