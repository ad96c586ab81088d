import InprocHost
import InprocPeer
import MessageFSM
import Testing

/// What differs from Fabric on purpose, in files made for it: what Fabric would do is known from its source.
@Suite("Differences by design")
struct DesignDifferenceTests {
  private struct Call {
    let txid: WireString
    let channel: WireString
    let operations: String

    var scenario: String {
      let quoted = JSONValue.string(WireString(operations)).text
      return """
        {"kind":"invoke","txid":"\(txid)","channel":"\(channel)","chaincode":"cc1","proposal":"none",
        "ops":\(String(decoding: quoted, as: UTF8.self))
        """
    }

    /// The golden step; `end` is its result or error.
    func golden(_ end: String) -> String {
      let args = ScriptedChaincode.input(operations).args.map { "\"\($0.hex)\"" }.joined(separator: ",")
      return #"{"kind":"invoke","txid":"\#(txid)","simulator":false,"args":[\#(args)],\#(end)"#
    }

    var begin: String {
      message(true, .transaction(ScriptedChaincode.input(operations)), "TRANSACTION")
    }

    func completed(_ payload: String) -> String {
      message(false, .completed(.success(Array(payload.utf8))), "COMPLETED")
    }

    private func message(_ fromPeer: Bool, _ payload: Payload, _ type: String) -> String {
      let bytes = ChaincodeMessage(payload, txid: txid, channelID: channel).wireBytes().hex
      let direction = fromPeer ? "peer->chaincode" : "chaincode->peer"
      return #"{"dir":"\#(direction)","cc":"cc1","type":"\#(type)","bytes":"\#(bytes)"}"#
    }
  }

  /// A file with one parallel step; the registration is that of a real file.
  private static func replay(_ calls: [(call: Call, delay: Int, golden: String)], messages: [String])
    throws -> ReplayOutcome
  {
    let real = try JSONValue(parsing: GoldenFiles.bytes("traces/h002_empty_ops.json"))
    guard case .array(let registrations)? = real.member("registration") else { throw CancellationError() }
    let registration = String(decoding: registrations[0].text, as: UTF8.self)
    let steps = calls.map { $0.call.scenario + #","delayMs":\#($0.delay)}"# }.joined(separator: ",")
    let json = """
      {"format":"goldentrace/1","fabric":"release-1.4","registration":[\(registration)],
       "scenario":{"name":"made","chaincodes":["cc1","cc2"],"executeTimeoutMs":500,
         "steps":[{"kind":"parallel","ordered":true,"steps":[\(steps)]}]},
       "steps":[{"kind":"parallel","messages":[\(messages.joined(separator: ","))],
         "steps":[\(calls.map(\.golden).joined(separator: ","))]}]}
      """
    return ScenarioRun.replay(try GoldenTrace(json: Array(json.utf8)))
  }

  @Test("channel and txid are a pair: (ch11, x) runs beside (ch1, 1x)")
  func contextKeys() throws {
    let first = Call(txid: "1x", channel: "ch1", operations: #"[["sleep",300],["txid"]]"#)
    let second = Call(txid: "x", channel: "ch11", operations: #"[["channel"]]"#)
    let payload = "sleep=ok\ntxid=1x\n"
    let outcome = try Self.replay(
      [
        (first, 0, first.golden(#""result":{"status":200,"payload":"\#(payload.utf8.hexText)"}}"#)),
        (
          second, 100,
          second.golden(
            #""error":"failed to execute transaction x: error sending: txid: x(ch11) exists"}"#)
        ),
      ], messages: [first.begin, first.completed(payload)])
    #expect(outcome.difference == nil)
    #expect(outcome.byDesign == [.contextKey: 1])
  }

  @Test("a chaincode that runs on after its deadline beside others: its late end does not count")
  func lateAmongOthers() throws {
    let first = Call(txid: "tx1", channel: "", operations: #"[["sleep",800],["txid"]]"#)
    let second = Call(txid: "tx2", channel: "", operations: #"[["sleep",400],["channel"]]"#)
    let payload = "sleep=ok\nchannel=\n"
    let outcome = try Self.replay(
      [
        (
          first, 0,
          first.golden(
            #""error":"failed to execute transaction tx1: error sending: "#
              + #"timeout expired while executing transaction"}"#)
        ),
        (second, 450, second.golden(#""result":{"status":200,"payload":"\#(payload.utf8.hexText)"}}"#)),
      ],
      messages: [
        first.begin, second.begin, first.completed("sleep=ok\ntxid=tx1\n"), second.completed(payload),
      ])
    #expect(outcome.difference == nil)
    #expect(outcome.byDesign == [.deadline: 1])
  }
}

extension String.UTF8View {
  fileprivate var hexText: String { Array(self).hex }
}
