internal import MessageFSM

/// Whether a transaction still sees what it saw when it was simulated (Fabric `txmgmt/validation.validator`).
struct TransactionValidator {
  let database: StateDatabase

  /// The verdict, given what the valid transactions before it in the block write.
  ///
  /// - Throws: an error if a range query's summary is one that no simulator makes.
  func validate(_ set: ParsedReadWriteSet, after batch: UpdateBatch) throws(LedgerError) -> TxValidationCode {
    for namespace in set.namespaces {
      for read in namespace.keys.reads {
        guard batch.publicUpdate(namespace.name, read.key) == nil,
          database.get(namespace.name, read.key)?.version == read.version.map({ Height($0) })
        else { return .mvccReadConflict }
      }
      for query in namespace.keys.rangeQueries {
        guard try sees(query, namespace.name, batch) else { return .phantomReadConflict }
      }
      for collection in namespace.collections {
        for read in collection.hashed.reads {
          let hash = WireString(bytes: read.keyHash)
          guard batch.hashedUpdate(collection.name, hash) == nil,
            database.get(collection.name.hashedNamespace, hash)?.version == read.version.map({ Height($0) })
          else { return .mvccReadConflict }
        }
      }
    }
    return .valid
  }

  private func sees(_ query: RangeQueryInfo, _ namespace: WireString, _ batch: UpdateBatch)
    throws(LedgerError) -> Bool
  {
    var current = CombinedCursor(database, batch, namespace, query)
    if let summary = query.merkleSummary {
      var reads = try RangeQueryReads(maxDegree: summary.maxDegree)
      while let (key, version) = current.next() { reads.add(key, version) }
      return reads.finish().summary == summary
    }
    for read in query.rawReads?.reads ?? [] {
      guard let (key, version) = current.next(), key == read.key, read.version.map({ Height($0) }) == version
      else { return false }
    }
    return current.next() == nil
  }
}

/// The keys of a range as they are after the transactions before this one in the block.
private struct CombinedCursor {
  private let database: StateDatabase
  private let batch: UpdateBatch
  private let namespace: WireString
  private let endKey: WireString
  private var committed: StateDatabase.Table.Cursor
  private var updated: UpdateBatch.Table.Cursor
  private var nextCommitted: (key: WireString, version: Height)?
  private var nextUpdated: (key: WireString, update: StateUpdate)?
  /// A query that was not exhausted ended with a key it saw, which belongs to what it saw.
  private var servesEndKey: Bool

  init(_ database: StateDatabase, _ batch: UpdateBatch, _ namespace: WireString, _ query: RangeQueryInfo) {
    self.database = database
    self.batch = batch
    self.namespace = namespace
    self.endKey = query.endKey
    self.committed = database.cursor(namespace, from: query.startKey)
    self.updated = (batch.publicKeys[namespace] ?? UpdateBatch.Table()).cursor(from: query.startKey)
    self.servesEndKey = !query.exhausted
    advanceCommitted()
    advanceUpdated()
  }

  mutating func next() -> (key: WireString, version: Height)? {
    while true {
      switch (nextCommitted, nextUpdated) {
      case (nil, nil):
        return endKeyOnce()
      case (let entry?, let update?) where entry.key < update.key:
        advanceCommitted()
        return entry
      case (let entry?, nil):
        advanceCommitted()
        return entry
      case (let entry, let update?):
        if entry?.key == update.key { advanceCommitted() }
        advanceUpdated()
        if update.update.value != nil { return (update.key, update.update.version) }
      }
    }
  }

  private mutating func endKeyOnce() -> (key: WireString, version: Height)? {
    guard servesEndKey else { return nil }
    servesEndKey = false
    if let update = batch.publicUpdate(namespace, endKey) {
      return update.value == nil ? nil : (endKey, update.version)
    }
    return database.get(namespace, endKey).map { (endKey, $0.version) }
  }

  private mutating func advanceCommitted() {
    nextCommitted = committed.next().flatMap { isInRange($0.key) ? ($0.key, $0.value.version) : nil }
  }

  private mutating func advanceUpdated() {
    nextUpdated = updated.next().flatMap { isInRange($0.key) ? ($0.key, $0.value) : nil }
  }

  private func isInRange(_ key: WireString) -> Bool { endKey.isEmpty || key < endKey }
}
