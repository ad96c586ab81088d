import MessageFSM
import Testing

@testable import InprocHost
@testable import SystemChaincodes

@Suite("escc")
struct EndorsementChaincodeTests {
  private static let id = ChaincodeID(name: "assets", version: "1.0")

  /// The arguments with which an endorser calls it for a proposal.
  private static func args(response: Response = .success([7])) throws -> [[UInt8]] {
    let proposal = try Proposal(wireBytes: sysccProposal("assets", channel: "trade").proposalBytes)
    return [
      [], proposal.header, proposal.payload, id.wireBytes(), response.wireBytes(), [1, 2, 3], [4], [],
    ]
  }

  private static func answer(
    _ args: [[UInt8]], signer: (any SigningIdentity)? = SysccIdentity.peer
  ) async throws -> Response {
    try await SysccBench.run(.v1_0, adjust: { $0.signer = signer }) { try await $0.call("escc", args) }
  }

  @Test func endorsesWhatTheChaincodeAnswered() async throws {
    let args = try Self.args()
    let answer = try ProposalResponse(wireBytes: await Self.answer(args).payload)
    #expect(answer.version == 1)
    #expect(answer.response == Response(status: 200, message: "OK"))
    let endorsement = try #require(answer.endorsement)
    #expect(endorsement.endorser == SysccIdentity.peer.serialized)
    #expect(endorsement.signature == SysccIdentity.peer.sign(answer.payload + endorsement.endorser))
    let payload = try ProposalResponsePayload(wireBytes: answer.payload)
    let header = try Header(wireBytes: args[1])
    #expect(payload.proposalHash == SHA256.hash(header.channelHeader + header.signatureHeader + args[2]))
    let action = try ChaincodeAction(wireBytes: payload.extension_)
    #expect(action.results == [1, 2, 3] && action.events == [4])
    #expect(action.response == .success([7]) && action.chaincodeID == Self.id)
    // Events and visibility may be left out.
    let short = try ProposalResponse(wireBytes: await Self.answer(Array(args.prefix(6))).payload)
    let shortPayload = try ProposalResponsePayload(wireBytes: short.payload)
    #expect(try ChaincodeAction(wireBytes: shortPayload.extension_).events.isEmpty)
  }

  private static let faults: [(spoil: @Sendable (inout [[UInt8]]) -> Void, text: String)] = [
    ({ $0 = [] }, "Incorrect number of arguments (expected a minimum of 5, provided 0)"),
    ({ $0.removeLast(3) }, "Incorrect number of arguments (expected a minimum of 5, provided 5)"),
    ({ $0.append([]) }, "Incorrect number of arguments (expected a maximum of 7, provided 9)"),
    ({ $0[1] = [0x0a] }, "unexpected EOF"),
    ({ $0[1] = [] }, "Could not compute proposal hash: err Nil arguments"),
    (
      { $0[2] = [0x0a] },
      "Could not compute proposal hash: err Failure while unmarshalling the ChaincodeProposalPayload!"
    ),
    ({ $0[3] = [0x0a] }, "UnmarshalChaincodeID failed, err unexpected EOF"),
    ({ $0[4] = [0x12] }, "Failed to get Response of executing chaincode: unexpected EOF"),
    (
      { $0[4] = Response(status: 400).wireBytes() },
      "Status code less than 400 will be endorsed, received status code: 400"
    ),
  ]

  @Test(arguments: faults.indices) func saysWhatIsWrong(_ index: Int) async throws {
    var args = try Self.args()
    Self.faults[index].spoil(&args)
    #expect(try await Self.answer(args).message.string == Self.faults[index].text)
  }

  @Test func withoutASignerNothingIsEndorsed() async throws {
    let answer = try await Self.answer(Self.args(), signer: nil)
    #expect(
      answer.message.string
        == "Could not obtain the default signing identity, err the host was configured without one")
  }

  @Test func onlyThePeerCalls() async throws {
    try await SysccPeer.run(.v1_0) { (peer: SysccPeer) async throws in
      for name: WireString in ["escc", "vscc"] {
        #expect(
          try await peer.ask(name, ["x"]).message.string
            == "chaincode \(name) cannot be invoked through a proposal")
      }
    }
  }
}
