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

@Suite("cscc")
struct ConfigurationChaincodeTests {
  private static let faults = [
    Case([], "Incorrect number of arguments, 0"),
    Case(["JoinChain"], "Incorrect number of arguments, 1"),
    Case(["GetConfigBlock"], "Incorrect number of arguments, 1"),
    Case(["GetConfigTree"], "Incorrect number of arguments, 1"),
    Case(["SimulateConfigTreeUpdate"], "Incorrect number of arguments, 1"),
    Case(["NoFunction"], "Incorrect number of arguments, 1"),
    Case(["NoFunction", ""], "Requested function NoFunction not found."),
    Case(["GetChannelConfig", "trade"], "Requested function GetChannelConfig not found."),
    Case(["JoinChainBySnapshot", "dir"], "Requested function JoinChainBySnapshot not found."),
    Case(["GetConfigBlock", ""], "Unknown chain ID, "),
    Case(["GetConfigTree", "nochan"], "Unknown chain ID, nochan"),
    Case(["SimulateConfigTreeUpdate", "trade"], "Config delta bytes must not be nil"),
    Case(
      ["SimulateConfigTreeUpdate", "trade", ""], "failed unmarshaling payload header: there is none"),
    Case(["SimulateConfigTreeUpdate", "trade", "\n"], "unexpected EOF"),
    Case(
      ["JoinChain", ""],
      "\"JoinChain\" request failed to extract channel id from the block due to "
        + "[failed to retrieve channel id - block is empty]"),
    Case(
      ["JoinChain", "\u{12}\u{0}"],
      "\"JoinChain\" request failed to extract channel id from the block due to "
        + "[failed to retrieve channel id - block is empty]"),
    Case(
      ["JoinChain", "\u{12}\u{2}\n\u{0}"],
      "\"JoinChain\" request failed to extract channel id from the block due to "
        + "[failed to retrieve channel id - payload header is empty]"),
  ]

  @Test(arguments: faults) private func saysWhatIsWrong(_ fault: Case) async throws {
    try await SysccBench.run { bench in
      try await bench.join(SysccGenesis())
      #expect(try await bench.refusal("cscc", fault.args) == fault.text)
    }
  }

  private static let laterFaults = [
    Case(["GetConfigTree", "trade"], "Requested function GetConfigTree not found."),
    Case(["GetConfigBlock", "nochan"], "Unknown channel ID, nochan"),
    Case(["GetChannelConfig", "nochan"], "unknown channel ID, nochan"),
    Case(["GetChannelConfig", ""], "empty channel name provided"),
    Case(["JoinChainBySnapshot", ""], "Cannot join the channel, no snapshot directory provided"),
    Case(
      ["JoinChainBySnapshot", "dir"],
      "this peer cannot join a channel from a snapshot: its ledgers keep every block"),
    Case(
      ["JoinBySnapshotStatus"], "this peer cannot join a channel from a snapshot, so none is being taken in"),
    Case(
      ["JoinChain", "\n"],
      "Failed to reconstruct the genesis block, error unmarshalling Block: "
        + "proto: cannot parse invalid wire-format data"),
  ]

  @Test(arguments: laterFaults) private func saysWhatIsWrongIn3_1(_ fault: Case) async throws {
    try await SysccBench.run(.v3_1) { bench in
      try await bench.join(SysccGenesis())
      let text = try await bench.refusal("cscc", fault.args, proposal: sysccProposal("cscc"))
      #expect(text == fault.text)
    }
  }

  @Test func otherChaincodesAreRefusedIn3_1() async throws {
    try await SysccBench.run(.v3_1) { bench in
      let called = try await bench.refusal("cscc", ["GetChannels"], proposal: sysccProposal("assets"))
      #expect(called == "Rejecting invoke of CSCC from another chaincode, original invocation for 'assets'")
      let alone = try await bench.refusal("cscc", ["GetChannels"])
      #expect(alone == "Failed to identify the called chaincode: the transaction has no proposal")
    }
  }

  @Test func deniedCallsSayByWhomAndWhy() async throws {
    let access = SysccAccess(
      refusals: Dictionary(
        uniqueKeysWithValues: ConfigurationChaincode.Function.allCases.map {
          ("cscc/\($0.rawValue)", "not you")
        }))
    let genesis = WireString(bytes: SysccGenesis().block.wireBytes())
    try await SysccBench.run(access: access) { (bench: SysccBench) async throws in
      func text(_ args: [[UInt8]]) async throws -> String {
        try await bench.call("cscc", args).message.string
      }
      #expect(
        try await text([Array("JoinChain".utf8), genesis.bytes])
          == "access denied for [JoinChain][trade]: [not you]")
      #expect(try await bench.refusal("cscc", ["GetChannels"]) == "access denied for [GetChannels]: not you")
      for name in ["GetConfigBlock", "GetConfigTree", "SimulateConfigTreeUpdate"] {
        #expect(
          try await bench.refusal("cscc", [name, "trade"]) == "access denied for [\(name)][trade]: not you")
      }
      #expect(bench.ledgers.channels.isEmpty)
    }
  }

  @Test(arguments: [SystemChaincodeProfile.v1_4, .v3_1])
  func joinsAChannelAndTellsItsConfiguration(_ profile: SystemChaincodeProfile) async throws {
    let genesis = SysccGenesis()
    try await SysccBench.run(profile) { bench in
      let proposal = sysccProposal("cscc")
      func ask(_ function: String, _ parameter: [UInt8]) async throws -> Response {
        try await bench.call("cscc", [Array(function.utf8), parameter], proposal: proposal)
      }
      let joined = try await ask("JoinChain", genesis.block.wireBytes())
      #expect(joined.status == Response.ok, "\(joined.message)")
      #expect(bench.ledgers.channels == ["trade"])
      let channels = try ChannelQueryResponse(wireBytes: await ask("GetChannels", []).payload)
      #expect(channels.channels.map(\.channelID) == ["trade"])
      let block = try Block(wireBytes: await ask("GetConfigBlock", genesis.channel.bytes).payload)
      #expect(block.data == genesis.block.data)
      #expect(block.metadata?.metadata[BlockMetadataIndex.transactionsFilter] == [0])
      let name = profile.version == .v1_4 ? "GetConfigTree" : "GetChannelConfig"
      let answer = try await ask(name, genesis.channel.bytes).payload
      let config = profile.version == .v1_4 ? try ConfigTree(wireBytes: answer).channelConfig ?? [] : answer
      #expect(try ChannelConfig(wireBytes: config) == genesis.config)
      let again = try await ask("JoinChain", genesis.block.wireBytes())
      #expect(
        again.message
          == (profile.version == .v1_4
            ? "cannot create ledger from genesis block: LedgerID already exists"
            : "cannot create ledger from genesis block: ledger [trade] already exists with state [ACTIVE]"))
    }
  }

  @Test func checksTheBlockBeforeItJoins() async throws {
    var empty = SysccGenesis()
    empty.application = nil
    var wrongType = SysccGenesis().block
    wrongType.data = BlockData(envelopes: [
      Envelope(
        payload: EnvelopePayload(
          header: Header(
            channelHeader: ChannelHeader(type: 3, channelID: "trade", txid: .empty).wireBytes(),
            signatureHeader: [])
        ).wireBytes()
      ).wireBytes()
    ])
    let prefix =
      "\"JoinChain\" for chainID = trade failed because of validation of configuration block, because of "
    let cases: [(Block, String)] = [
      (empty.block, "No channel configuration groups are available"),
      (wrongType, "Bad configuration envelope: invalid type ENDORSER_TRANSACTION, expected CONFIG"),
    ]
    try await SysccBench.run { bench in
      for (block, reason) in cases {
        let response = try await bench.call("cscc", [Array("JoinChain".utf8), block.wireBytes()])
        #expect(response.message.string == prefix + reason)
      }
      #expect(bench.ledgers.channels.isEmpty)
    }
  }

  private static let capabilities: [(SystemChaincodeProfile, [WireString], [WireString], String?)] = [
    (.v1_0, ["V1_1"], ["V1_1"], nil),
    (.v1_0, ["V1_3"], [], "Channel capability V1_3"),
    (.v1_4, ["V1_1", "V1_3", "V1_4_2", "V1_4_3"], ["V1_1", "V1_2", "V1_3", "V1_4_2"], nil),
    (.v1_4, ["V2_0"], [], "Channel capability V2_0"),
    (.v1_4, ["V1_3"], ["V1_3", "V2_0"], "Application capability V2_0"),
    (.v2_5, ["V2_0"], ["V2_5"], nil),
    (.v2_5, ["V3_0"], ["V2_5"], "Channel capability V3_0"),
    (.v3_1, ["V3_0"], ["V2_0", "V2_5"], nil),
    (.v3_1, ["V3_0"], ["V3_0"], "Application capability V3_0"),
    (.v3_1, [""], [], "Channel capability "),
  ]

  @Test(arguments: capabilities.indices)
  func aChannelThatAsksForMoreThanTheReleaseHasIsNotJoined(_ index: Int) async throws {
    let (profile, channel, application, missing) = Self.capabilities[index]
    var genesis = SysccGenesis()
    genesis.capabilities = (channel, application)
    try await SysccBench.run(profile) { bench in
      let answer = try await bench.call(
        "cscc", [Array("JoinChain".utf8), genesis.block.wireBytes()], proposal: sysccProposal("cscc"))
      guard let missing else {
        #expect(answer.status == Response.ok, "\(answer.message)")
        return
      }
      let name = profile.version == .v1_4 ? "chainID" : "channelID"
      #expect(
        answer.message.string
          == "\"JoinChain\" for \(name) = trade failed because of validation of configuration block, "
          + "because of Failed capabilities check: [\(missing) is required but not supported]")
      #expect(bench.ledgers.channels.isEmpty)
    }
  }
}
