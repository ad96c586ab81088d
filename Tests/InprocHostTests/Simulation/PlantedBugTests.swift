import InprocHost
import Testing

@Suite("Planted bugs")
struct PlantedBugTests {
  private static let found: [(bug: PlantedBug, scenario: HostScenario)] = [
    (.without(.deliverOutcome), .traffic), (.without(.releaseContext), .traffic),
    (.without(.closeForeignSimulator), .calls), (.without(.unlockChaincode), .relaunch),
    (.without(.waitForTurn), .overload), (.skipReadCheck, .conflicts),
  ]

  @Test(arguments: found.indices)
  func `a planted bug is found, and shrunk to a few operations`(_ index: Int) throws {
    let (bug, scenario) = Self.found[index]
    var plan = SimulationPlan(seeds: 0..<400, planted: bug)
    plan.stepLimit = 20_000
    plan.shrinkingRunsMax = 1_000
    let failure = try #require(throws: SimulationFailure.self) { try scenario.simulate(plan) }
    #expect(failure.script.count <= 3, "\(failure)")
    #expect(failure.departures <= 3, "\(failure)")
    // What the report says to run fails again, and without the bug it does not.
    let again = try scenario.replay(
      seed: failure.seed, strategy: "\(failure.minimalStrategy)", script: failure.script,
      faults: failure.faults.map(\.description), planted: bug)
    #expect(again.violation?.kind == failure.violation.kind)
    let mended = try scenario.replay(
      seed: failure.seed, strategy: "\(failure.minimalStrategy)", script: failure.script,
      faults: failure.faults.map(\.description))
    #expect(mended.violation == nil)
  }

  @Test func `a report begins with what is wrong and how to see it again`() throws {
    let plan = SimulationPlan(seeds: 0..<10, planted: .without(.deliverOutcome))
    let failure = try #require(throws: SimulationFailure.self) { try HostScenario.traffic.simulate(plan) }
    let report = failure.description
    #expect(report.hasPrefix("simulation failed: deadlock"))
    #expect(report.contains("sequenceDiagram"))
    #expect(report.contains("inproc-peer simulate traffic --from \(failure.seed) --replay 'fifo+{"))
    #expect(failure.test(scenario: "HostScenario.traffic").contains("replay("))
  }

  @Test func `every planted bug has a name of its own`() {
    #expect(PlantedBug.allCases.count >= 25)
    #expect(Set(PlantedBug.allCases.map(\.description)).count == PlantedBug.allCases.count)
    for bug in PlantedBug.allCases { #expect(PlantedBug(name: bug.description) == bug) }
  }
}
