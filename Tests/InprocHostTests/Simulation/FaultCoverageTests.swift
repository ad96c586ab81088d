import InprocHost
import Testing

@Suite("Faults and states")
struct FaultCoverageTests {
  @Test func `every pair of fault and state can happen or has a reason why not`() {
    let possible = Set(FaultCoverage.possible)
    let impossible = Set(FaultCoverage.impossible.map(\.pair))
    #expect(possible.count == FaultCoverage.possible.count)
    #expect(possible.isDisjoint(with: impossible))
    #expect(possible.count + impossible.count == FaultKind.allCases.count * MachineState.allCases.count)
    #expect(FaultCoverage.impossible.allSatisfy { !$0.reason.isEmpty })
    for kind in FaultKind.allCases { #expect(possible.contains { $0.fault == kind }, "\(kind)") }
  }

  @Test func `most pairs of fault and state are met, and none that the table rules out`() {
    var summary = SimulationSummary()
    for scenario in HostScenario.all {
      let plan = SimulationPlan(seeds: 0..<40)
      for seed in plan.seeds { summary.add(scenario.run(seed: seed, plan)) }
    }
    let coverage = summary.faultCoverage
    #expect(coverage.unexpected.isEmpty, "\(coverage.unexpected)")
    // Nine of ten take a few hundred seeds more; the command line has the time for them.
    #expect(coverage.met.count * 10 >= FaultCoverage.possible.count * 8, "\(coverage.missing)")
    #expect(EveryFaultHappens().unmet(in: summary).isEmpty)
    #expect(summary.sometimes["a transaction was refused at commit", default: 0] > 0)
  }

  @Test func `a goal names what is missing`() {
    let summary = SimulationSummary()
    #expect(EveryFaultHappens().unmet(in: summary).count == FaultKind.allCases.count)
    #expect(FaultsMeetStates().unmet(in: summary).count == FaultCoverage.possible.count)
    #expect(EveryStateIsMet().unmet(in: summary).count == StateCoverage.all.count)
  }
}
