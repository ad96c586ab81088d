internal import MessageFSM

/// A transaction's results with everything inside unmarshalled (Fabric `rwsetutil.TxRwSet`).
struct ParsedReadWriteSet: Sendable {
  struct Namespace: Sendable {
    var name: WireString
    var keys: KVRWSet
    var collections: [Collection]
  }

  struct Collection: Sendable {
    var name: CollectionName
    var hashed: HashedRWSet
    var privateHash: [UInt8]
  }

  var namespaces: [Namespace]

  init(namespaces: [Namespace]) {
    self.namespaces = namespaces
  }

  /// - Throws: ``WireError`` if a part is not the message it should be.
  init(wireBytes: [UInt8]) throws(WireError) {
    namespaces = []
    for namespace in try TxReadWriteSet(wireBytes: wireBytes).namespaces {
      var collections: [Collection] = []
      for collection in namespace.collections {
        collections.append(
          Collection(
            name: CollectionName(namespace: namespace.namespace, collection: collection.collection),
            hashed: try HashedRWSet(wireBytes: collection.hashedRWSet), privateHash: collection.privateHash))
      }
      namespaces.append(
        Namespace(
          name: namespace.namespace, keys: try KVRWSet(wireBytes: namespace.rwset), collections: collections))
    }
  }

  var hasPrivateWrites: Bool {
    namespaces.contains { $0.collections.contains { !$0.privateHash.isEmpty } }
  }

  /// What the private writes of a collection must hash to; the first mention counts.
  func privateHash(_ name: CollectionName) -> [UInt8]? {
    for namespace in namespaces where namespace.name == name.namespace {
      for collection in namespace.collections where collection.name == name { return collection.privateHash }
    }
    return nil
  }
}

extension KVWrite {
  /// An empty value cannot be told from a deletion once it went through protobuf (Fabric `rwsetutil.IsKVWriteDelete`).
  var deletes: Bool { isDelete || value.isEmpty }
}

extension KVWriteHash {
  /// Likewise for hashes; the hash of an empty value counts (Fabric `rwsetutil.IsKVWriteHashDelete`).
  var deletes: Bool { isDelete || valueHash.isEmpty || valueHash == Self.hashOfNothing }

  private static let hashOfNothing = SHA256.hash([])
}
