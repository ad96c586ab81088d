package import MessageFSM

/// A value of the state with its version and its metadata as Fabric marshals it.
package struct VersionedValue: Sendable, Hashable {
  /// The value; never empty.
  package var value: [UInt8]
  /// A marshalled `KVMetadataWrite` without a key; empty if there is none.
  package var metadata: [UInt8]
  /// Who wrote value or metadata last.
  package var version: Height

  /// A value.
  package init(value: [UInt8], metadata: [UInt8], version: Height) {
    self.value = value
    self.metadata = metadata
    self.version = version
  }
}

/// What a block does to one key: the value it has afterwards, or that it is gone.
struct StateUpdate: Sendable, Hashable {
  /// The value; `nil` deletes the key.
  var value: [UInt8]?
  /// The marshalled metadata.
  var metadata: [UInt8]
  /// The transaction that does it.
  var version: Height

  static func delete(_ version: Height) -> Self { Self(value: nil, metadata: [], version: version) }
}

/// One private collection of one chaincode.
struct CollectionName: Sendable, Hashable, Comparable {
  var namespace: WireString
  var collection: WireString

  static func < (left: Self, right: Self) -> Bool {
    left.namespace == right.namespace
      ? left.collection < right.collection : left.namespace < right.namespace
  }

  /// Where the state database keeps the hashes of keys and values (Fabric `privacyenabledstate`).
  var hashedNamespace: WireString { joined("$$h") }

  /// Where it keeps the keys and values themselves.
  var privateNamespace: WireString { joined("$$p") }

  private func joined(_ separator: String) -> WireString {
    if namespace.isValidUTF8 && collection.isValidUTF8 {
      return WireString(namespace.string + separator + collection.string)
    }
    return WireString(bytes: namespace.bytes + Array(separator.utf8) + collection.bytes)
  }
}

/// The keys of all namespaces, public, hashed and private, in the order of their bytes (Fabric `statedb.VersionedDB`).
package struct StateDatabase: Sendable {
  package typealias Table = SortedMap<WireString, VersionedValue>

  private var tables = SortedMap<WireString, Table>()

  /// The namespaces that have had keys, in order, with their keys.
  package var namespaces: [(name: WireString, table: Table)] {
    tables.compactMap { $0.value.isEmpty ? nil : ($0.key, $0.value) }
  }

  func get(_ namespace: WireString, _ key: WireString) -> VersionedValue? {
    tables[namespace]?[key]
  }

  /// The keys of `namespace` from `start` on.
  func cursor(_ namespace: WireString, from start: WireString) -> Table.Cursor {
    (tables[namespace] ?? Table()).cursor(from: start)
  }

  /// Does what a block does to one namespace.
  mutating func apply(_ updates: SortedMap<WireString, StateUpdate>, to namespace: WireString) {
    tables.update(namespace, default: Table()) { table in
      for (key, update) in updates {
        if let value = update.value {
          table[key] = VersionedValue(value: value, metadata: update.metadata, version: update.version)
        } else {
          table.remove(key)
        }
      }
    }
  }
}

/// Metadata of keys as Fabric stores it: a marshalled `KVMetadataWrite` without a key (`statemetadata`).
enum StoredMetadata {
  static func bytes(_ entries: [KVMetadataEntry]) -> [UInt8] {
    KVMetadataWrite(key: .empty, entries: entries).wireBytes()
  }

  static func entries(_ bytes: [UInt8]) throws(LedgerError) -> [StateMetadata] {
    guard !bytes.isEmpty else { return [] }
    do {
      return try KVMetadataWrite(wireBytes: bytes).entries
        .map { StateMetadata(metakey: $0.name, value: $0.value) }
        .sorted { $0.metakey < $1.metakey }
    } catch {
      throw LedgerError(WireString("error unmarshaling metadata: \(error.text(.v1_4))"))
    }
  }
}
