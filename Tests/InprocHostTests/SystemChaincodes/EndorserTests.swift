import InprocHost
import MessageFSM
import SystemChaincodes
import Testing

@Suite("Endorser")
struct EndorserTests {
  /// A proposal whose parts can be spoilt.
  private struct Draft {
    var type = ChannelHeader.HeaderType.endorserTransaction.rawValue
    var channel: WireString = "trade"
    var txid: WireString?
    var epoch: UInt64 = 0
    var nonce: [UInt8] = Array("nonce".utf8)
    var creator = SysccIdentity.alice.serialized
    var signer = SysccIdentity.alice
    var chaincode: WireString? = "assets"
    var inner: WireString = "assets"
    var header: [UInt8]?
    var payload: [UInt8]?
    var signature: [UInt8]?

    var signed: SignedProposal {
      let id = chaincode.map { ChaincodeID(name: $0) }
      let txid = txid ?? WireString(SHA256.hash(nonce + creator).hex)
      let channelHeader = ChannelHeader(
        type: type, channelID: channel, txid: txid,
        extension_: ChaincodeHeaderExtension(chaincodeID: id).wireBytes(), epoch: epoch)
      let header = Header(
        channelHeader: channelHeader.wireBytes(),
        signatureHeader: SignatureHeader(creator: creator, nonce: nonce).wireBytes())
      let spec = ChaincodeSpec(
        chaincodeID: ChaincodeID(name: inner), input: ChaincodeInput(args: [Array("count".utf8)]))
      let payload = ChaincodeProposalPayload(
        input: ChaincodeInvocationSpec(chaincodeSpec: spec).wireBytes())
      let proposal = Proposal(
        header: self.header ?? header.wireBytes(), payload: self.payload ?? payload.wireBytes())
      let bytes = proposal.wireBytes()
      return SignedProposal(proposalBytes: bytes, signature: signature ?? signer.sign(bytes))
    }
  }

  private static func refusal(_ draft: Draft) async throws -> String {
    try await SysccPeer.run { (peer: SysccPeer) async throws in
      let response = await peer.host.processProposal(draft.signed, peer.services)
      #expect(response.endorsement == nil)
      #expect(response.response?.status == Response.error)
      return response.response?.message.string ?? "no response"
    }
  }

  private static let faults: [(name: String, spoil: @Sendable (inout Draft) -> Void, text: String)] = [
    ("no header", { $0.header = [] }, "invalid header type MESSAGE"),
    ("garbage header", { $0.header = [0x0a] }, "error unmarshaling Header: unexpected EOF"),
    ("a block's type", { $0.type = 4 }, "invalid header type ORDERER_TRANSACTION"),
    ("an unknown type", { $0.type = 77 }, "invalid header type 77"),
    ("a config update", { $0.type = 2 }, "unsupported proposal type 2"),
    ("an epoch", { $0.epoch = 3 }, "invalid Epoch in ChannelHeader. Expected 0, got [3]"),
    ("no nonce", { $0.nonce = [] }, "invalid nonce specified in the header"),
    ("no creator", { $0.creator = [] }, "invalid creator specified in the header"),
    (
      "another's signature", { $0.signer = .bob }, "access denied: channel [trade] creator org [Org1]"
    ),
    ("no signature", { $0.signature = [] }, "access denied: channel [trade] creator org [Org1]"),
    (
      "a stranger",
      {
        $0.creator = SysccIdentity.stranger.serialized
        $0.signer = .stranger
      }, "access denied: channel [trade] creator org [Org9]"
    ),
    ("an unknown channel", { $0.channel = "nochan" }, "access denied: channel [nochan] creator org [Org1]"),
    (
      "a txid of its own", { $0.txid = "mine" },
      "invalid txid. got [mine], expected [" + SHA256.hash(Draft().nonce + Draft().creator).hex + "]"
    ),
    ("no chaincode", { $0.chaincode = nil }, "ChaincodeHeaderExtension.ChaincodeId is nil"),
    (
      "two chaincodes", { $0.inner = "other" },
      "inconsistent chaincode ID info in chaincode proposal, assets and other"
    ),
    ("no payload", { $0.payload = [] }, "chaincode spec is nil"),
    (
      "a garbage payload", { $0.payload = [0xff] },
      "error unmarshaling ChaincodeProposalPayload: unexpected EOF"
    ),
    (
      "a chaincode that is not in force", { _ in },
      "make sure the chaincode assets has been successfully instantiated and try again: "
        + "chaincode assets not found"
    ),
    (
      "a reserved name",
      {
        $0.chaincode = "escc"
        $0.inner = "escc"
      }, "chaincode escc cannot be invoked through a proposal"
    ),
    (
      "a user chaincode without a channel", { $0.channel = "" },
      "make sure the chaincode assets has been successfully instantiated and try again: "
        + "could not get chaincode definition of assets without a channel"
    ),
  ]

  @Test(arguments: faults.indices) func saysWhatIsWrong(_ index: Int) async throws {
    let fault = Self.faults[index]
    var draft = Draft()
    fault.spoil(&draft)
    let text = try await Self.refusal(draft)
    #expect(text == fault.text, "\(fault.name)")
  }

  @Test func onlyWritersMayPropose() async throws {
    let text = try await SysccPeer.run(organizations: ["Org2"]) { (peer: SysccPeer) async throws in
      try await peer.ask("assets", ["count"], channel: "trade", as: .alice).message.string
    }
    #expect(
      text
        == "Failed evaluating policy on signed data during check policy on channel [trade] "
        + "with policy [/Channel/Application/Writers]: [implicit policy evaluation failed - "
        + "0 sub-policies were satisfied, but this policy requires 1 of the 'Writers' sub-policies to be satisfied]"
    )
  }

  @Test func whatIsEndorsedCanBeVerified() async throws {
    let id = ChaincodeVersion(name: "assets", version: "1.0")
    try await SysccPeer.run { (peer: SysccPeer) async throws in
      try peer.host.offer(SysccCounter(version: "one"), as: id)
      try await peer.install(id)
      try await peer.submit("lscc", ["deploy", "trade", ChaincodePackage(id).specBytes], as: .admin)
      let (proposal, response) = try await peer.propose("assets", ["count"], channel: "trade", as: .alice)
      let endorsement = try #require(response.endorsement)
      #expect(response.version == 1)
      #expect(endorsement.endorser == SysccIdentity.peer.serialized)
      #expect(endorsement.signature == SysccIdentity.peer.sign(response.payload + endorsement.endorser))
      let payload = try ProposalResponsePayload(wireBytes: response.payload)
      let inner = try Proposal(wireBytes: proposal.proposalBytes)
      let header = try Header(wireBytes: inner.header)
      #expect(
        payload.proposalHash == SHA256.hash(header.channelHeader + header.signatureHeader + inner.payload))
      let action = try ChaincodeAction(wireBytes: payload.extension_)
      #expect(action.chaincodeID?.version == "1.0")
      #expect(action.response == response.response)

      let envelope = try await ClientTransaction.envelope(proposal, [response], signer: SysccIdentity.alice)
      #expect(try await peer.commit([envelope]) == [.valid])
      let again = await peer.host.processProposal(proposal, peer.services)
      let txid = try ChannelHeader(wireBytes: header.channelHeader).txid
      let creator = SysccIdentity.alice.serialized.hex
      #expect(again.response?.message.string == "duplicate transaction found [\(txid)]. Creator [\(creator)]")

      let wrong = try await peer.propose("assets", ["wrong"], channel: "trade", as: .alice).1
      #expect(wrong.endorsement == nil && wrong.response?.message == "no such function")
      #expect(!wrong.payload.isEmpty)
    }
  }

  @Test func theTxidIsComputedAsFabricDoes() async throws {
    let proposal = try await ClientTransaction.proposal(
      "assets", [], channel: "trade", nonce: [1, 2, 3], signer: SysccIdentity.alice)
    let header = try Header(wireBytes: Proposal(wireBytes: proposal.proposalBytes).header)
    let txid = try ChannelHeader(wireBytes: header.channelHeader).txid
    #expect(txid.string == SHA256.hash([1, 2, 3] + SysccIdentity.alice.serialized).hex)
  }

  @Test func aPackageThatIsMissingOrHasAnotherPolicyIsNotUsed() async throws {
    let id = ChaincodeVersion(name: "assets", version: "1.0")
    try await SysccPeer.run { (peer: SysccPeer) async throws in
      try peer.host.offer(SysccCounter(version: "one"), as: id)
      try await peer.install(id)
      try await peer.submit("lscc", ["deploy", "trade", ChaincodePackage(id).specBytes], as: .admin)
      func ask(_ store: any PackageStore) async throws -> String {
        var services = peer.services
        services.packages = store
        let proposal = try await ClientTransaction.proposal(
          "assets", ["count".bytes], channel: "trade",
          nonce: Array("\(ObjectIdentifier(store as AnyObject))".utf8),
          signer: SysccIdentity.alice)
        return await peer.host.processProposal(proposal, services).response?.message.string ?? ""
      }
      #expect(
        try await ask(MemoryPackageStore())
          == "cannot retrieve package for chaincode assets/1.0, error "
          + "open chaincodes/assets.1.0: no such file or directory")
      var signed = SignedChaincodeDeploymentSpec()
      signed.deploymentSpec = ChaincodePackage(id).specBytes
      signed.instantiationPolicy = SysccGenesis.member("Org2").wireBytes()
      let header = ChannelHeader(type: 6, channelID: .empty, txid: .empty)
      let payload = EnvelopePayload(
        header: Header(channelHeader: header.wireBytes(), signatureHeader: []), data: signed.wireBytes())
      let other = MemoryPackageStore()
      try await other.install(
        ChaincodePackage(wireBytes: Envelope(payload: payload.wireBytes()).wireBytes()))
      #expect(try await ask(other) == "Instantiation policy mismatch for cc assets/1.0")
    }
  }

  @Test func clientsRefuseWhatCannotBecomeATransaction() async throws {
    let alice = SysccIdentity.alice
    let proposal = try await ClientTransaction.proposal(
      "assets", [], channel: "trade", nonce: [1], signer: alice)
    var good = ProposalResponse()
    good.response = .success()
    good.payload = [1]
    good.endorsement = Endorsement(endorser: [1], signature: [1])
    var other = good
    other.payload = [2]
    var failed = ProposalResponse()
    failed.response = .failure("no")
    let cases: [([ProposalResponse], SysccIdentity, String)] = [
      ([], alice, "at least one proposal response is required"),
      ([good], .bob, "signer must be the same as the one referenced in the header"),
      ([good, other], alice, "ProposalResponsePayloads do not match"),
      ([failed], alice, "proposal response was not successful, error code 500, msg no"),
    ]
    for (responses, signer, text) in cases {
      let error = await #expect(throws: LedgerError.self) {
        try await ClientTransaction.envelope(proposal, responses, signer: signer)
      }
      #expect(error?.message.string == text)
    }
  }
}
