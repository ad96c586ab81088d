/// A message between the peer and a chaincode (Fabric `protos.ChaincodeMessage`).
///
/// In process it travels as this value and nothing is marshalled. ``wireBytes()`` gives the bytes that Fabric would send, and
/// ``init(wireBytes:)`` reads them; both are exact.
public struct ChaincodeMessage: Sendable, Hashable {
  /// Behind one pointer, since a message is handed on a dozen times between the one who sends and the one who answers.
  @usableFromInline var content: Content

  /// A message.
  public init(
    _ payload: consuming Payload, txid: consuming WireString = .empty,
    channelID: consuming WireString = .empty, proposal: SignedProposal? = nil, event: ChaincodeEvent? = nil,
    timestamp: Timestamp? = nil,
    run: UInt64 = 0
  ) {
    let attachments =
      timestamp == nil && proposal == nil && event == nil
      ? nil : Attachments(timestamp: timestamp, proposal: proposal, event: event)
    self.content = Content(
      payload: payload, txid: txid, channelID: channelID, run: run, attachments: attachments)
  }

  /// The type and its content.
  @inlinable public var payload: Payload {
    get { content.payload }
    set {
      content = Content(
        payload: newValue, txid: txid, channelID: channelID, run: run, attachments: content.attachments)
    }
  }

  /// The transaction; empty outside of one.
  @inlinable public var txid: WireString { content.txid }

  /// The channel; empty in a transaction without one.
  @inlinable public var channelID: WireString { content.channelID }

  /// Which run of the txid the message belongs to, told in process only; 0 when the sender did not say.
  ///
  /// A txid can be used again after a time-out. The run tells an answer to the first use from one to the second.
  @inlinable public var run: UInt64 { content.run }

  /// The type of the message.
  @inlinable public var type: MessageType { content.type }

  /// Whether it has any of what follows.
  @inlinable package var hasAttachments: Bool { content.attachments != nil }

  /// When the message was made; Fabric leaves it out.
  public var timestamp: Timestamp? { content.attachments?.timestamp }

  /// The proposal of an INIT or TRANSACTION that has one.
  public var proposal: SignedProposal? { content.attachments?.proposal }

  /// The event of a COMPLETED or ERROR.
  public var event: ChaincodeEvent? { content.attachments?.event }

  /// Two messages are equal when their bytes are: ``run`` does not count.
  public static func == (left: Self, right: Self) -> Bool {
    left.txid == right.txid && left.channelID == right.channelID && left.payload == right.payload
      && left.timestamp == right.timestamp && left.proposal == right.proposal && left.event == right.event
  }

  /// Feeds type, txid and channel to `hasher`.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(type)
    hasher.combine(txid)
    hasher.combine(channelID)
  }
}

/// Immutable, and shared by all copies of a message.
@usableFromInline
final class Content: Sendable {
  @usableFromInline let payload: Payload
  @usableFromInline let txid: WireString
  @usableFromInline let channelID: WireString
  @usableFromInline let run: UInt64
  @usableFromInline let type: MessageType
  @usableFromInline let attachments: Attachments?

  @usableFromInline
  init(
    payload: consuming Payload, txid: consuming WireString, channelID: consuming WireString, run: UInt64,
    attachments: consuming Attachments?
  ) {
    self.type = payload.type
    self.payload = payload
    self.txid = txid
    self.channelID = channelID
    self.run = run
    self.attachments = attachments
  }
}

/// What few messages have.
@usableFromInline
final class Attachments: Sendable {
  let timestamp: Timestamp?
  let proposal: SignedProposal?
  let event: ChaincodeEvent?

  init(timestamp: Timestamp?, proposal: SignedProposal?, event: ChaincodeEvent?) {
    self.timestamp = timestamp
    self.proposal = proposal
    self.event = event
  }
}

extension ChaincodeMessage {
  /// The bytes that Fabric sends for this message.
  public func wireBytes() -> [UInt8] {
    WireChaincodeMessage(
      type: type.number, timestamp: timestamp, payload: payload.wireBytes(), txid: txid,
      proposal: proposal, event: event, channelID: channelID
    ).wireBytes()
  }

  /// The message that these bytes hold.
  ///
  /// - Throws: ``WireError`` if the bytes are no `ChaincodeMessage`. A payload that cannot be read is no error here: it
  ///   stays ``Payload/raw(_:_:)``, since the receiver must answer it.
  public init(wireBytes: [UInt8]) throws(WireError) {
    let wire = try WireChaincodeMessage(wireBytes: wireBytes)
    self.init(
      Payload(type: MessageType(number: wire.type), wireBytes: wire.payload), txid: wire.txid,
      channelID: wire.channelID, proposal: wire.proposal, event: wire.event, timestamp: wire.timestamp)
  }
}

/// The message as protobuf declares it, with its payload as bytes.
private struct WireChaincodeMessage: WireMessage {
  static let protoName = "protos.ChaincodeMessage"
  var type: Int32 = 0
  var timestamp: Timestamp?
  var payload: [UInt8] = []
  var txid = WireString.empty
  var proposal: SignedProposal?
  var event: ChaincodeEvent?
  var channelID = WireString.empty

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int32(1, &type)
    coder.message(2, &timestamp)
    coder.bytes(3, &payload)
    coder.string(4, "txid", &txid)
    coder.message(5, &proposal)
    coder.message(6, &event)
    coder.string(7, "channel_id", &channelID)
  }
}
