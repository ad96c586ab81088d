internal import MessageFSM

/// Collects what a transaction reads and writes and writes it down as Fabric does: namespaces, collections and keys in the order
/// of their bytes, hashed keys in the order of the keys they are hashes of (Fabric `rwsetutil.RWSetBuilder`).
struct ReadWriteSetBuilder: Sendable {
  private struct Namespace: Sendable {
    var reads = SortedMap<WireString, Height?>()
    var writes = SortedMap<WireString, [UInt8]>()
    var metadata = SortedMap<WireString, [KVMetadataEntry]>()
    var ranges: [RangeQueryInfo] = []
    var collections = SortedMap<WireString, Collection>()
  }

  private struct Collection: Sendable {
    var reads = SortedMap<WireString, Height?>()
    var writes = SortedMap<WireString, PrivateWrite>()
    var metadata = SortedMap<WireString, [KVMetadataEntry]>()

    var hasWrites: Bool { !writes.isEmpty || !metadata.isEmpty }
  }

  private struct PrivateWrite: Sendable {
    var value: [UInt8]
    var isPurge = false
  }

  private var namespaces = SortedMap<WireString, Namespace>()

  private mutating func change(_ namespace: WireString, _ body: (inout Namespace) -> Void) {
    namespaces.update(namespace, default: Namespace(), body)
  }

  private mutating func change(
    _ namespace: WireString, _ collection: WireString, _ body: (inout Collection) -> Void
  ) {
    change(namespace) { $0.collections.update(collection, default: Collection(), body) }
  }

  mutating func read(_ namespace: WireString, _ key: WireString, _ version: Height?) {
    change(namespace) { $0.reads[key] = .some(version) }
  }

  /// An empty value deletes the key: that is what it becomes on its way through protobuf.
  mutating func write(_ namespace: WireString, _ key: WireString, _ value: [UInt8]) {
    change(namespace) { $0.writes[key] = value }
  }

  mutating func writeMetadata(_ namespace: WireString, _ key: WireString, _ metadata: [StateMetadata]) {
    change(namespace) { $0.metadata[key] = Self.entries(metadata) }
  }

  /// A query with the same bounds as an earlier one is noted once.
  mutating func queried(_ namespace: WireString, _ query: RangeQueryInfo) {
    change(namespace) {
      let isKnown = $0.ranges.contains {
        $0.startKey == query.startKey && $0.endKey == query.endKey && $0.exhausted == query.exhausted
      }
      if !isKnown { $0.ranges.append(query) }
    }
  }

  mutating func readPrivate(_ name: CollectionName, _ key: WireString, _ version: Height?) {
    change(name.namespace, name.collection) { $0.reads[key] = .some(version) }
  }

  /// The last operation on a key wins; a deletion after a purge is a deletion.
  mutating func writePrivate(
    _ name: CollectionName, _ key: WireString, _ value: [UInt8], isPurge: Bool = false
  ) {
    change(name.namespace, name.collection) { $0.writes[key] = PrivateWrite(value: value, isPurge: isPurge) }
  }

  mutating func writePrivateMetadata(_ name: CollectionName, _ key: WireString, _ metadata: [StateMetadata]) {
    change(name.namespace, name.collection) { $0.metadata[key] = Self.entries(metadata) }
  }

  private static func entries(_ metadata: [StateMetadata]) -> [KVMetadataEntry] {
    var byName = SortedMap<WireString, [UInt8]>()
    for entry in metadata { byName[entry.metakey] = entry.value }
    return byName.map { KVMetadataEntry(name: $0.key, value: $0.value) }
  }

  // MARK: The results

  func results() -> TxSimulationResults {
    var publicSet = TxReadWriteSet()
    var privateSet = TxPvtReadWriteSet()
    for (name, namespace) in namespaces {
      var hashed: [CollectionHashedReadWriteSet] = []
      var written: [CollectionPvtReadWriteSet] = []
      for (collectionName, collection) in namespace.collections {
        var privateHash: [UInt8] = []
        if collection.hasWrites {
          let bytes = Self.privateSet(collection).wireBytes()
          privateHash = SHA256.hash(bytes)
          written.append(CollectionPvtReadWriteSet(collection: collectionName, rwset: bytes))
        }
        hashed.append(
          CollectionHashedReadWriteSet(
            collection: collectionName, hashedRWSet: Self.hashedSet(collection).wireBytes(),
            privateHash: privateHash))
      }
      publicSet.namespaces.append(
        NsReadWriteSet(
          namespace: name, rwset: Self.publicSet(namespace).wireBytes(), collections: hashed))
      if !written.isEmpty {
        privateSet.namespaces.append(NsPvtReadWriteSet(namespace: name, collections: written))
      }
    }
    return TxSimulationResults(
      publicBytes: publicSet.wireBytes(),
      privateBytes: privateSet.namespaces.isEmpty ? nil : privateSet.wireBytes())
  }

  private static func publicSet(_ namespace: Namespace) -> KVRWSet {
    KVRWSet(
      reads: namespace.reads.map { KVRead(key: $0.key, version: $0.value?.version) },
      rangeQueries: namespace.ranges,
      writes: namespace.writes.map { KVWrite(key: $0.key, isDelete: $0.value.isEmpty, value: $0.value) },
      metadataWrites: namespace.metadata.map { KVMetadataWrite(key: $0.key, entries: $0.value) })
  }

  /// The private part of a metadata write is the key alone: the metadata itself is kept with the hash.
  private static func privateSet(_ collection: Collection) -> KVRWSet {
    KVRWSet(
      writes: collection.writes.map {
        KVWrite(key: $0.key, isDelete: $0.value.value.isEmpty, value: $0.value.value)
      },
      metadataWrites: collection.metadata.map { KVMetadataWrite(key: $0.key) })
  }

  private static func hashedSet(_ collection: Collection) -> HashedRWSet {
    HashedRWSet(
      reads: collection.reads.map {
        KVReadHash(keyHash: SHA256.hash($0.key.bytes), version: $0.value?.version)
      },
      writes: collection.writes.map { key, write in
        let isDelete = write.value.isEmpty
        return KVWriteHash(
          keyHash: SHA256.hash(key.bytes), isDelete: isDelete,
          valueHash: isDelete ? [] : SHA256.hash(write.value), isPurge: write.isPurge)
      },
      metadataWrites: collection.metadata.map {
        KVMetadataWriteHash(keyHash: SHA256.hash($0.key.bytes), entries: $0.value)
      })
  }
}
