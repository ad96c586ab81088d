// What a chaincode asks of the state, a payload per message type (Fabric `peer/chaincode_shim.proto`).

/// GET_STATE and GET_PRIVATE_DATA_HASH: one key, in the public state or in a collection.
public struct GetState: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.GetState"
  /// The key.
  public var key: WireString
  /// The collection; empty is the public state.
  public var collection: WireString

  /// A request without a key.
  public init() { self.init(key: .empty) }

  /// A request for this key.
  @inlinable public init(key: WireString, collection: WireString = .empty) {
    self.key = key
    self.collection = collection
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "key", &key)
    coder.string(2, "collection", &collection)
  }
}

/// PUT_STATE: write one key; an empty value is absent on the wire, and the peer's ledger takes it for a deletion.
public struct PutState: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.PutState"
  /// The key.
  public var key: WireString
  /// The value.
  public var value: [UInt8]
  /// The collection; empty is the public state.
  public var collection: WireString

  /// A request without a key.
  public init() { self.init(key: .empty, value: []) }

  /// A request to write `value` at `key`.
  @inlinable public init(key: WireString, value: [UInt8], collection: WireString = .empty) {
    self.key = key
    self.value = value
    self.collection = collection
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "key", &key)
    coder.bytes(2, &value)
    coder.string(3, "collection", &collection)
  }
}

/// DEL_STATE: delete one key.
public struct DelState: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.DelState"
  /// The key.
  public var key: WireString
  /// The collection; empty is the public state.
  public var collection: WireString

  /// A request without a key.
  public init() { self.init(key: .empty) }

  /// A request to delete `key`.
  public init(key: WireString, collection: WireString = .empty) {
    self.key = key
    self.collection = collection
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "key", &key)
    coder.string(2, "collection", &collection)
  }
}

/// PURGE_PRIVATE_DATA: delete one private key and its history (Fabric 2.5).
///
/// Fabric's peer reads it as a `DelState`, which has the same fields, and its error texts say so.
public struct PurgePrivateState: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.DelState"
  /// The key.
  public var key: WireString
  /// The collection.
  public var collection: WireString

  /// A request without a key.
  public init() { self.init(key: .empty, collection: .empty) }

  /// A request to purge `key` from `collection`.
  public init(key: WireString, collection: WireString) {
    self.key = key
    self.collection = collection
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "key", &key)
    coder.string(2, "collection", &collection)
  }
}

/// One named metadata value of a key; Fabric's shim uses the name `VALIDATION_PARAMETER` only.
public struct StateMetadata: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.StateMetadata"
  /// The name under which state-based endorsement keeps its policy (`MetaDataKeys.VALIDATION_PARAMETER`).
  public static let validationParameter: WireString = "VALIDATION_PARAMETER"

  /// The name.
  public var metakey: WireString
  /// The value.
  public var value: [UInt8]

  /// Metadata without a name.
  public init() { self.init(metakey: .empty, value: []) }

  /// Metadata with this name and value.
  public init(metakey: WireString, value: [UInt8]) {
    self.metakey = metakey
    self.value = value
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "metakey", &metakey)
    coder.bytes(2, &value)
  }
}

/// GET_STATE_METADATA: the metadata of one key.
public struct GetStateMetadata: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.GetStateMetadata"
  /// The key.
  public var key: WireString
  /// The collection; empty is the public state.
  public var collection: WireString

  /// A request without a key.
  public init() { self.init(key: .empty) }

  /// A request for the metadata of `key`.
  public init(key: WireString, collection: WireString = .empty) {
    self.key = key
    self.collection = collection
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "key", &key)
    coder.string(2, "collection", &collection)
  }
}

/// PUT_STATE_METADATA: set one metadata value of one key.
public struct PutStateMetadata: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.PutStateMetadata"
  /// The key.
  public var key: WireString
  /// The collection; empty is the public state.
  public var collection: WireString
  /// What to set; Fabric 1.4 crashes when it is absent.
  public var metadata: StateMetadata?

  /// A request without a key.
  public init() { self.init(key: .empty, metadata: nil) }

  /// A request to set `metadata` on `key`.
  public init(key: WireString, metadata: StateMetadata?, collection: WireString = .empty) {
    self.key = key
    self.metadata = metadata
    self.collection = collection
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "key", &key)
    coder.string(3, "collection", &collection)
    coder.message(4, &metadata)
  }
}

/// The answer to GET_STATE_METADATA.
public struct StateMetadataResult: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.StateMetadataResult"
  /// The metadata of the key, in the order of the names.
  public var entries: [StateMetadata]

  /// No metadata.
  public init() { self.init(entries: []) }

  /// This metadata.
  public init(entries: [StateMetadata]) {
    self.entries = entries
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.messages(1, &entries)
  }
}

/// GET_STATE_MULTIPLE: several keys at once (Fabric 3.1).
public struct GetStateMultiple: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.GetStateMultiple"
  /// The keys.
  public var keys: [WireString]
  /// The collection; empty is the public state.
  public var collection: WireString

  /// A request without keys.
  public init() { self.init(keys: []) }

  /// A request for these keys.
  public init(keys: [WireString], collection: WireString = .empty) {
    self.keys = keys
    self.collection = collection
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.strings(1, "keys", &keys)
    coder.string(2, "collection", &collection)
  }

  /// Whether all keys and the collection are UTF-8.
  package var isValidUTF8: Bool {
    // By index: an iterator copies each key.
    collection.isValidUTF8 && keys.indices.allSatisfy { keys[$0].isValidUTF8 }
  }
}

/// The answer to GET_STATE_MULTIPLE: a value per key in the order of the keys, empty where there is none.
public struct GetStateMultipleResult: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.GetStateMultipleResult"
  /// The values, `nil` and never empty where there is none: as the ledger gives and the stub returns them.
  package private(set) var found: [[UInt8]?]

  /// The values.
  public var values: [[UInt8]] {
    get { found.map { $0 ?? [] } }
    set { self = Self(found: newValue) }
  }

  /// No values.
  public init() { self.init(found: []) }

  /// These values.
  public init(values: [[UInt8]]) {
    self.init(found: values)
  }

  /// These values; an empty one is none.
  package init(found: [[UInt8]?]) {
    self.found = found
    for index in found.indices where found[index]?.isEmpty == true { self.found[index] = nil }
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    var values = coder.decodes ? [] : values
    coder.bytesList(1, &values)
    if coder.decodes { for new in values { found.append(new.isEmpty ? nil : new) } }
  }
}

/// WRITE_BATCH_STATE: several writes at once, applied in this order (Fabric 3.1).
public struct WriteBatchState: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.WriteBatchState"
  /// The writes.
  public var records: [WriteRecord]
  /// Whether all are applied or none, told in process only; Fabric keeps the writes before the one that fails.
  public var isAtomic: Bool

  /// No writes.
  public init() { self.init(records: []) }

  /// These writes.
  public init(records: [WriteRecord], isAtomic: Bool = false) {
    self.records = records
    self.isAtomic = isAtomic
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.messages(1, &records)
  }

  // By index, here and below: an iterator copies each record.

  /// Whether one of the writes is not of the public state.
  package var namesCollection: Bool {
    records.indices.contains { !records[$0].collection.isEmpty }
  }

  /// Whether ``WireMessage/checkUTF8()`` has nothing to complain of, at a fifth of its price.
  package var isValidUTF8: Bool {
    records.indices.allSatisfy { index in
      records[index].key.isValidUTF8 && records[index].collection.isValidUTF8
        && records[index].metadata?.metakey.isValidUTF8 != false
    }
  }
}

/// One write of a WRITE_BATCH_STATE.
public struct WriteRecord: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.WriteRecord"
  /// The key.
  public var key: WireString
  /// The value of a put.
  public var value: [UInt8]
  /// The collection; empty is the public state.
  public var collection: WireString
  /// The metadata of a metadata write.
  public var metadata: StateMetadata?
  /// The number of the single message that does the same: 9 put, 10 delete, 21 metadata, 23 purge.
  public var type: Int32

  /// A record without a type.
  public init() { self.init(type: 0, key: .empty) }

  /// A record of this type.
  @inlinable public init(
    type: Int32, key: WireString, value: [UInt8] = [], collection: WireString = .empty,
    metadata: StateMetadata? = nil
  ) {
    self.type = type
    self.key = key
    self.value = value
    self.collection = collection
    self.metadata = metadata
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "key", &key)
    coder.bytes(2, &value)
    coder.string(3, "collection", &collection)
    coder.message(4, &metadata)
    coder.int32(5, &type)
  }
}
