internal import MessageFSM

/// Turns a valid transaction's writes into what the keys have afterwards (Fabric `txmgmt/validation/tx_ops.go`).
///
/// A write of the value alone keeps the metadata, a write of the metadata alone keeps the value.
struct WriteSetApplier {
  let database: StateDatabase

  private struct Target: Hashable, Comparable {
    var name: CollectionName
    var isHashed: Bool
    var key: WireString

    static func < (left: Self, right: Self) -> Bool {
      if left.name != right.name { return left.name < right.name }
      if left.isHashed != right.isHashed { return right.isHashed }
      return left.key < right.key
    }
  }

  /// What a transaction does to one key.
  ///
  /// The flags are added up as Fabric adds them, which matters only to made-up write sets
  /// that name a key twice.
  private struct Operation {
    static let upsert: UInt8 = 1
    static let metadataUpdate: UInt8 = 2
    static let metadataDelete: UInt8 = 4
    static let delete: UInt8 = 8

    var flags: UInt8 = 0
    var value: [UInt8] = []
    var metadata: [UInt8] = []

    var isDelete: Bool { flags & Self.delete != 0 }
    var isOnlyUpsert: Bool { flags | Self.upsert == Self.upsert }
    var isComplete: Bool {
      flags & Self.upsert != 0 && flags & (Self.metadataUpdate | Self.metadataDelete) != 0
    }
  }

  /// Adds the writes of a transaction to what the block writes.
  ///
  /// - Throws: an error where Fabric's commit panics: metadata is written to a key that the block deletes before.
  func apply(_ set: ParsedReadWriteSet, at height: Height, to batch: inout UpdateBatch) throws(LedgerError) {
    for (target, operation) in operations(set) {
      guard let update = try update(target, operation, height, batch) else { continue }
      if target.isHashed {
        batch.setHashed(target.name, target.key, update)
      } else {
        batch.setPublic(target.name.namespace, target.key, update)
      }
    }
  }

  private func update(
    _ target: Target, _ operation: Operation, _ height: Height, _ batch: UpdateBatch
  ) throws(LedgerError) -> StateUpdate? {
    if operation.isDelete { return .delete(height) }
    if operation.isComplete {
      return StateUpdate(value: operation.value, metadata: operation.metadata, version: height)
    }
    let before = latest(target, batch)
    if operation.isOnlyUpsert {
      return StateUpdate(value: operation.value, metadata: before?.metadata ?? [], version: height)
    }
    guard let before else { return nil }
    guard let value = before.value else {
      throw LedgerError("Nil value not allowed. Instead call 'Delete' function")
    }
    return StateUpdate(value: value, metadata: operation.metadata, version: height)
  }

  private func latest(_ target: Target, _ batch: UpdateBatch) -> StateUpdate? {
    let update =
      target.isHashed
      ? batch.hashedUpdate(target.name, target.key)
      : batch.publicUpdate(target.name.namespace, target.key)
    if let update { return update }
    let table = target.isHashed ? target.name.hashedNamespace : target.name.namespace
    return database.get(table, target.key).map {
      StateUpdate(value: $0.value, metadata: $0.metadata, version: $0.version)
    }
  }

  private func operations(_ set: ParsedReadWriteSet) -> SortedMap<Target, Operation> {
    var operations = SortedMap<Target, Operation>()
    func change(_ target: Target, _ body: (inout Operation) -> Void) {
      operations.update(target, default: Operation(), body)
    }
    func writeMetadata(_ target: Target, _ entries: [KVMetadataEntry]) {
      change(target) {
        if entries.isEmpty {
          $0.flags &+= Operation.metadataDelete
        } else {
          $0.flags &+= Operation.metadataUpdate
          $0.metadata = StoredMetadata.bytes(entries)
        }
      }
    }
    func write(_ target: Target, _ deletes: Bool, _ value: [UInt8]) {
      change(target) {
        $0.flags &+= deletes ? Operation.delete : Operation.upsert
        if !deletes { $0.value = value }
      }
    }
    for namespace in set.namespaces {
      let name = CollectionName(namespace: namespace.name, collection: .empty)
      for entry in namespace.keys.writes {
        write(Target(name: name, isHashed: false, key: entry.key), entry.deletes, entry.value)
      }
      for entry in namespace.keys.metadataWrites {
        writeMetadata(Target(name: name, isHashed: false, key: entry.key), entry.entries)
      }
      for collection in namespace.collections {
        for entry in collection.hashed.writes {
          let key = WireString(bytes: entry.keyHash)
          write(Target(name: collection.name, isHashed: true, key: key), entry.deletes, entry.valueHash)
        }
        for entry in collection.hashed.metadataWrites {
          let key = WireString(bytes: entry.keyHash)
          writeMetadata(Target(name: collection.name, isHashed: true, key: key), entry.entries)
        }
      }
    }
    return operations
  }
}
