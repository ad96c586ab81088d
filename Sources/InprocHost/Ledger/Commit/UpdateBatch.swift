internal import MessageFSM

/// What a block writes, growing transaction by transaction (Fabric `privacyenabledstate.UpdateBatch`).
struct UpdateBatch: Sendable {
  typealias Table = SortedMap<WireString, StateUpdate>

  private(set) var publicKeys = SortedMap<WireString, Table>()
  private(set) var hashedKeys = SortedMap<CollectionName, Table>()
  private(set) var privateKeys = SortedMap<CollectionName, Table>()

  func publicUpdate(_ namespace: WireString, _ key: WireString) -> StateUpdate? {
    publicKeys[namespace]?[key]
  }

  func hashedUpdate(_ name: CollectionName, _ keyHash: WireString) -> StateUpdate? {
    hashedKeys[name]?[keyHash]
  }

  func privateUpdate(_ name: CollectionName, _ key: WireString) -> StateUpdate? {
    privateKeys[name]?[key]
  }

  mutating func setPublic(_ namespace: WireString, _ key: WireString, _ update: StateUpdate) {
    publicKeys.update(namespace, default: Table()) { $0[key] = update }
  }

  mutating func setHashed(_ name: CollectionName, _ keyHash: WireString, _ update: StateUpdate) {
    hashedKeys.update(name, default: Table()) { $0[keyHash] = update }
  }

  mutating func setPrivate(_ name: CollectionName, _ key: WireString, _ update: StateUpdate) {
    privateKeys.update(name, default: Table()) { $0[key] = update }
  }

  func apply(to database: inout StateDatabase) {
    for (namespace, table) in publicKeys { database.apply(table, to: namespace) }
    for (name, table) in hashedKeys { database.apply(table, to: name.hashedNamespace) }
    for (name, table) in privateKeys { database.apply(table, to: name.privateNamespace) }
  }

  /// The public and hashed writes as the commit hash takes them.
  ///
  /// They are sorted by namespace, public keys before the collections; a namespace's or collection's name stands at its first
  /// write only. The configuration in "" is left out, as its form is not determined.
  var deterministicBytes: [UInt8] {
    var namespaces = SortedMap<WireString, Bool>()
    for (namespace, _) in publicKeys { namespaces[namespace] = true }
    for (name, _) in hashedKeys { namespaces[name.namespace] = true }
    var batch = KVWritesBatchProto()
    for (namespace, _) in namespaces where !namespace.isEmpty {
      var writes = Self.writes(publicKeys[namespace] ?? Table())
      let first = CollectionName(namespace: namespace, collection: .empty)
      var cursor = hashedKeys.cursor(from: first)
      while let (name, table) = cursor.next(), name.namespace == namespace {
        var hashed = Self.writes(table)
        if !hashed.isEmpty { hashed[0].collection = name.collection }
        writes += hashed
      }
      if !writes.isEmpty { writes[0].namespace = namespace }
      batch.writes += writes
    }
    return batch.wireBytes()
  }

  private static func writes(_ table: Table) -> [KVWriteProto] {
    table.map { key, update in
      KVWriteProto(
        key: key.bytes, isDelete: update.value == nil, value: update.value ?? [],
        versionBytes: update.version.bytes)
    }
  }
}
