// Envelopes and blocks (Fabric `common/common.proto`, `common/ledger.proto`, `common/configtx.proto`).

public import MessageFSM

/// A signed payload; a block holds a list of them.
public struct Envelope: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.Envelope"
  /// A marshalled ``EnvelopePayload``.
  public var payload: [UInt8]
  /// The signature of the payload.
  public var signature: [UInt8]

  /// The message with every field at its default.
  public init() {
    self.payload = []
    self.signature = []
  }

  /// The message with these fields.
  public init(payload: [UInt8], signature: [UInt8] = []) {
    self.payload = payload
    self.signature = signature
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &payload)
    coder.bytes(2, &signature)
  }
}

/// What an envelope holds (`common.Payload`).
public struct EnvelopePayload: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.Payload"
  /// Type, channel, transaction and creator.
  public var header: Header?
  /// A marshalled message of the header's type.
  public var data: [UInt8]

  /// The message with every field at its default.
  public init() {
    self.header = nil
    self.data = []
  }

  /// The message with these fields.
  public init(header: Header?, data: [UInt8] = []) {
    self.header = header
    self.data = data
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.message(1, &header)
    coder.bytes(2, &data)
  }
}

/// A block of the chain.
public struct Block: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.Block"
  /// Number and hashes.
  public var header: BlockHeader?
  /// The envelopes.
  public var data: BlockData?
  /// What is added after ordering.
  public var metadata: BlockMetadata?

  /// The message with every field at its default.
  public init() {
    self.header = nil
    self.data = nil
    self.metadata = nil
  }

  /// The message with these fields.
  public init(header: BlockHeader?, data: BlockData? = nil, metadata: BlockMetadata? = nil) {
    self.header = header
    self.data = data
    self.metadata = metadata
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.message(1, &header)
    coder.message(2, &data)
    coder.message(3, &metadata)
  }
}

/// Number and hashes of a block.
public struct BlockHeader: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.BlockHeader"
  /// The number; the genesis block has 0.
  public var number: UInt64
  /// The hash of the header before.
  public var previousHash: [UInt8]
  /// The hash of the envelopes.
  public var dataHash: [UInt8]

  /// The message with every field at its default.
  public init() {
    self.number = 0
    self.previousHash = []
    self.dataHash = []
  }

  /// The message with these fields.
  public init(number: UInt64, previousHash: [UInt8] = [], dataHash: [UInt8] = []) {
    self.number = number
    self.previousHash = previousHash
    self.dataHash = dataHash
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.uint64(1, &number)
    coder.bytes(2, &previousHash)
    coder.bytes(3, &dataHash)
  }
}

/// The envelopes of a block.
public struct BlockData: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.BlockData"
  /// Marshalled ``Envelope``s.
  public var envelopes: [[UInt8]]

  /// The message with every field at its default.
  public init() {
    self.envelopes = []
  }

  /// The message with these fields.
  public init(envelopes: [[UInt8]]) {
    self.envelopes = envelopes
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytesList(1, &envelopes)
  }
}

/// What orderer and committer add to a block.
public struct BlockMetadata: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.BlockMetadata"
  /// An entry per `BlockMetadataIndex`.
  public var metadata: [[UInt8]]

  /// The message with every field at its default.
  public init() {
    self.metadata = []
  }

  /// The message with these fields.
  public init(metadata: [[UInt8]]) {
    self.metadata = metadata
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytesList(1, &metadata)
  }
}

/// A value with signatures, as block metadata holds it (`common.Metadata`).
public struct SignedMetadata: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.Metadata"
  /// The value.
  public var value: [UInt8]
  /// The signatures.
  public var signatures: [MetadataSignature]

  /// The message with every field at its default.
  public init() {
    self.value = []
    self.signatures = []
  }

  /// The message with these fields.
  public init(value: [UInt8], signatures: [MetadataSignature] = []) {
    self.value = value
    self.signatures = signatures
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &value)
    coder.messages(2, &signatures)
  }
}

/// A signature of block metadata.
public struct MetadataSignature: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.MetadataSignature"
  /// Who signed.
  public var signatureHeader: [UInt8]
  /// The signature.
  public var signature: [UInt8]
  /// Who signed, by number (Fabric 3.0).
  public var identifierHeader: [UInt8]

  /// The message with every field at its default.
  public init() {
    self.signatureHeader = []
    self.signature = []
    self.identifierHeader = []
  }

  /// The message with these fields.
  public init(signatureHeader: [UInt8], signature: [UInt8] = [], identifierHeader: [UInt8] = []) {
    self.signatureHeader = signatureHeader
    self.signature = signature
    self.identifierHeader = identifierHeader
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &signatureHeader)
    coder.bytes(2, &signature)
    coder.bytes(3, &identifierHeader)
  }
}

/// How long a chain is and how it ends.
public struct BlockchainInfo: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.BlockchainInfo"
  /// The number of blocks.
  public var height: UInt64
  /// The hash of the last header.
  public var currentBlockHash: [UInt8]
  /// The hash of the header before the last.
  public var previousBlockHash: [UInt8]

  /// The message with every field at its default.
  public init() {
    self.height = 0
    self.currentBlockHash = []
    self.previousBlockHash = []
  }

  /// The message with these fields.
  public init(height: UInt64, currentBlockHash: [UInt8] = [], previousBlockHash: [UInt8] = []) {
    self.height = height
    self.currentBlockHash = currentBlockHash
    self.previousBlockHash = previousBlockHash
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.uint64(1, &height)
    coder.bytes(2, &currentBlockHash)
    coder.bytes(3, &previousBlockHash)
  }
}

/// A channel's configuration; the ledger keeps it and does not look inside.
public struct ConfigEnvelope: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.ConfigEnvelope"
  /// A marshalled `common.Config`.
  public var config: [UInt8]?
  /// The envelope of the update that led to it.
  public var lastUpdate: [UInt8]?

  /// The message with every field at its default.
  public init() {
    self.config = nil
    self.lastUpdate = nil
  }

  /// The message with these fields.
  public init(config: [UInt8]?, lastUpdate: [UInt8]? = nil) {
    self.config = config
    self.lastUpdate = lastUpdate
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.raw(1, &config)
    coder.raw(2, &lastUpdate)
  }
}
