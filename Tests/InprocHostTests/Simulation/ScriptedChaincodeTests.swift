import InprocHost
import InprocPeer
import MessageFSM
import Testing

@Suite("ScriptedChaincode")
struct ScriptedChaincodeTests {
  private struct NoLedgers: LedgerProvider {
    func ledger(channel: WireString) -> (any PeerLedger)? { nil }
  }

  /// Runs a transaction without a channel.
  private static func respond(
    _ args: [[UInt8]], initialize: Bool = false, version: FabricVersion = .v1_4
  ) throws -> Response {
    let loop = SerialRunLoop()
    return try loop.run {
      let configuration = HostConfiguration(
        version: version, ledgers: NoLedgers(), clock: loop.clock, executor: loop)
      return try await withChaincodeHost(configuration) { host in
        try host.register(
          ScriptedChaincode(clock: loop.clock), as: SystemChaincodeDescriptor(name: "scripted"))
        try await host.deploy()
        let params = TransactionParams(channelID: "", txid: "tx1")
        let input = ChaincodeInput(args: args)
        if initialize { return try await host.executeInit("scripted", input: input, params: params).response }
        return try await host.execute("scripted", input: input, params: params).response
      }
    }
  }

  private static func respond(_ operations: String, version: FabricVersion = .v1_4) throws -> Response {
    try respond(ScriptedChaincode.input(operations).args, version: version)
  }

  @Test(
    "operations that cannot be read are refused",
    arguments: [
      "", "x", "{}", "7", "\"get\"", "[", "[[]]", "[[7]]", "[\"get\"]", "[[\"txid\"]] x", "[[\"txid\"],]",
      "[[\"txid\"],null]", String(repeating: "[", count: 100_000),
    ])
  func badOperations(_ text: String) throws {
    #expect(try Self.respond(text) == .failure("scripted: bad ops"))
  }

  @Test("no operations are a success without a result", arguments: ["[]", "null", " [ ] "])
  func noOperations(_ text: String) throws {
    #expect(try Self.respond(text) == .success())
  }

  @Test("other arguments are refused by invoke and ignored by initialize", arguments: [0, 1, 3])
  func otherArguments(_ count: Int) throws {
    let args = [[UInt8]](repeating: Array("run".utf8), count: count)
    #expect(
      try Self.respond(args) == .failure("scripted: expected [run, ops], got \(String(count)) args"))
    #expect(try Self.respond(args, initialize: true) == .success())
  }

  @Test(
    "results, in their forms",
    arguments: [
      (#"[["txid"],["channel"]]"#, "txid=tx1\nchannel=\n"),
      (
        #"[["creator"],["binding"],["signedProposalHash"],["transient"]]"#,
        "creator=-\nbinding=-\nsignedProposalHash=-\ntransient=\n"
      ),
      (#"[["compositeKey","t",["a","hex:c3a9"]]]"#, "compositeKey=00740061 00c3a900\n"),
      (#"[["splitComposite","\u0000t\u0000a\u0000"]]"#, "splitComposite=74,61\n"),
      (#"[["compositeKey","rep:3:ab",[]]]"#, "compositeKey=0061626162616200\n"),
      (#"[["compositeKey","hex:6",[]]]"#, "compositeKey=006865783a3600\n"),
      (#"[["get","k"]]"#, "get=!GET_STATE failed: transaction ID: tx1: no ledger context\n"),
      (#"[["get"]]"#, "get=!GET_STATE failed: transaction ID: tx1: no ledger context\n"),
      (#"[["put","",""]]"#, "put=!key must not be an empty string\n"),
      (
        #"[["rawPut","","k","v"]]"#, "rawPut=ERROR|PUT_STATE failed: transaction ID: tx1: no ledger context\n"
      ),
      (#"[["rawSend","NO_SUCH_TYPE",""]]"#, "rawSend=!unknown message type NO_SUCH_TYPE\n"),
      (#"[["getMultiple",[]]]"#, "getMultiple=-\n"),
      (#"[["sleep",20000],["event","e","x"]]"#, "sleep=ok\nevent=ok\n"),
      (#"[["event","","x"]]"#, "event=!event name can not be nil string\n"),
    ])
  func results(_ operations: String, _ payload: String) throws {
    let expected = payload.replacing(" 00c3a9", with: "00c3a9")
    #expect(try Self.respond(operations) == .success(Array(expected.utf8)))
  }

  @Test("the last operations of a script")
  func ends() throws {
    #expect(try Self.respond(#"[["return","hex:00ff"],["fail","x"]]"#) == .success([0, 0xff]))
    #expect(try Self.respond(#"[["txid"],["fail","broken"]]"#) == .failure("broken"))
    #expect(
      try Self.respond(#"[["status",-1,"m","p"]]"#)
        == Response(status: -1, message: "m", payload: Array("p".utf8)))
    #expect(try Self.respond(#"[["txid"],["nosuchop"]]"#) == .failure("scripted: unknown op nosuchop"))
  }

  @Test(
    "a script without bounds ends",
    arguments: [
      #"[["putN","k",1e300,"v"]]"#, #"[["getMultipleN","k",-7]]"#, #"[["rangeLimit","","",1e30]]"#,
      #"[["compositeKey","rep:999999999999:x",[]]]"#, #"[["sleep",-5]]"#, #"[["status",1e10,"",""]]"#,
      #"[["rawBatch",[7,[],["x"],[1e99,"","k"]]]]"#,
    ])
  func total(_ operations: String) throws {
    #expect(try Self.respond(operations, version: .v3_1).payload.count < 1000)
  }
}
