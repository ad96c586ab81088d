internal import MessageFSM

/// Simulates one transaction over a snapshot of the state, or only reads it (Fabric `txmgr.txSimulator`, `queryExecutor`).
///
/// It never waits. Its lock guards it against callers on several threads; nobody else's code runs under it.
final class InMemorySimulator: TxSimulator, ImmediateSimulator {
  struct State: Sendable {
    /// Absent in a query executor, which notes nothing.
    var builder: ReadWriteSetBuilder?
    var ranges: [RangeIterator] = []
    var collections: [WireString: [WireString]] = [:]
    var isDone = false
    var hasResults = false
    var hasWritten = false
    var hasPaged = false
    var hasQueriedPrivate = false
  }

  private let contents: LedgerContents
  let options: InMemoryLedger.Options
  let directory: CollectionDirectory
  private let txid: WireString
  private let state: Locked<State>

  init(
    contents: LedgerContents, channel: WireString, options: InMemoryLedger.Options, txid: WireString,
    notesReads: Bool
  ) {
    self.contents = contents
    self.options = options
    self.directory = CollectionDirectory(
      version: options.fabricVersion, provider: options.collectionProvider,
      organizations: options.organizations, channel: channel)
    self.txid = txid
    self.state = Locked(State(builder: notesReads ? ReadWriteSetBuilder() : nil))
  }

  var answersAtOnce: Bool { true }

  var database: StateDatabase { contents.database }

  var chain: (any ChainReader)? { InMemoryChain(contents: contents, version: options.fabricVersion) }

  func done() {
    let ranges = state.withLock { state in
      state.isDone = true
      return state.ranges
    }
    for range in ranges { range.close() }
  }

  func simulationResults() throws -> TxSimulationResults {
    let (ranges, open) = try state.withLock { (state) throws(LedgerError) in
      guard !state.hasResults else {
        throw LedgerError("this function should only be called once on a transaction simulator instance")
      }
      state.hasResults = true
      return (state.ranges, state.builder)
    }
    var builder = open ?? ReadWriteSetBuilder()
    // Ranges are noted in the order of the queries, closed or not.
    for range in ranges {
      if let (namespace, query) = range.queryInfo() { builder.queried(namespace, query) }
    }
    return builder.results()
  }

  // MARK: What every method begins with

  func reading<Result: Sendable>(
    _ body: (inout State) throws(LedgerError) -> Result
  ) throws(LedgerError) -> Result {
    try state.withLock { (state) throws(LedgerError) in
      try checkNotDone(state)
      return try body(&state)
    }
  }

  func changing<Result: Sendable>(
    _ body: (inout State) throws(LedgerError) -> Result
  ) throws(LedgerError) -> Result {
    try state.withLock { (state) throws(LedgerError) in try body(&state) }
  }

  func note(_ body: (inout State) -> Void) {
    state.withLock { body(&$0) }
  }

  func checkNotDone(_ state: State) throws(LedgerError) {
    if state.isDone { throw LedgerError("this instance should not be used after calling Done()") }
  }

  /// Reads one key for the transaction: the version is noted.
  func read(_ state: inout State, _ namespace: WireString, _ key: WireString) -> VersionedValue? {
    let value = database.get(namespace, key)
    state.builder?.read(namespace, key, value?.version)
    return value
  }

  /// Refuses a collection that the chaincode does not have; a chaincode's collections are looked up once.
  func checkCollection(_ state: inout State, _ name: CollectionName) throws(LedgerError) {
    if state.collections[name.namespace] == nil {
      let names = try directory.collectionNames(of: name.namespace) { (namespace, key) throws(LedgerError) in
        try checkNotDone(state)
        return read(&state, namespace, key)?.value
      }
      state.collections[name.namespace] = names
    }
    guard state.collections[name.namespace]?.contains(name.collection) == true else {
      throw LedgerError(
        "collection [\(name.collection)] not defined in the collection config for chaincode [\(name.namespace)]"
      )
    }
  }

  // MARK: What may not be mixed in one transaction

  /// The results of paginated and of private queries are not checked at commit, so such a transaction may not write.
  func checkMayWrite(_ state: inout State) throws(LedgerError) {
    try checkNotDone(state)
    if state.hasQueriedPrivate {
      throw refusal("Transaction has already performed queries on pvt data. Writes are not allowed")
    }
    if state.hasPaged {
      throw refusal("Transaction has already performed a paginated query. Writes are not allowed")
    }
    state.hasWritten = true
  }

  func checkMayPage(_ state: inout State) throws(LedgerError) {
    guard state.builder != nil else { return }
    if state.hasWritten {
      throw refusal("Paginated queries are supported only in a read-only transaction")
    }
    state.hasPaged = true
  }

  func checkMayQueryPrivate(_ state: inout State) throws(LedgerError) {
    guard state.builder != nil else { return }
    if state.hasWritten {
      throw refusal("Queries on pvt data is supported only in a read-only transaction")
    }
    state.hasQueriedPrivate = true
  }

  private func refusal(_ text: String) -> LedgerError {
    let kind = options.fabricVersion == .v1_4 ? "" : "unsuppored transaction. "
    return LedgerError(WireString("txid [\(txid)]: \(kind)\(text)"))
  }
}
