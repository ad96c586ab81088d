internal import InprocHost
internal import MessageFSM

/// Takes configuration blocks apart, with Fabric's texts for what is wrong with them (`protoutil`, `cscc.validateConfigBlock`).
struct ConfigBlock {
  let block: Block
  let version: FabricVersion

  /// The block that these bytes hold.
  ///
  /// - Throws: Fabric's text if they hold none.
  init(wireBytes: [UInt8], version: FabricVersion) throws(LedgerError) {
    self.version = version
    self.block = try Block.read(wireBytes, version, as: version == .v1_4 ? "block" : "Block")
  }

  init(_ block: Block, version: FabricVersion) {
    self.block = block
    self.version = version
  }

  /// The channel that the block's first envelope names.
  ///
  /// - Throws: Fabric's text if it names none.
  func channel() throws(LedgerError) -> WireString {
    guard let first = block.data?.envelopes.first else {
      throw LedgerError("failed to retrieve channel id - block is empty")
    }
    let envelope = try Envelope.read(first, version, as: "Envelope")
    let payload = try EnvelopePayload.read(envelope.payload, version, as: "Payload")
    guard let header = payload.header else {
      throw LedgerError("failed to retrieve channel id - payload header is empty")
    }
    let channelHeader = try ChannelHeader.read(header.channelHeader, version, as: "ChannelHeader")
    return channelHeader.channelID
  }

  /// Checks that the block configures a channel for applications, with no more than these capabilities.
  ///
  /// - Throws: Fabric's text if it does not.
  func validate(_ capabilities: CapabilitySupport) throws(LedgerError) {
    guard let config = try configuration().config else { throw LedgerError("Nil config envelope Config") }
    let content = try ChannelConfig.read(
      config, version, as: "message for type CONFIG", behind: "Bad configuration envelope: ")
    guard let group = content.channelGroup else { throw LedgerError("Nil channel group") }
    guard !group.groups.isEmpty else { throw LedgerError("No channel configuration groups are available") }
    guard group.groups.contains(where: { $0.key == "Application" }) else {
      throw LedgerError("Invalid configuration block, missing Application configuration group")
    }
    do {
      try capabilities.check(group)
    } catch {
      throw LedgerError(joining: "Failed capabilities check: [", error.text, "]")
    }
  }

  /// The configuration in the block's first envelope.
  ///
  /// - Throws: Fabric's text if there is none.
  func configuration() throws(LedgerError) -> ConfigEnvelope {
    let envelope: Envelope
    do throws(LedgerError) {
      envelope = try firstEnvelope()
    } catch {
      throw LedgerError(joining: "Failed to ", error.message)
    }
    do throws(LedgerError) {
      let payload = try EnvelopePayload.read(envelope.payload, version, as: "Payload")
      guard let header = payload.header else { throw LedgerError("envelope must have a Header") }
      let channelHeader = try ChannelHeader.read(header.channelHeader, version, as: "ChannelHeader")
      guard channelHeader.type == ChannelHeader.HeaderType.config.rawValue else {
        let type = ChannelHeader.HeaderType(rawValue: channelHeader.type)?.name ?? "\(channelHeader.type)"
        throw LedgerError("invalid type \(WireString(type)), expected CONFIG")
      }
      return try ConfigEnvelope.read(payload.data, version, as: "message for type CONFIG")
    } catch {
      throw LedgerError(joining: "Bad configuration envelope: ", error.message)
    }
  }

  private func firstEnvelope() throws(LedgerError) -> Envelope {
    guard let data = block.data else { throw LedgerError("block data is nil") }
    guard let first = data.envelopes.first else { throw LedgerError("envelope index out of bounds") }
    do throws(LedgerError) {
      return try Envelope.read(first, version, as: "Envelope")
    } catch {
      throw LedgerError(joining: "block data does not carry an envelope at index 0: ", error.message)
    }
  }

  /// The block with a verdict for every transaction; it is VALID where the block brings none, as the first block may.
  func withVerdicts() -> Block {
    var block = block
    var metadata = block.metadata?.metadata ?? []
    while metadata.count < BlockMetadataIndex.count { metadata.append([]) }
    if metadata[BlockMetadataIndex.transactionsFilter].isEmpty {
      metadata[BlockMetadataIndex.transactionsFilter] = Array(
        repeating: UInt8(0), count: block.data?.envelopes.count ?? 0)
    }
    block.metadata = BlockMetadata(metadata: metadata)
    return block
  }

  /// The number of the configuration that was in force when the block was made.
  ///
  /// - Throws: Fabric's text if the block's metadata does not tell.
  func lastConfigNumber() throws(LedgerError) -> UInt64 {
    let signatures = try metadata(BlockMetadataIndex.signatures, "SIGNATURES")
    if signatures.value.isEmpty {
      let last = try metadata(BlockMetadataIndex.lastConfig, "LAST_CONFIG")
      let config = try LastConfig.read(last.value, version, as: "LastConfig")
      return config.index
    }
    let orderer = try OrdererBlockMetadata.read(signatures.value, version) {
      WireString(joining: "failed to unmarshal orderer block metadata: ", $0)
    }
    return orderer.lastConfig?.index ?? 0
  }

  private func metadata(_ index: Int, _ name: String) throws(LedgerError) -> SignedMetadata {
    guard let all = block.metadata?.metadata else {
      throw LedgerError("failed to retrieve metadata: no metadata in block")
    }
    guard index < all.count else {
      throw LedgerError("failed to retrieve metadata: no metadata at index [\(WireString(name))]")
    }
    return try SignedMetadata.read(
      all[index], version, as: "metadata at index [\(WireString(name))]",
      behind: "failed to retrieve metadata: ")
  }
}
