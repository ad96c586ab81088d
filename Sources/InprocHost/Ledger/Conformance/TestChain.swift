public import MessageFSM

/// Makes the blocks that a ledger is tried with: envelopes around simulation results, chained by their hashes.
public struct TestChain: Sendable {
  /// The channel that the envelopes name.
  public let channel: WireString
  /// The number of the next block.
  public private(set) var height: UInt64 = 0
  private var lastHash: [UInt8] = []

  /// A chain without blocks.
  public init(channel: WireString = "conformance") {
    self.channel = channel
  }

  /// A chain that goes on where a ledger's chain ends.
  public init(channel: WireString = "conformance", after info: BlockchainInfo) {
    self.channel = channel
    self.height = info.height
    self.lastHash = info.currentBlockHash
  }

  /// A marshalled envelope of an endorsed transaction with these results.
  public func envelope(txid: WireString, results: [UInt8]) -> [UInt8] {
    let action = ChaincodeAction(results: results, response: .success())
    let response = ProposalResponsePayload(extension_: action.wireBytes())
    let payload = ChaincodeActionPayload(
      action: ChaincodeEndorsedAction(responsePayload: response.wireBytes()))
    let transaction = Transaction(actions: [TransactionAction(payload: payload.wireBytes())])
    return envelope(txid: txid, type: 3, data: transaction.wireBytes())
  }

  /// A marshalled envelope of any type.
  public func envelope(txid: WireString, type: Int32, data: [UInt8]) -> [UInt8] {
    let timestamp = Timestamp(seconds: 1_500_000_000 + Int64(height % 1_000_000), nanos: 0)
    var channelHeader = ChannelHeader()
    channelHeader.type = type
    channelHeader.timestamp = timestamp
    channelHeader.channelID = channel
    channelHeader.txid = txid
    let header = Header(channelHeader: channelHeader.wireBytes(), signatureHeader: [])
    return Envelope(payload: EnvelopePayload(header: header, data: data).wireBytes()).wireBytes()
  }

  /// The next block with these envelopes; ``advance(past:)`` makes it part of the chain.
  public func block(_ envelopes: [[UInt8]], codes: [TxValidationCode]? = nil) -> Block {
    let data = BlockData(envelopes: envelopes)
    let filter = (codes ?? envelopes.map { _ in .valid }).map(\.rawValue)
    return Block(
      header: BlockHeader(number: height, previousHash: lastHash, dataHash: data.hash), data: data,
      metadata: BlockMetadata(metadata: [[], [], filter, [], []]))
  }

  /// Goes on behind `block`.
  public mutating func advance(past block: Block) {
    height += 1
    lastHash = block.header?.hash ?? []
  }
}
