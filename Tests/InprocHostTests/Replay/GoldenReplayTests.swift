import InprocPeer
import Testing

@Suite("Golden files of real Fabric")
struct GoldenReplayTests {
  @Test("the package holds all that were given")
  func count() {
    #expect(GoldenFiles.names.count == 193)
  }

  /// What DESIGN §4 changes on purpose, only where Fabric timed out or died.
  static let byDesign: [String: [DesignDifference: Int]] = [
    "traces/h104_commit_panic.json": [.panic: 1],
    "traces/h112_execute_timeout_same_txid.json": [.earlierRun: 1],
    // Both the caller and the callee end at the deadline, in the step itself and in the one behind it.
    "traces/h113_execute_timeout_callee.json": [.deadline: 2],
    "v3_1/traces/c111_execute_timeout.json": [.deadline: 1],
  ]

  @Test("a scenario does here what it did there, byte for byte", arguments: GoldenFiles.names)
  func replays(_ name: String) throws {
    let outcome = try GoldenFiles.replay(name)
    #expect(outcome.difference == nil)
    #expect(outcome.comparedMessages > 0)
    #expect(outcome.byDesign == Self.byDesign[name] ?? [:])
  }
}
