public import InprocHost
public import MessageFSM

/// What a client does around an endorser: makes proposals, and transactions of what was endorsed (Fabric `protoutil`).
public enum ClientTransaction: Sendable {
  /// A signed proposal to call a chaincode; its txid is computed from nonce and signer.
  ///
  /// - Parameters:
  ///   - chaincode: the chaincode.
  ///   - args: the arguments.
  ///   - channel: the channel; empty for a question to the peer itself.
  ///   - nonce: bytes that the signer uses once.
  ///   - signer: who proposes.
  ///   - transient: data for the chaincode that does not go into the block.
  ///   - timestamp: when the proposal is made.
  /// - Throws: what hinders the signature.
  /// - Returns: the proposal with its signature.
  public static func proposal(
    _ chaincode: WireString, _ args: [[UInt8]], channel: WireString = .empty, nonce: [UInt8],
    signer: any SigningIdentity, transient: [MapEntry] = [], timestamp: Timestamp? = nil
  ) async throws -> SignedProposal {
    let id = ChaincodeID(name: chaincode)
    let creator = signer.serialized
    let channelHeader = ChannelHeader(
      type: ChannelHeader.HeaderType.endorserTransaction.rawValue, channelID: channel,
      txid: CheckedProposal.txid(nonce: nonce, creator: creator), timestamp: timestamp,
      extension_: ChaincodeHeaderExtension(chaincodeID: id).wireBytes())
    let header = Header(
      channelHeader: channelHeader.wireBytes(),
      signatureHeader: SignatureHeader(creator: creator, nonce: nonce).wireBytes())
    let spec = ChaincodeSpec(chaincodeID: id, input: ChaincodeInput(args: args), type: 1)
    let payload = ChaincodeProposalPayload(
      input: ChaincodeInvocationSpec(chaincodeSpec: spec).wireBytes(), transientMap: transient)
    let bytes = Proposal(header: header.wireBytes(), payload: payload.wireBytes()).wireBytes()
    return SignedProposal(proposalBytes: bytes, signature: try await signer.sign(bytes))
  }

  /// The transaction that a client sends to the orderer (Fabric `CreateSignedTx`).
  ///
  /// - Parameters:
  ///   - proposal: what was proposed.
  ///   - responses: what endorsers answered.
  ///   - signer: who proposed.
  /// - Throws: Fabric's text if the endorsers do not agree, or have not endorsed; what hinders reading or signing.
  /// - Returns: the envelope with its signature.
  public static func envelope(
    _ proposal: SignedProposal, _ responses: [ProposalResponse], signer: any SigningIdentity
  ) async throws -> Envelope {
    guard let first = responses.first else {
      throw LedgerError("at least one proposal response is required")
    }
    let inner = try Proposal(wireBytes: proposal.proposalBytes)
    let header = try Header(wireBytes: inner.header)
    guard try SignatureHeader(wireBytes: header.signatureHeader).creator == signer.serialized else {
      throw LedgerError("signer must be the same as the one referenced in the header")
    }
    var endorsements: [Endorsement] = []
    for response in responses {
      let status = response.response?.status ?? 0
      guard (200..<400).contains(status), let endorsement = response.endorsement else {
        throw LedgerError(
          joining: "proposal response was not successful, error code \(status), msg ",
          response.response?.message ?? .empty)
      }
      guard response.payload == first.payload else {
        throw LedgerError("ProposalResponsePayloads do not match")
      }
      endorsements.append(endorsement)
    }
    var payload = try ChaincodeProposalPayload(wireBytes: inner.payload)
    payload.transientMap = []
    let actionPayload = ChaincodeActionPayload(
      proposalPayload: payload.wireBytes(),
      action: ChaincodeEndorsedAction(responsePayload: first.payload, endorsements: endorsements))
    let transaction = Transaction(actions: [
      TransactionAction(header: header.signatureHeader, payload: actionPayload.wireBytes())
    ])
    let bytes = EnvelopePayload(header: header, data: transaction.wireBytes()).wireBytes()
    return Envelope(payload: bytes, signature: try await signer.sign(bytes))
  }
}
