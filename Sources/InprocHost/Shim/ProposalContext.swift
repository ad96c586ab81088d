import MessageFSM

/// What a stub reads from the signed proposal of its transaction.
struct ProposalContext: Sendable {
  let creator: [UInt8]
  let transient: [MapEntry]
  let binding: [UInt8]
  let timestamp: Timestamp?

  /// Takes a signed proposal apart; every part that is missing or unreadable is an error with the text of that Fabric.
  init(_ signed: SignedProposal, version: FabricVersion) throws(TransactionError) {
    let texts = Texts(version: version)
    let proposal = try texts.read(signed.proposalBytes, .proposal) as Proposal
    if proposal.header.isEmpty { throw texts.error(.headerMissing) }
    // 1.4 asks for the payload (`GetChaincodeProposalContext`), 3.1 takes an absent one for empty.
    if proposal.payload.isEmpty && version == .v1_4 { throw texts.error(.payloadMissing) }
    let header = try texts.read(proposal.header, .header) as Header
    let channelHeader = try texts.read(header.channelHeader, .channelHeader) as ChannelHeader
    let type = ChannelHeader.HeaderType(rawValue: channelHeader.type)
    guard type == .endorserTransaction || type == .config else {
      throw texts.error(.headerType(type?.name ?? String(channelHeader.type)))
    }
    let signatureHeader = try texts.read(header.signatureHeader, .signatureHeader) as SignatureHeader
    let payload = try texts.read(proposal.payload, .payload) as ChaincodeProposalPayload

    self.creator = signatureHeader.creator
    self.transient = payload.transientMap
    self.timestamp = channelHeader.timestamp
    // SHA-256 of nonce, creator and the epoch in eight little-endian bytes (`protoutil.ComputeProposalBinding`).
    var hash = SHA256()
    hash.update(signatureHeader.nonce)
    hash.update(signatureHeader.creator)
    hash.update((0..<8).map { UInt8(truncatingIfNeeded: channelHeader.epoch >> (8 * UInt64($0))) })
    self.binding = hash.finalize()
  }
}

/// The texts for a proposal that cannot be used; 1.4 `shim.ChaincodeStub.init`, 3.1 `shim.newChaincodeStub`.
private struct Texts {
  enum Part {
    case proposal, header, channelHeader, signatureHeader, payload
  }

  enum Fault {
    case headerMissing, payloadMissing
    case headerType(String)
  }

  let version: FabricVersion

  func read<Message: WireMessage>(_ bytes: [UInt8], _ part: Part) throws(TransactionError) -> Message {
    do throws(WireError) {
      return try Message(wireBytes: bytes)
    } catch {
      throw TransactionError(.unreadable, WireString("\(prefix(part))\(error.text(version))"))
    }
  }

  func error(_ fault: Fault) -> TransactionError {
    let text =
      switch (fault, version) {
      case (.headerMissing, .v1_4): "failed extracting signedProposal fields: proposal's header is nil"
      case (.headerMissing, .v3_1):
        "failed to create new ChaincodeStub: failed to extract Proposal fields: proposal header is nil"
      case (.payloadMissing, _): "failed extracting signedProposal fields: proposal's payload is nil"
      case (.headerType(let name), .v1_4):
        "failed extracting signedProposal fields: invalid proposal: invalid channel header type. "
          + "expected one of [ENDORSER_TRANSACTION CONFIG], received \(name)"
      case (.headerType(let name), .v3_1):
        "failed to create new ChaincodeStub: invalid channel header type. "
          + "Expected ENDORSER_TRANSACTION or CONFIG, received \(name)"
      }
    return TransactionError(.unreadable, WireString(text))
  }

  private func prefix(_ part: Part) -> String {
    switch (part, version) {
    case (.proposal, .v1_4):
      "failed extracting signedProposal from signed signedProposal: error unmarshaling Proposal: "
    case (.header, .v1_4):
      "failed extracting signedProposal fields: error extracting header from proposal: "
        + "error unmarshaling Header: "
    case (.channelHeader, .v1_4):
      "failed extracting signedProposal fields: error extracting channel header from proposal: "
        + "error unmarshaling ChannelHeader: "
    case (.signatureHeader, .v1_4):
      "failed extracting signedProposal fields: error extracting signature header from proposal: "
        + "error unmarshaling SignatureHeader: "
    case (.payload, .v1_4):
      "failed extracting signedProposal fields: error unmarshaling ChaincodeProposalPayload: "
    case (.proposal, .v3_1):
      "failed to create new ChaincodeStub: failed to extract Proposal from SignedProposal: "
    case (.header, .v3_1): "failed to create new ChaincodeStub: failed to extract proposal header: "
    case (.channelHeader, .v3_1): "failed to create new ChaincodeStub: failed to extract channel header: "
    case (.signatureHeader, .v3_1):
      "failed to create new ChaincodeStub: failed to extract signature header: "
    case (.payload, .v3_1): "failed to create new ChaincodeStub: failed to extract proposal payload: "
    }
  }
}
