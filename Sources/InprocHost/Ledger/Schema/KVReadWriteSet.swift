// What a transaction read and wrote in one namespace (Fabric `ledger/rwset/kvrwset/kv_rwset.proto`).

public import MessageFSM

/// Reads, range queries, writes and metadata writes of one namespace, or of one private collection.
public struct KVRWSet: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "kvrwset.KVRWSet"
  /// The keys that were read, in their order.
  public var reads: [KVRead]
  /// The ranges that were read, in the order of the queries.
  public var rangeQueries: [RangeQueryInfo]
  /// The keys that are written, in their order.
  public var writes: [KVWrite]
  /// The keys whose metadata is written, in their order.
  public var metadataWrites: [KVMetadataWrite]

  /// The message with every field at its default.
  public init() {
    self.reads = []
    self.rangeQueries = []
    self.writes = []
    self.metadataWrites = []
  }

  /// The message with these fields.
  public init(
    reads: [KVRead] = [], rangeQueries: [RangeQueryInfo] = [], writes: [KVWrite] = [],
    metadataWrites: [KVMetadataWrite] = []
  ) {
    self.reads = reads
    self.rangeQueries = rangeQueries
    self.writes = writes
    self.metadataWrites = metadataWrites
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.messages(1, &reads)
    coder.messages(2, &rangeQueries)
    coder.messages(3, &writes)
    coder.messages(4, &metadataWrites)
  }
}

/// The public part of what a transaction did in a private collection: hashes alone.
public struct HashedRWSet: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "kvrwset.HashedRWSet"
  /// The hashes of the keys that were read.
  public var reads: [KVReadHash]
  /// The hashes of the keys and values that are written.
  public var writes: [KVWriteHash]
  /// The hashes of the keys whose metadata is written.
  public var metadataWrites: [KVMetadataWriteHash]

  /// The message with every field at its default.
  public init() {
    self.reads = []
    self.writes = []
    self.metadataWrites = []
  }

  /// The message with these fields.
  public init(
    reads: [KVReadHash] = [], writes: [KVWriteHash] = [], metadataWrites: [KVMetadataWriteHash] = []
  ) {
    self.reads = reads
    self.writes = writes
    self.metadataWrites = metadataWrites
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.messages(1, &reads)
    coder.messages(2, &writes)
    coder.messages(3, &metadataWrites)
  }
}

/// A key that was read.
public struct KVRead: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "kvrwset.KVRead"
  /// The key.
  public var key: WireString
  /// The version that was read; `nil` if the key did not exist.
  public var version: Version?

  /// The message with every field at its default.
  public init() {
    self.key = .empty
    self.version = nil
  }

  /// The message with these fields.
  public init(key: WireString, version: Version? = nil) {
    self.key = key
    self.version = version
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "key", &key)
    coder.message(2, &version)
  }
}

/// A key that is written.
public struct KVWrite: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "kvrwset.KVWrite"
  /// The key.
  public var key: WireString
  /// Whether the key is deleted.
  public var isDelete: Bool
  /// The value.
  public var value: [UInt8]

  /// The message with every field at its default.
  public init() {
    self.key = .empty
    self.isDelete = false
    self.value = []
  }

  /// The message with these fields.
  public init(key: WireString, isDelete: Bool = false, value: [UInt8] = []) {
    self.key = key
    self.isDelete = isDelete
    self.value = value
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "key", &key)
    coder.bool(2, &isDelete)
    coder.bytes(3, &value)
  }
}

/// The metadata of a key, in place of all it had.
public struct KVMetadataWrite: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "kvrwset.KVMetadataWrite"
  /// The key.
  public var key: WireString
  /// The entries; none removes the metadata.
  public var entries: [KVMetadataEntry]

  /// The message with every field at its default.
  public init() {
    self.key = .empty
    self.entries = []
  }

  /// The message with these fields.
  public init(key: WireString, entries: [KVMetadataEntry] = []) {
    self.key = key
    self.entries = entries
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "key", &key)
    coder.messages(2, &entries)
  }
}

/// A private key that was read.
public struct KVReadHash: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "kvrwset.KVReadHash"
  /// The hash of the key.
  public var keyHash: [UInt8]
  /// The version that was read; `nil` if the key did not exist.
  public var version: Version?

  /// The message with every field at its default.
  public init() {
    self.keyHash = []
    self.version = nil
  }

  /// The message with these fields.
  public init(keyHash: [UInt8], version: Version? = nil) {
    self.keyHash = keyHash
    self.version = version
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &keyHash)
    coder.message(2, &version)
  }
}

/// A private key that is written.
public struct KVWriteHash: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "kvrwset.KVWriteHash"
  /// The hash of the key.
  public var keyHash: [UInt8]
  /// Whether the key is deleted.
  public var isDelete: Bool
  /// The hash of the value.
  public var valueHash: [UInt8]
  /// Whether the history of the key goes too (Fabric 2.5).
  public var isPurge: Bool

  /// The message with every field at its default.
  public init() {
    self.keyHash = []
    self.isDelete = false
    self.valueHash = []
    self.isPurge = false
  }

  /// The message with these fields.
  public init(keyHash: [UInt8], isDelete: Bool = false, valueHash: [UInt8] = [], isPurge: Bool = false) {
    self.keyHash = keyHash
    self.isDelete = isDelete
    self.valueHash = valueHash
    self.isPurge = isPurge
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &keyHash)
    coder.bool(2, &isDelete)
    coder.bytes(3, &valueHash)
    coder.bool(4, &isPurge)
  }
}

/// The metadata of a private key, in place of all it had.
public struct KVMetadataWriteHash: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "kvrwset.KVMetadataWriteHash"
  /// The hash of the key.
  public var keyHash: [UInt8]
  /// The entries; none removes the metadata.
  public var entries: [KVMetadataEntry]

  /// The message with every field at its default.
  public init() {
    self.keyHash = []
    self.entries = []
  }

  /// The message with these fields.
  public init(keyHash: [UInt8], entries: [KVMetadataEntry] = []) {
    self.keyHash = keyHash
    self.entries = entries
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &keyHash)
    coder.messages(2, &entries)
  }
}

/// One named value of a key's metadata.
public struct KVMetadataEntry: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "kvrwset.KVMetadataEntry"
  /// The name.
  public var name: WireString
  /// The value.
  public var value: [UInt8]

  /// The message with every field at its default.
  public init() {
    self.name = .empty
    self.value = []
  }

  /// The message with these fields.
  public init(name: WireString, value: [UInt8] = []) {
    self.name = name
    self.value = value
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "name", &name)
    coder.bytes(2, &value)
  }
}

/// Which transaction wrote a value.
public struct Version: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "kvrwset.Version"
  /// The block.
  public var blockNumber: UInt64
  /// The transaction's place in the block.
  public var txNumber: UInt64

  /// The message with every field at its default.
  public init() {
    self.blockNumber = 0
    self.txNumber = 0
  }

  /// The message with these fields.
  public init(blockNumber: UInt64, txNumber: UInt64 = 0) {
    self.blockNumber = blockNumber
    self.txNumber = txNumber
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.uint64(1, &blockNumber)
    coder.uint64(2, &txNumber)
  }
}

/// What a range query saw, so that validation can see the same or refuse.
public struct RangeQueryInfo: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "kvrwset.RangeQueryInfo"
  /// Where the query began.
  public var startKey: WireString
  /// Where it ended; the last key seen if it was not exhausted.
  public var endKey: WireString
  /// Whether the iterator was asked until nothing came.
  public var exhausted: Bool
  /// The keys that were seen, if they are few.
  public var rawReads: QueryReads?
  /// The hashes over the keys that were seen, if they are many.
  public var merkleSummary: QueryReadsMerkleSummary?

  /// The message with every field at its default.
  public init() {
    self.startKey = .empty
    self.endKey = .empty
    self.exhausted = false
    self.rawReads = nil
    self.merkleSummary = nil
  }

  /// The message with these fields.
  public init(
    startKey: WireString, endKey: WireString = .empty, exhausted: Bool = false, rawReads: QueryReads? = nil,
    merkleSummary: QueryReadsMerkleSummary? = nil
  ) {
    self.startKey = startKey
    self.endKey = endKey
    self.exhausted = exhausted
    self.rawReads = rawReads
    self.merkleSummary = merkleSummary
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "start_key", &startKey)
    coder.string(2, "end_key", &endKey)
    coder.bool(3, &exhausted)
    coder.message(4, &rawReads)
    coder.message(5, &merkleSummary)
  }
}

/// Keys with their versions.
public struct QueryReads: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "kvrwset.QueryReads"
  /// The keys.
  public var reads: [KVRead]

  /// The message with every field at its default.
  public init() {
    self.reads = []
  }

  /// The message with these fields.
  public init(reads: [KVRead]) {
    self.reads = reads
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.messages(1, &reads)
  }
}

/// The top of a Merkle tree over the keys that a range query saw.
public struct QueryReadsMerkleSummary: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "kvrwset.QueryReadsMerkleSummary"
  /// How many nodes are hashed together at most, less one.
  public var maxDegree: UInt32
  /// The level of the hashes.
  public var maxLevel: UInt32
  /// The hashes.
  public var maxLevelHashes: [[UInt8]]

  /// The message with every field at its default.
  public init() {
    self.maxDegree = 0
    self.maxLevel = 0
    self.maxLevelHashes = []
  }

  /// The message with these fields.
  public init(maxDegree: UInt32, maxLevel: UInt32 = 0, maxLevelHashes: [[UInt8]] = []) {
    self.maxDegree = maxDegree
    self.maxLevel = maxLevel
    self.maxLevelHashes = maxLevelHashes
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.uint32(1, &maxDegree)
    coder.uint32(2, &maxLevel)
    coder.bytesList(3, &maxLevelHashes)
  }
}
