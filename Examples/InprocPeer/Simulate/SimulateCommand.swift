import Foundation
import InprocHost

/// `inproc-peer simulate`: runs scenarios under many seeds.
struct SimulateCommand {
  func run(arguments: [String]) async -> Int32 {
    if arguments.first == "--self-test" {
      let bugs = arguments.dropFirst().compactMap { PlantedBug(name: $0) }
      return SelfTest(seedsMax: 2000, only: bugs.isEmpty ? PlantedBug.allCases : bugs).run() ? 0 : 6
    }
    let name = arguments.first ?? "traffic"
    let seeds = UInt64(arguments.dropFirst().first ?? "100") ?? 100
    let from = UInt64(arguments.dropFirst(2).first ?? "0") ?? 0
    var bad = 0
    for scenario in HostScenario.all where name == "all" || scenario.name == name {
      let plan = SimulationPlan(seeds: from..<(from + seeds))
      var summary = SimulationSummary()
      let begun = ContinuousClock.now
      if arguments.count > 3 {
        var options = plan.options(from)
        options.records = true
        let result = scenario.run(scenario.script(seed: from), options)
        for event in result.events { print(event.step, event.from, "->", event.to, event.text) }
        if arguments[3] == "trace" {
          for (index, step) in result.trace.enumerated() { print(index, step.task, step.ready, step.time) }
        }
        print(result.violation.map { "\($0)" } ?? "fine")
        continue
      }
      for seed in plan.seeds {
        let result = scenario.run(seed: seed, plan)
        summary.add(result)
        if let violation = result.violation {
          bad += 1
          if bad < 12 {
            print(scenario.name, seed, plan.options(seed).strategy, result.steps, "\(violation)".prefix(900))
            print("   ", result.faults.prefix(12))
          }
        }
      }
      let time = (ContinuousClock.now - begun) / .seconds(1)
      print(
        scenario.name, "runs", summary.runs, "bad", bad, "seeds/s", Int(Double(summary.runs) / time), "steps/s",
        Int(Double(summary.steps) / time), "tx", summary.transactions, "hash", String(summary.hash, radix: 16),
        "cov", summary.coverage.met.count, "of", StateCoverage.all.count)
    }
    return bad == 0 ? 0 : 1
  }
}
