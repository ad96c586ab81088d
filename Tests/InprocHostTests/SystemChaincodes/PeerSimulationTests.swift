import InprocHost
import SystemChaincodes
import Testing

@Suite("Simulated peers")
struct PeerSimulationTests {
  @Test(arguments: PeerScenario.all.map(\.name))
  func `nothing is found under a hundred seeds`(_ name: String) throws {
    let scenario = try #require(PeerScenario.all.first { $0.name == name })
    let whole = try scenario.simulate(SimulationPlan(seeds: 0..<30))
    var parts = SimulationPlan(seeds: 30..<100)
    parts.operationsMax = 2
    #expect(try whole.runs + scenario.simulate(parts).runs == 100)
  }

  @Test func `versions take each other's place while calls are open`() throws {
    let summary = try PeerScenario.upgrade.simulate(SimulationPlan(seeds: 0..<30, faults: .none))
    #expect(summary.sometimes["an upgrade while calls were open", default: 0] > 0)
    #expect(summary.sometimes["a call ran on an older version than the newest", default: 0] > 0)
  }

  // MARK: Kept: what the simulation has found in the host

  @Test func `a version whose start nobody waits for any more is stopped when it is retired`() throws {
    // The start-up timeout passes at every step in turn; at some the caller of the upgrade gives up just before the start succeeds.
    for step in 60..<140 {
      let result = try PeerScenario.upgrade.replay(
        seed: 0, strategy: "fifo+{\(step):t}", script: ["c0 u0: upgrade"])
      #expect(result.violation == nil, "at step \(step)")
    }
  }

  @Test func `a call that comes while a chaincode that has exited is torn down starts it again`() throws {
    let result = try PeerScenario.joins.replay(
      seed: 202, script: ["t0", "t1", "t3", "t5", "t6", "t7"].map { "c0 \($0): invoke" },
      faults: ["chaincodeExits@shim assets:1#25=932", "sectionSplit@containerEnds assets:1#1=279"])
    #expect(result.violation == nil)
  }

  @Test func `an operation's text is the operation`() {
    for scenario in PeerScenario.all {
      for seed in UInt64(0)..<10 {
        for operation in scenario.script(seed: seed) {
          #expect(PeerOperation(operation.description) == operation)
        }
      }
    }
    for text in ["", "c0 x", "c0 x: nothing", "x x: invoke", "c0 x: join a", "c0 x: query now"] {
      #expect(PeerOperation(text) == nil)
    }
  }
}
