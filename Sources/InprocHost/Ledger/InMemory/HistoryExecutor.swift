internal import MessageFSM

/// Reads the history of keys as it was when the executor was made (Fabric `core/ledger/kvledger/history`).
final class InMemoryHistoryExecutor: HistoryQueryExecutor {
  private let contents: LedgerContents
  private let options: InMemoryLedger.Options

  init(contents: LedgerContents, options: InMemoryLedger.Options) {
    self.contents = contents
    self.options = options
  }

  var answersAtOnce: Bool { true }

  func getHistoryForKey(namespace: WireString, key: WireString) throws -> any ResultsIterator {
    guard options.historyEnabled else {
      throw LedgerError(
        options.fabricVersion == .v1_4 ? "history database not enabled" : "history database is not enabled")
    }
    return HistoryIterator(
      contents: contents, version: options.fabricVersion, namespace: namespace, key: key)
  }
}

/// The writes of one key; the index knows which transactions they are, the values come from the blocks.
private final class HistoryIterator: ResultsIterator {
  private let contents: LedgerContents
  private let version: FabricVersion
  private let namespace: WireString
  private let key: WireString
  private let cursor: Locked<LedgerContents.History.Cursor?>

  init(contents: LedgerContents, version: FabricVersion, namespace: WireString, key: WireString) {
    self.contents = contents
    self.version = version
    self.namespace = namespace
    self.key = key
    let history = contents.history[namespace] ?? LedgerContents.History()
    self.cursor = Locked(history.cursor(from: LedgerContents.HistoryKey(before: key)))
  }

  func next() throws -> QueryResult? {
    guard let entry = cursor.withLock({ $0?.next() }), entry.key.key == key else { return nil }
    return .modification(try modification(entry.key.height))
  }

  func bookmark() -> WireString { .empty }

  func close() { cursor.withLock { $0 = nil } }

  private func modification(_ height: Height) throws(LedgerError) -> KeyModification {
    let reader = EnvelopeReader(version: version)
    let envelopes = contents.blocks[height.block]?.data?.envelopes ?? []
    guard height.transaction < UInt64(envelopes.count) else { throw missing }
    let envelope = try reader.contents(envelopes[Int(height.transaction)])
    guard let action = reader.action(envelope.data),
      let set = try? ParsedReadWriteSet(wireBytes: action.results),
      let writes = set.namespaces.first(where: { $0.name == namespace })?.keys.writes,
      let write = writes.first(where: { $0.key == key })
    else { throw missing }
    return KeyModification(
      txid: envelope.channelHeader.txid, value: write.value, timestamp: envelope.channelHeader.timestamp,
      isDelete: write.deletes)
  }

  private var missing: LedgerError {
    LedgerError("no namespace or key is found for namespace \(namespace) and key \(key)")
  }
}
