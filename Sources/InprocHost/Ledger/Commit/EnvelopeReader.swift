internal import MessageFSM

/// Reads what the committer needs of an envelope, with Fabric's texts for what cannot be read (Fabric `protoutil`).
struct EnvelopeReader {
  let version: FabricVersion

  struct Contents {
    var envelope: Envelope
    var header: Header
    var channelHeader: ChannelHeader
    var data: [UInt8]
  }

  /// Header and data of a marshalled envelope.
  ///
  /// - Throws: Fabric's text; 1.4 and 3.1 spell it differently. An envelope without a header kills Fabric's peer; here it is an error.
  func contents(_ bytes: [UInt8]) throws(LedgerError) -> Contents {
    let envelope = try read("Envelope", bytes, Envelope.init(wireBytes:))
    let payload = try read("Payload", envelope.payload, EnvelopePayload.init(wireBytes:))
    guard let header = payload.header else { throw LedgerError("envelope has no header") }
    let channelHeader = try read("ChannelHeader", header.channelHeader, ChannelHeader.init(wireBytes:))
    return Contents(envelope: envelope, header: header, channelHeader: channelHeader, data: payload.data)
  }

  /// What running the chaincode gave; `nil` if it is not there or cannot be read (Fabric `GetActionFromEnvelope`).
  func action(_ data: [UInt8]) -> ChaincodeAction? {
    guard let action = try? Transaction(wireBytes: data).actions.first,
      let payload = try? ChaincodeActionPayload(wireBytes: action.payload),
      let response = payload.action?.responsePayload, !response.isEmpty,
      let inner = try? ProposalResponsePayload(wireBytes: response), !inner.extension_.isEmpty
    else { return nil }
    return try? ChaincodeAction(wireBytes: inner.extension_)
  }

  /// The txid as the block index knows it: the header's, or what it should be if that is empty; `nil` if nothing can be read.
  func txid(_ contents: Contents) -> WireString? {
    guard contents.channelHeader.txid.isEmpty else { return contents.channelHeader.txid }
    guard let signature = try? SignatureHeader(wireBytes: contents.header.signatureHeader) else { return nil }
    return WireString(SHA256.hash(signature.nonce + signature.creator).hex)
  }

  /// What a configuration transaction writes: the configuration (1.4) or its envelope (3.1), under a key of the namespace "".
  ///
  /// - Throws: Fabric's text.
  func configuration(_ data: [UInt8]) throws(LedgerError) -> ParsedReadWriteSet {
    let envelope: ConfigEnvelope
    do {
      envelope = try ConfigEnvelope(wireBytes: data)
    } catch {
      let verb = version == .v1_4 ? "unmarshaling" : "unmarshalling"
      throw LedgerError(WireString("error \(verb) message for type CONFIG: \(error.text(version))"))
    }
    let key: WireString
    let value: [UInt8]
    switch (version, envelope.config) {
    case (.v1_4, nil): throw LedgerError("proto: Marshal called with nil")
    case (.v3_1, nil): throw LedgerError("channel config found nil")
    case (.v1_4, let config?): (key, value) = ("resourcesconfigtx.CHANNEL_CONFIG_KEY", config)
    case (.v3_1, .some): (key, value) = ("CHANNEL_CONFIG_ENV_BYTES", envelope.wireBytes())
    }
    let keys = KVRWSet(writes: [KVWrite(key: key, isDelete: value.isEmpty, value: value)])
    return ParsedReadWriteSet(namespaces: [.init(name: .empty, keys: keys, collections: [])])
  }

  private func read<Message>(
    _ name: String, _ bytes: [UInt8], _ decode: ([UInt8]) throws(WireError) -> Message
  ) throws(LedgerError) -> Message {
    do {
      return try decode(bytes)
    } catch {
      let verb = version == .v1_4 ? "unmarshaling" : "unmarshalling"
      throw LedgerError(WireString("error \(verb) \(name): \(error.text(version))"))
    }
  }
}
