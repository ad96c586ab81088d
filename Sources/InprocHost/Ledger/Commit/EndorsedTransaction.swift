public import MessageFSM

/// What a transaction came to, ready to go into a block.
///
/// Made by ``ChaincodeHost/invoke(_:_:channel:txid:timeout:)``. It stands for what endorsers and a client make of a result in a
/// network: nobody has signed it, and the embedded ledger does not ask for signatures.
public struct EndorsedTransaction: Sendable, Hashable {
  /// The channel.
  public var channelID: WireString
  /// The transaction's id.
  public var txid: WireString
  /// The chaincode, and its version.
  public var chaincode: ChaincodeVersion
  /// The arguments it was called with.
  public var args: [[UInt8]]
  /// What it answered.
  public var response: Response
  /// The event it set.
  public var event: ChaincodeEvent?
  /// What it read and wrote.
  public var results: TxSimulationResults

  /// The envelope that a client would send to the orderer (Fabric `protoutil.CreateSignedTx`), without signatures.
  public func envelope() -> Envelope {
    let id = ChaincodeID(name: chaincode.name, version: chaincode.version)
    let spec = ChaincodeInvocationSpec(
      chaincodeSpec: ChaincodeSpec(chaincodeID: id, input: ChaincodeInput(args: args), type: 1))
    let action = ChaincodeAction(
      results: results.publicBytes, events: event?.wireBytes() ?? [], response: response, chaincodeID: id)
    let payload = ProposalResponsePayload(proposalHash: [], extension_: action.wireBytes())
    let actionPayload = ChaincodeActionPayload(
      proposalPayload: ChaincodeProposalPayload(input: spec.wireBytes()).wireBytes(),
      action: ChaincodeEndorsedAction(responsePayload: payload.wireBytes()))
    let header = Header(
      channelHeader: ChannelHeader(
        type: ChannelHeader.HeaderType.endorserTransaction.rawValue, channelID: channelID, txid: txid,
        extension_: ChaincodeHeaderExtension(chaincodeID: ChaincodeID(name: chaincode.name)).wireBytes()
      ).wireBytes(),
      signatureHeader: [])
    let transaction = Transaction(actions: [
      TransactionAction(header: header.signatureHeader, payload: actionPayload.wireBytes())
    ])
    return Envelope(payload: EnvelopePayload(header: header, data: transaction.wireBytes()).wireBytes())
  }
}

extension PeerLedger {
  /// Orders these transactions into the next block and commits it, as an ordering service and a peer would.
  ///
  /// - Throws: what hinders the commit; nothing has changed then.
  /// - Returns: the verdict on each transaction, in their order.
  @discardableResult
  public func commit(_ transactions: [EndorsedTransaction]) async throws -> [TxValidationCode] {
    let privateData = transactions.enumerated().compactMap { index, transaction in
      transaction.results.privateBytes.map { PrivateWriteSet(sequence: UInt64(index), writeSet: $0) }
    }
    return try await commit(envelopes: transactions.map { $0.envelope() }, privateData: privateData)
  }

  /// Orders these envelopes into the next block and commits it, as an ordering service and a peer would.
  ///
  /// - Parameters:
  ///   - envelopes: what clients have sent.
  ///   - privateData: the private write sets of these transactions.
  /// - Throws: what hinders the commit; nothing has changed then.
  /// - Returns: the verdict on each transaction, in their order.
  @discardableResult
  public func commit(
    envelopes: [Envelope], privateData: [PrivateWriteSet] = []
  ) async throws -> [TxValidationCode] {
    let info = try await blockchainInfo()
    let data = BlockData(envelopes: envelopes.map { $0.wireBytes() })
    let block = Block(
      header: BlockHeader(number: info.height, previousHash: info.currentBlockHash, dataHash: data.hash),
      data: data, metadata: BlockMetadata(metadata: []))
    let committed = try await commit(block, privateData: privateData, missing: [])
    let filter = committed.metadata?.metadata.dropFirst(BlockMetadataIndex.transactionsFilter).first ?? []
    return filter.map { TxValidationCode(rawValue: $0) }
  }
}
