import Foundation
import InprocHost
import Testing

@Suite("What the simulation has found")
struct SimulationCorpusTests {
  private static let file = Bundle.module.bundleURL.appendingPathComponent("Golden/Simulation/corpus.tsv")

  @Test func `nothing that was found once comes back`() throws {
    let text = try String(contentsOf: Self.file, encoding: .utf8)
    let entries = try SimulationCorpusEntry.entries(of: text)
    #expect(entries.count >= 10)
    for entry in entries {
      let scenario = try #require(HostScenario.all.first { $0.name == entry.scenario })
      #expect(try scenario.replay(entry).violation == nil, "\(entry)")
    }
  }

  @Test func `an entry's text can be read`() throws {
    let text = "traffic\t31\tfifo+{3:1}\tc0 tx7: invoke cc0 ch0 5 get k1|c1 n: deploy\tclog@shim cc0#3=8"
    let entry = try #require(SimulationCorpusEntry(text))
    #expect(entry.description == text)
    #expect(entry.script.count == 2)
    #expect(entry.faults == ["clog@shim cc0#3=8"])
    for text in ["", "traffic", "traffic\tx\tfifo\t\t", "\t1\tfifo\t\t", "traffic\t1\tfifo\t\t\t"] {
      #expect(SimulationCorpusEntry(text) == nil)
    }
    #expect(throws: SimulationTextError.self) { try SimulationCorpusEntry.entries(of: "# fine\nnot fine") }
  }

  @Test func `a failure becomes an entry that replays it`() throws {
    let plan = SimulationPlan(seeds: 0..<10, planted: .without(.unlockChaincode))
    let failure = try #require(throws: SimulationFailure.self) { try HostScenario.relaunch.simulate(plan) }
    let entry = try #require(SimulationCorpusEntry("\(SimulationCorpusEntry(failure))"))
    #expect(entry == SimulationCorpusEntry(failure))
    #expect(try HostScenario.relaunch.replay(entry).violation == nil, "without the bug nothing is wrong")
  }
}
