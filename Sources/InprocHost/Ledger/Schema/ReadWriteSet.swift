// What a transaction read and wrote (Fabric `ledger/rwset/rwset.proto`).

public import MessageFSM

/// What a transaction read and wrote, in all namespaces.
public struct TxReadWriteSet: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "rwset.TxReadWriteSet"
  /// 0, keys and values, is the only model.
  public var dataModel: Int32
  /// The namespaces, in the order of their names.
  public var namespaces: [NsReadWriteSet]

  /// The message with every field at its default.
  public init() {
    self.dataModel = 0
    self.namespaces = []
  }

  /// The message with these fields.
  public init(dataModel: Int32 = 0, namespaces: [NsReadWriteSet] = []) {
    self.dataModel = dataModel
    self.namespaces = namespaces
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int32(1, &dataModel)
    coder.messages(2, &namespaces)
  }
}

/// What a transaction read and wrote in one namespace.
public struct NsReadWriteSet: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "rwset.NsReadWriteSet"
  /// The namespace.
  public var namespace: WireString
  /// A marshalled ``KVRWSet``.
  public var rwset: [UInt8]
  /// The private collections, in the order of their names.
  public var collections: [CollectionHashedReadWriteSet]

  /// The message with every field at its default.
  public init() {
    self.namespace = .empty
    self.rwset = []
    self.collections = []
  }

  /// The message with these fields.
  public init(namespace: WireString, rwset: [UInt8] = [], collections: [CollectionHashedReadWriteSet] = []) {
    self.namespace = namespace
    self.rwset = rwset
    self.collections = collections
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "namespace", &namespace)
    coder.bytes(2, &rwset)
    coder.messages(3, &collections)
  }
}

/// The hashes of what a transaction did in one private collection.
public struct CollectionHashedReadWriteSet: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "rwset.CollectionHashedReadWriteSet"
  /// The collection.
  public var collection: WireString
  /// A marshalled ``HashedRWSet``.
  public var hashedRWSet: [UInt8]
  /// The hash of the collection's part of the private write set.
  public var privateHash: [UInt8]

  /// The message with every field at its default.
  public init() {
    self.collection = .empty
    self.hashedRWSet = []
    self.privateHash = []
  }

  /// The message with these fields.
  public init(collection: WireString, hashedRWSet: [UInt8] = [], privateHash: [UInt8] = []) {
    self.collection = collection
    self.hashedRWSet = hashedRWSet
    self.privateHash = privateHash
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "collection_name", &collection)
    coder.bytes(2, &hashedRWSet)
    coder.bytes(3, &privateHash)
  }
}

/// What a transaction writes into private collections; it travels beside the block.
public struct TxPvtReadWriteSet: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "rwset.TxPvtReadWriteSet"
  /// 0, keys and values, is the only model.
  public var dataModel: Int32
  /// The namespaces, in the order of their names.
  public var namespaces: [NsPvtReadWriteSet]

  /// The message with every field at its default.
  public init() {
    self.dataModel = 0
    self.namespaces = []
  }

  /// The message with these fields.
  public init(dataModel: Int32 = 0, namespaces: [NsPvtReadWriteSet] = []) {
    self.dataModel = dataModel
    self.namespaces = namespaces
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int32(1, &dataModel)
    coder.messages(2, &namespaces)
  }
}

/// The private writes of one namespace.
public struct NsPvtReadWriteSet: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "rwset.NsPvtReadWriteSet"
  /// The namespace.
  public var namespace: WireString
  /// The collections, in the order of their names.
  public var collections: [CollectionPvtReadWriteSet]

  /// The message with every field at its default.
  public init() {
    self.namespace = .empty
    self.collections = []
  }

  /// The message with these fields.
  public init(namespace: WireString, collections: [CollectionPvtReadWriteSet] = []) {
    self.namespace = namespace
    self.collections = collections
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "namespace", &namespace)
    coder.messages(2, &collections)
  }
}

/// The private writes of one collection.
public struct CollectionPvtReadWriteSet: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "rwset.CollectionPvtReadWriteSet"
  /// The collection.
  public var collection: WireString
  /// A marshalled ``KVRWSet``.
  public var rwset: [UInt8]

  /// The message with every field at its default.
  public init() {
    self.collection = .empty
    self.rwset = []
  }

  /// The message with these fields.
  public init(collection: WireString, rwset: [UInt8] = []) {
    self.collection = collection
    self.rwset = rwset
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "collection_name", &collection)
    coder.bytes(2, &rwset)
  }
}
