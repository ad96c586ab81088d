internal import MessageFSM

/// Which private keys end with which block, by the block-to-live of their collections
/// (Fabric `txmgmt/pvtstatepurgemgmt`).
struct ExpirySchedule: Sendable {
  struct Entry: Sendable, Hashable {
    var name: CollectionName
    var keyHash: WireString
    /// Empty if the block came without the private data.
    var key: WireString
    var committed: UInt64
  }

  private struct Target: Hashable, Comparable {
    var name: CollectionName
    var keyHash: WireString

    static func < (left: Self, right: Self) -> Bool {
      left.name == right.name ? left.keyHash < right.keyHash : left.name < right.name
    }
  }

  private var entries = SortedMap<UInt64, [Entry]>()

  /// Adds what the block with these updates writes.
  ///
  /// Data written in block n of a collection that lives b blocks goes with block n + b + 1.
  ///
  /// - Throws: whatever `blocksToLive` throws.
  mutating func add(
    _ batch: UpdateBatch, blocksToLive: (CollectionName) throws(LedgerError) -> UInt64
  ) throws(LedgerError) {
    var hashed = SortedMap<Target, StateUpdate>()
    for (name, table) in batch.hashedKeys {
      for (keyHash, update) in table { hashed[Target(name: name, keyHash: keyHash)] = update }
    }
    for (name, table) in batch.privateKeys {
      let lifetime = try blocksToLive(name)
      for (key, update) in table {
        let keyHash = WireString(bytes: SHA256.hash(key.bytes))
        add(name, keyHash, key, update, lifetime)
        hashed.remove(Target(name: name, keyHash: keyHash))
      }
    }
    for (target, update) in hashed {
      add(target.name, target.keyHash, .empty, update, try blocksToLive(target.name))
    }
  }

  private mutating func add(
    _ name: CollectionName, _ keyHash: WireString, _ key: WireString, _ update: StateUpdate,
    _ lifetime: UInt64
  ) {
    let committed = update.version.block
    let expiring = committed &+ lifetime &+ 1
    guard update.value != nil, lifetime != 0, expiring > committed else { return }
    let entry = Entry(name: name, keyHash: keyHash, key: key, committed: committed)
    entries.update(expiring, default: []) { $0.append(entry) }
  }

  /// Adds the deletions of what ends with `block` to its updates, unless the block writes the key anew.
  mutating func purge(_ block: UInt64, _ database: StateDatabase, _ batch: inout UpdateBatch) {
    guard let ending = entries[block] else { return }
    entries.remove(block)
    var targets = SortedMap<Target, Entry>()
    for entry in ending { targets[Target(name: entry.name, keyHash: entry.keyHash)] = entry }
    let version = Height(block: block, transaction: .max)
    for (_, entry) in targets {
      let isHashCurrent =
        database.get(entry.name.hashedNamespace, entry.keyHash)?.version.block == entry.committed
      // The hash may be newer than the private value, if the newer value never came; then only the value goes.
      let isKeyCurrent =
        isHashCurrent
        || (!entry.key.isEmpty
          && database.get(entry.name.privateNamespace, entry.key)?.version.block == entry.committed)
      guard isKeyCurrent else { continue }
      if isHashCurrent && batch.hashedUpdate(entry.name, entry.keyHash) == nil {
        batch.setHashed(entry.name, entry.keyHash, .delete(version))
      }
      if !entry.key.isEmpty && batch.privateUpdate(entry.name, entry.key) == nil {
        batch.setPrivate(entry.name, entry.key, .delete(version))
      }
    }
  }
}
