public import InprocHost
public import MessageFSM

extension Block {
  /// Block 0 of a channel: its one transaction is the channel's configuration (what Fabric's `configtxgen` makes, without signatures).
  ///
  /// It can be handed to cscc's JoinChain.
  ///
  /// - Parameters:
  ///   - channel: the channel's name.
  ///   - config: its configuration; cscc asks for a group named `Application` in it.
  /// - Returns: the block, with metadata that nobody has filled in yet.
  public static func genesis(channel: WireString, config: ChannelConfig) -> Block {
    let header = ChannelHeader(
      type: ChannelHeader.HeaderType.config.rawValue, channelID: channel, txid: .empty)
    let payload = EnvelopePayload(
      header: Header(channelHeader: header.wireBytes(), signatureHeader: []),
      data: ConfigEnvelope(config: config.wireBytes()).wireBytes())
    let data = BlockData(envelopes: [Envelope(payload: payload.wireBytes()).wireBytes()])
    return Block(
      header: BlockHeader(number: 0, dataHash: data.hash), data: data,
      metadata: BlockMetadata(metadata: Array(repeating: [], count: BlockMetadataIndex.count)))
  }
}
