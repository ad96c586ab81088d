// What Fabric keeps in its state database and hashes into a block's commit hash.

public import MessageFSM

/// One write of a block as the commit hash sees it (Fabric `privacyenabledstate/updates.proto`).
public struct KVWriteProto: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "KVWriteProto"
  /// The namespace; empty if it is that of the write before.
  public var namespace: WireString
  /// The collection; empty if it is that of the write before.
  public var collection: WireString
  /// The key, or its hash.
  public var key: [UInt8]
  /// Whether the key is deleted.
  public var isDelete: Bool
  /// The value, or its hash.
  public var value: [UInt8]
  /// The version.
  public var versionBytes: [UInt8]

  /// The message with every field at its default.
  public init() {
    self.namespace = .empty
    self.collection = .empty
    self.key = []
    self.isDelete = false
    self.value = []
    self.versionBytes = []
  }

  /// The message with these fields.
  public init(
    namespace: WireString = .empty, collection: WireString = .empty, key: [UInt8] = [],
    isDelete: Bool = false,
    value: [UInt8] = [], versionBytes: [UInt8] = []
  ) {
    self.namespace = namespace
    self.collection = collection
    self.key = key
    self.isDelete = isDelete
    self.value = value
    self.versionBytes = versionBytes
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "namespace", &namespace)
    coder.string(2, "collection", &collection)
    coder.bytes(3, &key)
    coder.bool(4, &isDelete)
    coder.bytes(5, &value)
    coder.bytes(6, &versionBytes)
  }
}

/// The public and hashed writes of a block, in order.
public struct KVWritesBatchProto: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "KVWritesBatchProto"
  /// The writes.
  public var writes: [KVWriteProto]

  /// The message with every field at its default.
  public init() {
    self.writes = []
  }

  /// The message with these fields.
  public init(writes: [KVWriteProto]) {
    self.writes = writes
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.messages(1, &writes)
  }
}

/// The definition of a chaincode in the namespace `lscc`.
public struct ChaincodeData: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "ccprovider.ChaincodeData"
  /// The name.
  public var name: WireString
  /// The version.
  public var version: WireString
  /// The endorsement plugin.
  public var escc: WireString
  /// The validation plugin.
  public var vscc: WireString
  /// A marshalled ``SignaturePolicyEnvelope``.
  public var policy: [UInt8]
  /// A marshalled `CDSData`.
  public var data: [UInt8]
  /// The fingerprint of the package.
  public var id: [UInt8]
  /// A marshalled ``SignaturePolicyEnvelope``.
  public var instantiationPolicy: [UInt8]

  /// The message with every field at its default.
  public init() {
    self.name = .empty
    self.version = .empty
    self.escc = .empty
    self.vscc = .empty
    self.policy = []
    self.data = []
    self.id = []
    self.instantiationPolicy = []
  }

  /// The message with these fields.
  public init(
    name: WireString, version: WireString = .empty, escc: WireString = .empty, vscc: WireString = .empty,
    policy: [UInt8] = [], data: [UInt8] = [], id: [UInt8] = [], instantiationPolicy: [UInt8] = []
  ) {
    self.name = name
    self.version = version
    self.escc = escc
    self.vscc = vscc
    self.policy = policy
    self.data = data
    self.id = id
    self.instantiationPolicy = instantiationPolicy
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "name", &name)
    coder.string(2, "version", &version)
    coder.string(3, "escc", &escc)
    coder.string(4, "vscc", &vscc)
    coder.bytes(5, &policy)
    coder.bytes(6, &data)
    coder.bytes(7, &id)
    coder.bytes(8, &instantiationPolicy)
  }
}

/// Which fields a definition in `_lifecycle` has (`lifecycle.StateMetadata`).
public struct LifecycleMetadata: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "lifecycle.StateMetadata"
  /// The type, `ChaincodeDefinition`.
  public var datatype: WireString
  /// The names of the fields.
  public var fieldNames: [WireString]

  /// The message with every field at its default.
  public init() {
    self.datatype = .empty
    self.fieldNames = []
  }

  /// The message with these fields.
  public init(datatype: WireString, fieldNames: [WireString] = []) {
    self.datatype = datatype
    self.fieldNames = fieldNames
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "datatype", &datatype)
    coder.strings(2, "fields", &fieldNames)
  }
}

/// One field of a definition in `_lifecycle` (`lifecycle.StateData`).
public struct LifecycleData: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "lifecycle.StateData"
  /// A number.
  public var int64: Int64
  /// Bytes.
  public var bytes: [UInt8]
  /// A text.
  public var string: WireString

  /// The message with every field at its default.
  public init() {
    self.int64 = 0
    self.bytes = []
    self.string = .empty
  }

  /// The message with these fields.
  public init(int64: Int64, bytes: [UInt8] = [], string: WireString = .empty) {
    self.int64 = int64
    self.bytes = bytes
    self.string = string
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int64(1, &int64)
    coder.bytes(2, &bytes)
    coder.string(3, "String", &string)
  }
}
