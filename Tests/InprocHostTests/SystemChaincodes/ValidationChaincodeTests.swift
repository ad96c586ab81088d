import MessageFSM
import Testing

@testable import InprocHost
@testable import SystemChaincodes

@Suite("vscc")
struct ValidationChaincodeTests {
  private static let id = ChaincodeVersion(name: "assets", version: "1.0")
  private static let policy = SysccGenesis.member("Org1").wireBytes()

  /// Runs `body` on a peer of Fabric 1.0 with a chaincode in force, or ready to be.
  private static func run(
    deployed: Bool = true, _ body: (SysccPeer) async throws -> Void
  ) async throws {
    try await SysccPeer.run(.v1_0) { (peer: SysccPeer) async throws in
      try peer.host.offer(SysccCounter(version: "one"), as: id)
      try await peer.install(id)
      if deployed {
        try await peer.submit("lscc", ["deploy", "trade", ChaincodePackage(id).specBytes], as: .admin)
      }
      try await body(peer)
    }
  }

  private static func verdict(
    _ peer: SysccPeer, _ envelope: [UInt8], policy: [UInt8] = policy, extra: [[UInt8]] = []
  ) async throws -> String {
    let response = try await peer.host.execute(
      "vscc", input: ChaincodeInput(args: [[], envelope, policy] + extra),
      params: TransactionParams(channelID: "trade", txid: "vscc")
    ).response
    return response.status == Response.ok ? "valid" : response.message.string
  }

  /// The envelope with another endorsed action.
  private static func changed(
    _ envelope: Envelope, _ change: (inout ChaincodeActionPayload) throws -> Void
  ) throws -> [UInt8] {
    var payload = try EnvelopePayload(wireBytes: envelope.payload)
    var transaction = try Transaction(wireBytes: payload.data)
    var action = try ChaincodeActionPayload(wireBytes: transaction.actions[0].payload)
    try change(&action)
    transaction.actions[0].payload = action.wireBytes()
    payload.data = transaction.wireBytes()
    return Envelope(payload: payload.wireBytes(), signature: envelope.signature).wireBytes()
  }

  @Test func anEndorsedTransactionIsValid() async throws {
    try await Self.run { peer in
      let (envelope, _) = try await peer.endorsed("assets", ["count"])
      #expect(try await Self.verdict(peer, envelope.wireBytes()) == "valid")
      #expect(try await Self.verdict(peer, envelope.wireBytes(), extra: [[1]]) == "valid")
      let no = "VSCC error: policy evaluation failed, err signature set did not satisfy policy"
      #expect(
        try await Self.verdict(peer, envelope.wireBytes(), policy: SysccGenesis.member("Org2").wireBytes())
          == no)
      let forged = try Self.changed(envelope) { $0.action?.endorsements[0].signature = [1] }
      #expect(try await Self.verdict(peer, forged) == no)
      let none = try Self.changed(envelope) { $0.action?.endorsements = [] }
      #expect(try await Self.verdict(peer, none) == no)
      let twice = try Self.changed(envelope) { payload in
        let first = payload.action?.endorsements ?? []
        payload.action?.endorsements = first + first
      }
      #expect(try await Self.verdict(peer, twice) == "valid")
      #expect(
        try await Self.verdict(peer, twice, policy: SysccGenesis.member("Org2").wireBytes())
          == "Endorsement policy evaluation failure might be caused by duplicated identities")
    }
  }

  @Test func whatCannotBeReadIsInvalid() async throws {
    try await Self.run { peer in
      let (envelope, _) = try await peer.endorsed("assets", ["count"])
      let bytes = envelope.wireBytes()
      #expect(try await Self.verdict(peer, [0x0a]) == "Error getting envelope(unexpected EOF)")
      #expect(try await Self.verdict(peer, []) == "the payload has no header")
      #expect(
        try await Self.verdict(peer, bytes, policy: [0x0a])
          == "Error unmarshaling to SignaturePolicy: unexpected EOF")
      #expect(try await Self.verdict(peer, bytes, policy: []) == "Empty policy element")
      let genesis = try #require(SysccGenesis().block.data?.envelopes.first)
      #expect(
        try await Self.verdict(peer, genesis) == "Only Endorser Transactions are supported, provided type 1")
      let noAction = try Self.changed(envelope) { $0.action = nil }
      #expect(try await Self.verdict(peer, noAction) == "the action has no endorsements")
      let noIdentity = try Self.changed(envelope) { $0.action?.endorsements[0].endorser = [0x0a] }
      #expect(try await Self.verdict(peer, noIdentity) == "Unmarshal endorser error: unexpected EOF")
      let few = try await peer.host.execute(
        "vscc", input: ChaincodeInput(args: [[], bytes]),
        params: TransactionParams(channelID: "trade", txid: "few"))
      #expect(few.response.message == "Incorrect number of arguments")
    }
  }

  @Test func aDeploymentMustBeLscc() async throws {
    try await Self.run(deployed: false) { peer in
      let spec = ChaincodePackage(Self.id).specBytes
      let (envelope, _) = try await peer.endorsed("lscc", ["deploy", "trade", spec], as: .admin)
      #expect(try await Self.verdict(peer, envelope.wireBytes()) == "valid")
      #expect(try await peer.commit([envelope]) == [.valid])
      #expect(
        try await Self.verdict(peer, envelope.wireBytes()) == "Chaincode assets is already instantiated")
      let (question, _) = try await peer.endorsed("lscc", ["getid", "trade", "assets"])
      #expect(
        try await Self.verdict(peer, question.wireBytes())
          == "VSCC error: committing an invocation of function getid of lscc is invalid")
    }
  }

  @Test func anUpgradeNeedsAnotherVersionAndTheConsentOfTheOldPolicy() async throws {
    let next = ChaincodeVersion(name: "assets", version: "2.0")
    try await Self.run { peer in
      try peer.host.offer(SysccCounter(version: "two"), as: next)
      try await peer.install(next)
      let (envelope, _) = try await peer.endorsed(
        "lscc", ["upgrade", "trade", ChaincodePackage(next).specBytes], as: .admin)
      #expect(try await Self.verdict(peer, envelope.wireBytes()) == "valid")
      var unsigned = envelope
      unsigned.signature = []
      #expect(
        try await Self.verdict(peer, unsigned.wireBytes())
          == "chaincode instantiation policy violated, error signature set did not satisfy policy")
      #expect(try await peer.commit([envelope]) == [.valid])
      #expect(
        try await Self.verdict(peer, envelope.wireBytes())
          == "Existing version of the cc on the ledger (2.0) should be different from the upgraded one")
    }
  }

  /// What lscc would never write.
  private static let writes: [(namespaces: [(WireString, [KVWrite])], text: String)] = [
    ([], "No read write set for lscc was found"),
    ([("lscc", [])], "LSCC can only issue a single putState upon deploy/upgrade"),
    ([("lscc", [KVWrite(key: "other", value: [])])], "Expected key assets, found other"),
    (
      [("lscc", [KVWrite(key: "assets", value: [0x0a])])],
      "Unmarhsalling of ChaincodeData failed, error unexpected EOF"
    ),
    (
      [("lscc", [KVWrite(key: "assets", value: ChaincodeData(name: "b", version: "1.0").wireBytes())])],
      "Expected cc name assets, found b"
    ),
    (
      [("lscc", [KVWrite(key: "assets", value: ChaincodeData(name: "assets", version: "9").wireBytes())])],
      "Expected cc version 1.0, found 9"
    ),
    (
      [
        ("lscc", [KVWrite(key: "assets", value: ChaincodeData(name: "assets", version: "1.0").wireBytes())]),
        ("other", [KVWrite(key: "k", value: [1])]),
      ], "LSCC invocation is attempting to write to namespace other"
    ),
    (
      [("lscc", [KVWrite(key: "assets", value: ChaincodeData(name: "assets", version: "1.0").wireBytes())])],
      "No installation policy was specified"
    ),
  ]

  @Test(arguments: writes.indices) func lsccWritesOneDefinition(_ index: Int) async throws {
    try await Self.run(deployed: false) { peer in
      let spec = ChaincodePackage(Self.id).specBytes
      let (envelope, _) = try await peer.endorsed("lscc", ["deploy", "trade", spec], as: .admin)
      let forged = try Self.changed(envelope) { payload in
        var response = try ProposalResponsePayload(wireBytes: payload.action?.responsePayload ?? [])
        var action = try ChaincodeAction(wireBytes: response.extension_)
        action.results =
          TxReadWriteSet(
            namespaces: Self.writes[index].namespaces.map { namespace, writes in
              NsReadWriteSet(namespace: namespace, rwset: KVRWSet(writes: writes).wireBytes())
            }
          ).wireBytes()
        response.extension_ = action.wireBytes()
        let bytes = response.wireBytes()
        let peer = SysccIdentity.peer
        payload.action = ChaincodeEndorsedAction(
          responsePayload: bytes,
          endorsements: [
            Endorsement(endorser: peer.serialized, signature: peer.sign(bytes + peer.serialized))
          ])
      }
      #expect(try await Self.verdict(peer, forged) == Self.writes[index].text)
    }
  }
}
