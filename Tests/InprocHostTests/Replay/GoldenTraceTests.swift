import InprocPeer
import Testing

@Suite("Reading golden files")
struct GoldenTraceTests {
  static let texts: [(json: String, reason: String)] = [
    ("", "is no JSON"), ("[]", "its format is not goldentrace/1"), ("{}", "its format is not goldentrace/1"),
    (#"{"format":7}"#, "format: is no text"), (#"{"format":"goldentrace/1"}"#, "has no fabric"),
    (#"{"format":"goldentrace/1","fabric":"2.5"}"#, "is of Fabric 2.5, which is neither 1.4 nor 3.1"),
    (#"{"format":"goldentrace/1","fabric":"3.1.5"}"#, "has no scenario"),
    (#"{"format":"goldentrace/1","fabric":"3.1.5","scenario":{}}"#, "scenario: has no name"),
    (
      #"{"format":"goldentrace/1","fabric":"3.1.5","scenario":{"name":"x","steps":[{"kind":"jump"}]}}"#,
      "scenario.steps[0]: has the unknown kind jump"
    ),
    (
      #"{"format":"goldentrace/1","fabric":"3.1.5","scenario":{"name":"x"},"steps":[{"kind":"sleep"}]}"#,
      "has more golden steps than its scenario"
    ),
    (
      #"{"format":"goldentrace/1","fabric":"release-1.4","scenario":{"name":"x"},"#
        + #""registration":[{"messages":[{"dir":"up","cc":"a","type":"b","bytes":""}]}]}"#,
      "registration[0].messages[0]: has the unknown direction up"
    ),
    (
      #"{"format":"goldentrace/1","fabric":"release-1.4","scenario":{"name":"x"},"#
        + #""registration":[{"messages":[{"dir":"peer->chaincode","cc":"a","type":"b","bytes":"0"}]}]}"#,
      "registration[0].messages[0].bytes: is not hexadecimal"
    ),
  ]

  @Test("what is no golden file is refused with the place and the reason", arguments: texts)
  func refuses(_ text: (json: String, reason: String)) {
    let error = #expect(throws: GoldenError.self) { try GoldenTrace(json: Array(text.json.utf8)) }
    #expect(error?.description.contains(text.reason) == true, "\(error?.description ?? "")")
  }

  @Test("a file cut anywhere is refused or replayed, never trapped on")
  func cutAnywhere() throws {
    let bytes = try GoldenFiles.bytes("traces/h002_empty_ops.json")
    for end in stride(from: 0, to: bytes.count, by: 101) {
      #expect(throws: GoldenError.self) { try GoldenTrace(json: Array(bytes[..<end])) }
    }
  }

  @Test(
    "the command's exit codes",
    arguments: [
      (["--help"], 0), ([], 2), (["--fast"], 2), (["/no/such/file.json"], 2),
      ([GoldenFiles.path("tables/facts.json")], 2), ([GoldenFiles.path("traces/h002_empty_ops.json")], 0),
      ([GoldenFiles.path("traces/h002_empty_ops.json"), "/no/such/file.json"], 2),
    ] as [([String], Int32)])
  func exitCodes(_ arguments: [String], _ code: Int32) async {
    #expect(await ReplayCommand().run(arguments: arguments) == code)
  }
}
