internal import MessageFSM

/// The results of a range query, one after another, over the simulator's snapshot; only a path of the tree is in memory.
final class RangeIterator: ResultsIterator {
  private struct State: Sendable {
    var cursor: StateDatabase.Table.Cursor
    var isClosed = false
    var returned: Int32 = 0
    /// What the transaction's read set will say of this query; absent where nothing is noted.
    var query: RangeQueryInfo?
    var reads: RangeQueryReads?
  }

  private let namespace: WireString
  private let endKey: WireString
  private let limit: Int32
  private let state: Locked<State>

  /// An iterator over `table`, whose results say `namespace`; there are at most `limit`, if that is more than 0.
  ///
  /// - Throws: never, since the degree is Fabric's.
  init(
    _ database: StateDatabase, table: WireString, namespace: WireString, startKey: WireString,
    endKey: WireString, limit: Int32 = 0, notesReads: Bool
  ) throws(LedgerError) {
    self.namespace = namespace
    self.endKey = endKey
    self.limit = limit
    self.state = Locked(
      State(
        cursor: database.cursor(table, from: startKey),
        query: notesReads ? RangeQueryInfo(startKey: startKey) : nil,
        reads: notesReads ? try RangeQueryReads() : nil))
  }

  func next() -> QueryResult? {
    state.withLock { state in
      let entry = limit > 0 && state.returned >= limit ? nil : advance(&state)
      guard let (key, value) = entry else {
        // Only a query that was read to its end is checked up to the end that was asked for.
        state.query?.exhausted = true
        state.query?.endKey = endKey
        return nil
      }
      if state.returned < Int32.max { state.returned += 1 }
      state.query?.endKey = key
      state.reads?.add(key, value.version)
      return .kv(KV(namespace: namespace, key: key, value: value.value))
    }
  }

  func bookmark() -> WireString {
    state.withLock { state in
      let bookmark = advance(&state)?.key ?? .empty
      state.isClosed = true
      return bookmark
    }
  }

  func close() {
    state.withLock { $0.isClosed = true }
  }

  /// What the read set says of this query.
  func queryInfo() -> (namespace: WireString, query: RangeQueryInfo)? {
    state.withLock { state in
      guard var query = state.query, let reads = state.reads else { return nil }
      (query.rawReads, query.merkleSummary) = reads.finish()
      return (namespace, query)
    }
  }

  private func advance(_ state: inout State) -> (key: WireString, value: VersionedValue)? {
    guard !state.isClosed, let entry = state.cursor.next() else { return nil }
    guard endKey.isEmpty || entry.key < endKey else { return nil }
    return entry
  }
}
