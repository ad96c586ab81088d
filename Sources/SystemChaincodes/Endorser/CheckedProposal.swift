internal import InprocHost
internal import MessageFSM

/// A proposal whose form, signature and txid are right (Fabric `core/common/validation.ValidateProposalMessage`).
struct CheckedProposal: Sendable {
  let signed: SignedProposal
  let proposal: Proposal
  let header: Header
  let channelHeader: ChannelHeader
  let creator: [UInt8]
  let chaincode: WireString
  let input: ChaincodeInput
  /// The payload as it goes into the block, without the transient map.
  let committedPayload: [UInt8]

  /// Checks a proposal.
  ///
  /// - Throws: Fabric's text for what is wrong.
  init(_ signed: SignedProposal, verifier: any IdentityVerifier, version: FabricVersion) async throws {
    let proposal = try Proposal.read(signed.proposalBytes, version, as: "Proposal")
    let header = try Header.read(proposal.header, version, as: "Header")
    let channelHeader = try ChannelHeader.read(header.channelHeader, version, as: "ChannelHeader")
    let signatureHeader = try SignatureHeader.read(header.signatureHeader, version, as: "SignatureHeader")
    try Self.check(channelHeader)
    try Self.check(signatureHeader)
    try await Self.checkSignature(signed, signatureHeader.creator, channelHeader.channelID, verifier)
    let txid = Self.txid(nonce: signatureHeader.nonce, creator: signatureHeader.creator)
    guard channelHeader.txid == txid else {
      throw LedgerError(joining: "invalid txid. got [", channelHeader.txid, "], expected [", txid, "]")
    }
    guard channelHeader.type != ChannelHeader.HeaderType.configUpdate.rawValue else {
      throw LedgerError("unsupported proposal type \(channelHeader.type)")
    }
    guard let extension_ = try? ChaincodeHeaderExtension(wireBytes: channelHeader.extension_) else {
      throw LedgerError("invalid header extension for type CHAINCODE")
    }
    guard let id = extension_.chaincodeID else {
      throw LedgerError("ChaincodeHeaderExtension.ChaincodeId is nil")
    }
    var payload = try ChaincodeProposalPayload.read(proposal.payload, version, as: "ChaincodeProposalPayload")
    let invocation = try ChaincodeInvocationSpec.read(payload.input, version, as: "ChaincodeInvocationSpec")
    // Fabric 1.4 takes these without looking, and dies if they are not there.
    guard let spec = invocation.chaincodeSpec else { throw LedgerError("chaincode spec is nil") }
    guard let input = spec.input else { throw LedgerError("chaincode input is nil") }
    if let inner = spec.chaincodeID, inner.name != id.name {
      throw LedgerError(
        joining: "inconsistent chaincode ID info in chaincode proposal, ", id.name, " and ", inner.name)
    }
    payload.transientMap = []
    self.signed = signed
    self.proposal = proposal
    self.header = header
    self.channelHeader = channelHeader
    self.creator = signatureHeader.creator
    self.chaincode = id.name
    self.input = input
    self.committedPayload = payload.wireBytes()
  }

  /// The txid that a client must choose (Fabric `ComputeTxID`).
  static func txid(nonce: [UInt8], creator: [UInt8]) -> WireString {
    WireString(bytes: SHA256.hash(nonce + creator).hexBytes)
  }

  /// What is signed: the proposal's hash and what came of it (Fabric `GetProposalHash1`, `GetBytesProposalResponsePayload`).
  func responsePayload(_ action: ChaincodeAction) -> [UInt8] {
    Self.responsePayload(action, header, committedPayload: committedPayload)
  }

  static func responsePayload(
    _ action: ChaincodeAction, _ header: Header, committedPayload: [UInt8]
  ) -> [UInt8] {
    let hash = SHA256.hash(header.channelHeader + header.signatureHeader + committedPayload)
    return ProposalResponsePayload(proposalHash: hash, extension_: action.wireBytes()).wireBytes()
  }

  /// What an endorser signs, which is the response with its own identity behind it.
  static func endorsement(_ payload: [UInt8], by signer: any SigningIdentity) async throws -> Endorsement {
    Endorsement(
      endorser: signer.serialized, signature: try await signer.sign(payload + signer.serialized))
  }

  private static func check(_ header: ChannelHeader) throws(LedgerError) {
    let type = ChannelHeader.HeaderType(rawValue: header.type)
    guard type == .endorserTransaction || type == .config || type == .configUpdate else {
      throw LedgerError("invalid header type \(WireString(type?.name ?? String(header.type)))")
    }
    guard header.epoch == 0 else {
      throw LedgerError("invalid Epoch in ChannelHeader. Expected 0, got [\(header.epoch)]")
    }
  }

  private static func check(_ header: SignatureHeader) throws(LedgerError) {
    if header.nonce.isEmpty { throw LedgerError("invalid nonce specified in the header") }
    if header.creator.isEmpty { throw LedgerError("invalid creator specified in the header") }
  }

  /// Tells no more than that it was refused: whoever is not let in shall not learn which channels there are.
  private static func checkSignature(
    _ signed: SignedProposal, _ creator: [UInt8], _ channel: WireString, _ verifier: any IdentityVerifier
  ) async throws(LedgerError) {
    do {
      let identity = try await verifier.identity(creator, channel: channel)
      try await verifier.verify(signed.signature, of: signed.proposalBytes, by: identity)
    } catch {
      let organization = (try? SerializedIdentity(wireBytes: creator).mspid) ?? .empty
      throw LedgerError(
        joining: "access denied: channel [", channel, "] creator org [", organization, "]")
    }
  }
}
