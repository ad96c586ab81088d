internal import MessageFSM

/// Takes the private writes of a block's valid transactions, checked against the hashes in the block
/// (Fabric `txmgmt/validation/batch_preparer.go`).
struct PrivateDataPreparer {
  let database: StateDatabase
  let version: FabricVersion

  /// Adds the private writes of one valid transaction; gives the keys whose metadata it writes.
  ///
  /// - Throws: Fabric's text if the data do not match the hashes or cannot be read.
  func add(
    _ writeSet: TxPvtReadWriteSet, of set: ParsedReadWriteSet, at height: Height, to batch: inout UpdateBatch
  ) throws(LedgerError) -> [(CollectionName, WireString)] {
    for namespace in writeSet.namespaces {
      for collection in namespace.collections {
        let name = CollectionName(namespace: namespace.namespace, collection: collection.collection)
        let known = set.privateHash(name)
        let own = SHA256.hash(collection.rwset)
        guard own == known else { throw mismatch(name, known ?? [], own) }
      }
    }
    var metadataKeys: [(CollectionName, WireString)] = []
    for namespace in writeSet.namespaces {
      for collection in namespace.collections {
        let name = CollectionName(namespace: namespace.namespace, collection: collection.collection)
        let keys: KVRWSet
        do {
          keys = try KVRWSet(wireBytes: collection.rwset)
        } catch {
          throw LedgerError(WireString(error.text(version)))
        }
        for write in keys.writes {
          let update =
            write.deletes
            ? StateUpdate.delete(height) : StateUpdate(value: write.value, metadata: [], version: height)
          batch.setPrivate(name, write.key, update)
        }
        metadataKeys += keys.metadataWrites.map { (name, $0.key) }
      }
    }
    return metadataKeys
  }

  /// Writing the metadata of a private key changes the version of its hash; the private value must follow, or it would count as
  /// missing from then on.
  func raiseVersions(of keys: [(CollectionName, WireString)], in batch: inout UpdateBatch) {
    for (name, key) in keys {
      guard let hashed = batch.hashedUpdate(name, WireString(bytes: SHA256.hash(key.bytes))) else { continue }
      let latest =
        batch.privateUpdate(name, key)
        ?? database.get(name.privateNamespace, key).map {
          StateUpdate(value: $0.value, metadata: [], version: $0.version)
        }
      guard let latest, let value = latest.value, latest.version != hashed.version,
        SHA256.hash(value) == hashed.value
      else { continue }
      batch.setPrivate(name, key, StateUpdate(value: value, metadata: [], version: hashed.version))
    }
  }

  private func mismatch(_ name: CollectionName, _ known: [UInt8], _ own: [UInt8]) -> LedgerError {
    let (first, gap) = version == .v1_4 ? ("Hash", "\n\t\t\t\t\t") : ("hash", " ")
    return LedgerError(
      WireString(
        "\(first) of pvt data for collection [\(name.namespace):\(name.collection)] does not match with the corresponding hash in the public data.\(gap)public hash = [\(Self.goText(known))], pvt data hash = [\(Self.goText(own))]"
      ))
  }

  /// Bytes as Go's `%#v` shows them.
  private static func goText(_ bytes: [UInt8]) -> String {
    guard !bytes.isEmpty else { return "[]byte(nil)" }
    let digits = bytes.map { "0x" + String($0, radix: 16) }
    return "[]byte{\(digits.joined(separator: ", "))}"
  }
}
