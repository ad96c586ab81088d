import InprocHost
import MessageFSM
import SystemChaincodes
import Testing

private struct Case: Sendable, CustomTestStringConvertible {
  let args: [String]
  let text: String
  var testDescription: String { "\(args)" }

  init(_ args: [String], _ text: String) {
    self.args = args
    self.text = text
  }
}

@Suite("qscc")
struct QueryChaincodeTests {
  private static let faults = [
    Case([], "Incorrect number of arguments, 0"),
    Case(["GetChainInfo"], "Incorrect number of arguments, 1"),
    Case([""], "Incorrect number of arguments, 1"),
    Case(["GetBlockByNumber", "trade"], "missing 3rd argument for GetBlockByNumber"),
    Case(["GetBlockByHash", "trade"], "missing 3rd argument for GetBlockByHash"),
    Case(["GetTransactionByID", "trade"], "missing 3rd argument for GetTransactionByID"),
    Case(["GetBlockByTxID", "trade"], "missing 3rd argument for GetBlockByTxID"),
    Case(["", ""], "missing 3rd argument for "),
    Case(["NoFunction", "trade"], "missing 3rd argument for NoFunction"),
    Case(["NoFunction", "trade", "x"], "Requested function NoFunction not found."),
    Case(["", "trade", ""], "Requested function  not found."),
    Case(["GetChainInfo", "nochan"], "Invalid chain ID, nochan"),
    Case(["GetChainInfo", ""], "Invalid chain ID, "),
    Case(["GetBlockByNumber", "nochan", "0"], "Invalid chain ID, nochan"),
    Case(
      ["GetBlockByNumber", "trade", ""],
      #"Failed to parse block number with error strconv.ParseUint: parsing "": invalid syntax"#),
    Case(
      ["GetBlockByNumber", "trade", "-1"],
      #"Failed to parse block number with error strconv.ParseUint: parsing "-1": invalid syntax"#),
    Case(
      ["GetBlockByNumber", "trade", "a\"\\\n\u{1}é\u{200b}"],
      #"Failed to parse block number with error strconv.ParseUint: parsing "a\"\\\n\x01é\u200b": invalid syntax"#
    ),
    Case(
      ["GetBlockByNumber", "trade", "18446744073709551616"],
      "Failed to parse block number with error strconv.ParseUint: parsing \"18446744073709551616\": "
        + "value out of range"),
    Case(["GetBlockByNumber", "trade", "7"], "Failed to get block number 7, error Entry not found in index"),
    Case(["GetBlockByHash", "trade", ""], "Failed to get block hash , error Entry not found in index"),
    Case(
      ["GetTransactionByID", "trade", "no"],
      "Failed to get transaction with id no, error Entry not found in index"),
    Case(["GetBlockByTxID", "trade", ""], "Failed to get block for txID , error Entry not found in index"),
  ]

  @Test(arguments: faults) private func saysWhatIsWrong(_ fault: Case) async throws {
    try await SysccBench.run(channels: []) { bench in
      try await bench.join(SysccGenesis())
      #expect(try await bench.refusal("qscc", fault.args) == fault.text)
    }
  }

  @Test(arguments: QueryChaincode.Function.allCases) func isDenied(_ function: QueryChaincode.Function)
    async throws
  {
    let access = SysccAccess(refusals: ["qscc/\(function.rawValue)": "not you"])
    try await SysccBench.run(access: access) { bench in
      try await bench.join(SysccGenesis())
      let text = try await bench.refusal("qscc", [function.rawValue, "trade", "0"])
      #expect(text == "access denied for [\(function.rawValue)][trade]: [not you]")
      #expect(access.questions == ["qscc/\(function.rawValue)@trade"])
    }
  }

  @Test func surplusArgumentsAreIgnored() async throws {
    try await SysccBench.run { bench in
      try await bench.join(SysccGenesis())
      let response = try await bench.call(
        "qscc", ["GetBlockByNumber", "trade", "0", "more"].map { Array($0.utf8) })
      #expect(response.status == Response.ok)
      #expect(try Block(wireBytes: response.payload).header?.number == 0)
    }
  }

  @Test func aHashThatIsNoTextCannotBeAnswered() async throws {
    // Fabric 1.4 cannot marshal such a response either.
    try await SysccBench.run { bench in
      try await bench.join(SysccGenesis())
      await #expect(throws: TransactionError.self) {
        try await bench.call("qscc", [Array("GetBlockByHash".utf8), Array("trade".utf8), [0xff]])
      }
    }
  }

  @Test func refusesOtherChaincodesIfAsked() async throws {
    try await SysccBench.run(.v3_1, adjust: { $0.queriesRefuseChaincodes = true }) { bench in
      try await bench.join(SysccGenesis())
      let args = ["GetChainInfo", "trade"]
      #expect(
        try await bench.refusal("qscc", args, proposal: sysccProposal("assets"))
          == "Rejecting invoke of QSCC from another chaincode because of potential for deadlocks, "
          + "original invocation for 'assets'")
      #expect(
        try await bench.refusal("qscc", args)
          == "Failed to identify the called chaincode: the transaction has no proposal")
      #expect(try await bench.refusal("qscc", args, proposal: sysccProposal("qscc")) == "status 200")
    }
  }

  @Test(arguments: [SystemChaincodeProfile.v1_4, .v3_1])
  func aChaincodeMayAskDuringItsTransaction(_ profile: SystemChaincodeProfile) async throws {
    let asker = CustomSystemChaincode(Asker(), as: SystemChaincodeDescriptor(name: "asker"))
    try await SysccBench.run(profile, beside: [asker]) { bench in
      try await bench.join(SysccGenesis())
      let ledger = try #require(bench.ledgers.ledger(channel: "trade"))
      let simulator = try await ledger.newTxSimulator(txid: "tx")
      defer { simulator.done() }
      let response = try await bench.call(
        "asker", [], channel: "trade", proposal: sysccProposal("asker"), simulator: simulator)
      #expect(response.status == Response.ok)
      #expect(try BlockchainInfo(wireBytes: response.payload).height == 1)
    }
  }
}

/// Asks qscc.
private struct Asker: Chaincode {
  func invoke(_ stub: ChaincodeStub) async throws -> Response {
    await stub.invokeChaincode("qscc", args: [Array("GetChainInfo".utf8), stub.channelID.bytes])
  }
}
