import InprocHost
import Testing

@Suite("Simulated hosts")
struct HostSimulationTests {
  @Test(arguments: HostScenario.all.map(\.name))
  func `nothing is found under three hundred seeds`(_ name: String) throws {
    let scenario = try #require(HostScenario.all.first { $0.name == name })
    let whole = try scenario.simulate(SimulationPlan(seeds: 0..<40))
    #expect(whole.transactions >= 40 * 5)
    // Most of what can go wrong does so in parts of a script.
    var parts = SimulationPlan(seeds: 40..<300)
    parts.operationsMax = 2
    #expect(try whole.runs + scenario.simulate(parts).runs == 300)
  }

  @Test(arguments: HostScenario.all.map(\.name))
  func `the same seed gives the same run`(_ name: String) throws {
    let scenario = try #require(HostScenario.all.first { $0.name == name })
    let plan = SimulationPlan(seeds: 0..<8)
    var hashes: Set<UInt64> = []
    for seed in plan.seeds {
      let (first, second) = (scenario.run(seed: seed, plan), scenario.run(seed: seed, plan))
      #expect(first.traceHash == second.traceHash)
      #expect(first.steps == second.steps)
      hashes.insert(first.traceHash)
    }
    #expect(hashes.count == 8, "other seeds give other runs")
  }

  @Test func `a script's text is the script`() throws {
    for scenario in HostScenario.all {
      for seed in UInt64(0)..<10 {
        for operation in scenario.script(seed: seed) {
          #expect(HostOperation(operation.description) == operation)
        }
      }
    }
    for text in ["", "c0", "c0 x: nothing", "x x: deploy", "c0 x: sleep a", "c0 x: invoke a b c get k"] {
      #expect(HostOperation(text) == nil)
    }
  }

  @Test func `a replay takes the course of the run that it replays`() throws {
    let scenario = HostScenario.relaunch
    for seed in UInt64(0)..<5 {
      var plan = SimulationPlan(seeds: 0..<1, faults: .none)
      plan.strategies = [.keyed]
      let found = scenario.run(seed: seed, plan)
      var options = plan.options(seed)
      options.strategy = .replay(found.schedule)
      #expect(scenario.run(scenario.script(seed: seed), options).steps == found.steps)
    }
  }

  @Test func `a fault's text can be read`() {
    let text = "chaincodeExits@shim cc0:latest#3=250"
    #expect(FaultOccurrence(text)?.description == text)
    for text in ["", "chaincodeExits", "nothing@a#1=2", "clog@a#x=2", "clog@a=1#2"] {
      #expect(FaultOccurrence(text) == nil)
    }
    #expect(FaultPlan(name: "only:5,9") == .only([.chaincodeHangs, .timeoutRace]))
    #expect(FaultPlan(name: "only:99") == nil)
  }
}
