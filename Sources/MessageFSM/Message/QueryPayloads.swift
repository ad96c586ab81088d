// Ranges, rich queries, history and their iterators (Fabric `peer/chaincode_shim.proto`, `ledger/queryresult`).

/// How much of a query is wanted, and from where on.
public struct QueryMetadata: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.QueryMetadata"
  /// The number of results of a page; 0 or less is no limit.
  public var pageSize: Int32
  /// Where the page begins; empty is the beginning.
  public var bookmark: WireString

  /// No page.
  public init() { self.init(pageSize: 0, bookmark: .empty) }

  /// A page of this size from this bookmark on.
  public init(pageSize: Int32, bookmark: WireString) {
    self.pageSize = pageSize
    self.bookmark = bookmark
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int32(1, &pageSize)
    coder.string(2, "bookmark", &bookmark)
  }
}

/// GET_STATE_BY_RANGE: the keys from `startKey` up to, but without, `endKey`.
public struct GetStateByRange: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.GetStateByRange"
  /// The first key; empty is the first there is.
  public var startKey: WireString
  /// The end, not included; empty is the end of the namespace.
  public var endKey: WireString
  /// The collection; empty is the public state.
  public var collection: WireString
  /// The page, if one is asked for.
  public var metadata: QueryMetadata?

  /// The whole namespace.
  public init() { self.init(startKey: .empty, endKey: .empty) }

  /// A range.
  public init(
    startKey: WireString, endKey: WireString, collection: WireString = .empty,
    metadata: QueryMetadata? = nil
  ) {
    self.startKey = startKey
    self.endKey = endKey
    self.collection = collection
    self.metadata = metadata
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "startKey", &startKey)
    coder.string(2, "endKey", &endKey)
    coder.string(3, "collection", &collection)
    coder.embedded(4, &metadata)
  }
}

/// GET_QUERY_RESULT: a query in the state database's own language.
public struct GetQueryResult: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.GetQueryResult"
  /// The query.
  public var query: WireString
  /// The collection; empty is the public state.
  public var collection: WireString
  /// The page, if one is asked for.
  public var metadata: QueryMetadata?

  /// An empty query.
  public init() { self.init(query: .empty) }

  /// This query.
  public init(query: WireString, collection: WireString = .empty, metadata: QueryMetadata? = nil) {
    self.query = query
    self.collection = collection
    self.metadata = metadata
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "query", &query)
    coder.string(2, "collection", &collection)
    coder.embedded(3, &metadata)
  }
}

/// GET_HISTORY_FOR_KEY: every committed value of one key.
public struct GetHistoryForKey: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.GetHistoryForKey"
  /// The key.
  public var key: WireString

  /// A request without a key.
  public init() { self.init(key: .empty) }

  /// A request for the history of `key`.
  public init(key: WireString) {
    self.key = key
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "key", &key)
  }
}

/// QUERY_STATE_NEXT: the next batch of an iterator.
public struct QueryStateNext: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.QueryStateNext"
  /// The iterator's id.
  public var id: WireString

  /// A request without an id.
  public init() { self.init(id: .empty) }

  /// A request for the next batch of the iterator `id`.
  public init(id: WireString) {
    self.id = id
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "id", &id)
  }
}

/// QUERY_STATE_CLOSE: the iterator is not wanted any more.
public struct QueryStateClose: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.QueryStateClose"
  /// The iterator's id.
  public var id: WireString

  /// A request without an id.
  public init() { self.init(id: .empty) }

  /// A request to close the iterator `id`.
  public init(id: WireString) {
    self.id = id
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "id", &id)
  }
}

/// One key and value of a query (`queryresult.KV`).
public struct KV: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "queryresult.KV"
  /// The chaincode's namespace.
  public var namespace: WireString
  /// The key.
  public var key: WireString
  /// The value.
  public var value: [UInt8]

  /// An empty result.
  public init() { self.init(namespace: .empty, key: .empty, value: []) }

  /// A result.
  public init(namespace: WireString, key: WireString, value: [UInt8]) {
    self.namespace = namespace
    self.key = key
    self.value = value
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "namespace", &namespace)
    coder.string(2, "key", &key)
    coder.bytes(3, &value)
  }
}

/// One entry of a key's history (`queryresult.KeyModification`).
public struct KeyModification: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "queryresult.KeyModification"
  /// The transaction that wrote the value.
  public var txid: WireString
  /// The value; empty for a deletion.
  public var value: [UInt8]
  /// When the transaction was proposed.
  public var timestamp: Timestamp?
  /// Whether the transaction deleted the key.
  public var isDelete: Bool

  /// An empty entry.
  public init() { self.init(txid: .empty, value: [], timestamp: nil, isDelete: false) }

  /// An entry.
  public init(txid: WireString, value: [UInt8], timestamp: Timestamp?, isDelete: Bool) {
    self.txid = txid
    self.value = value
    self.timestamp = timestamp
    self.isDelete = isDelete
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "tx_id", &txid)
    coder.bytes(2, &value)
    coder.message(3, &timestamp)
    coder.bool(4, &isDelete)
  }
}

/// One result of a query: typed in process, bytes when it came over a wire.
public enum QueryResult: Sendable, Hashable {
  /// A key and its value.
  case kv(KV)
  /// An entry of a key's history.
  indirect case modification(KeyModification)
  /// A result that nobody has read yet.
  case bytes([UInt8])

  /// The bytes of `QueryResultBytes.resultBytes`.
  public func wireBytes() -> [UInt8] {
    switch self {
    case .kv(let kv): kv.wireBytes()
    case .modification(let modification): modification.wireBytes()
    case .bytes(let bytes): bytes
    }
  }
}

/// A batch of results: the answer to every query, to QUERY_STATE_NEXT and to QUERY_STATE_CLOSE.
public struct QueryResponse: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.QueryResponse"
  /// The results of this batch.
  public var results: [QueryResult]
  /// Whether QUERY_STATE_NEXT will give more.
  public var hasMore: Bool
  /// The iterator's id.
  public var id: WireString
  /// Count and bookmark of a page.
  public var metadata: QueryResponseMetadata?

  /// An empty batch.
  public init() { self.init(results: [], hasMore: false, id: .empty) }

  /// A batch.
  public init(
    results: [QueryResult], hasMore: Bool, id: WireString, metadata: QueryResponseMetadata? = nil
  ) {
    self.results = results
    self.hasMore = hasMore
    self.id = id
    self.metadata = metadata
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    var wrapped = coder.decodes ? [] : results.map { QueryResultBytes(resultBytes: $0.wireBytes()) }
    coder.messages(1, &wrapped)
    if coder.decodes { for new in wrapped { results.append(.bytes(new.resultBytes)) } }
    coder.bool(2, &hasMore)
    coder.string(3, "id", &id)
    coder.embedded(4, &metadata)
  }
}

/// The wrapper in which a result travels.
private struct QueryResultBytes: WireMessage {
  static let protoName = "protos.QueryResultBytes"
  var resultBytes: [UInt8] = []

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &resultBytes)
  }
}

/// How many results a page has, and where the next begins.
public struct QueryResponseMetadata: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.QueryResponseMetadata"
  /// The number of results of the page.
  public var fetchedRecordsCount: Int32
  /// The bookmark of the next page; empty when there is none.
  public var bookmark: WireString

  /// An empty page.
  public init() { self.init(fetchedRecordsCount: 0, bookmark: .empty) }

  /// A page.
  public init(fetchedRecordsCount: Int32, bookmark: WireString) {
    self.fetchedRecordsCount = fetchedRecordsCount
    self.bookmark = bookmark
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int32(1, &fetchedRecordsCount)
    coder.string(2, "bookmark", &bookmark)
  }
}
