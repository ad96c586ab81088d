import Foundation
import InprocHost
import MessageFSM

/// A ledger that breaks one promise: it passes everything on to a right one, but for its fault.
final class WrongLedger: PeerLedger {
  enum Fault: Sendable {
    case heightOff, valuesLost, keysNormalised, multipleSorted, ownWritesSeen, liveReads, liveIterators
    case readsNotNoted, emptyIsValue, oneNamespace, metadataLost, historyReversed, rangeIncludesEnd
    case rangesNotNoted, noBookmark, closeIgnored, doneIgnored, rulesIgnored, resultsTwice, batchReversed
    case batchOneByOne, lastBlockUnknown, verdictsForgotten, badResultsRefused, anyPlace, badEnvelopesDropped
    case anyCollection, privateInPublic, privateLost, missingIsNil, privateUnchecked, livesForEver,
      purgeIsDelete
  }

  let base: InMemoryLedger
  let fault: Fault
  let seen = Locked<[WireString: [UInt8]]>([:])

  init(version: FabricVersion, fault: Fault) {
    self.base = InMemoryLedger(
      channel: "conformance",
      options: InMemoryLedger.Options(fabricVersion: version, collectionProvider: .lscc))
    self.fault = fault
  }

  func newTxSimulator(txid: WireString) -> any TxSimulator {
    WrongSimulator(ledger: self, base: base.newTxSimulator(txid: txid))
  }

  func newQueryExecutor() -> any QueryExecutor {
    WrongSimulator(ledger: self, base: base.newQueryExecutor())
  }

  func newHistoryQueryExecutor() -> any HistoryQueryExecutor {
    WrongHistory(base: base.newHistoryQueryExecutor(), isReversed: fault == .historyReversed)
  }

  func blockchainInfo() -> BlockchainInfo {
    var info = base.blockchainInfo()
    if fault == .heightOff { info.height += 1 }
    return info
  }

  func block(number: UInt64) throws -> Block {
    if fault == .lastBlockUnknown && number == .max { throw LedgerError("Entry not found in index") }
    return try base.block(number: number)
  }

  func block(hash: [UInt8]) throws -> Block { try base.block(hash: hash) }
  func block(txid: WireString) throws -> Block { try base.block(txid: txid) }
  func transaction(txid: WireString) throws -> ProcessedTransaction { try base.transaction(txid: txid) }

  func commit(_ block: Block, privateData: [PrivateWriteSet], missing: [MissingPrivateData]) throws -> Block {
    var block = block
    switch fault {
    case .verdictsForgotten:
      block.metadata?.metadata[2] = Array(repeating: 0, count: block.data?.envelopes.count ?? 0)
    case .anyPlace:
      block.header?.number = base.blockchainInfo().height
      block.header?.previousHash = base.blockchainInfo().currentBlockHash
    case .badEnvelopesDropped:
      block.data?.envelopes.removeAll { $0 == [0xff] }
      block.metadata?.metadata[2] = Array(repeating: 0, count: block.data?.envelopes.count ?? 0)
    case .privateUnchecked:
      if let committed = try? base.commit(block, privateData: privateData) { return committed }
      return try base.commit(block)
    default: break
    }
    let committed = try base.commit(block, privateData: privateData, missing: missing)
    if fault == .badResultsRefused, committed.metadata?.metadata[2].contains(255) == true {
      throw LedgerError("bad results")
    }
    return committed
  }
}

private final class WrongHistory: HistoryQueryExecutor {
  let base: any HistoryQueryExecutor
  let isReversed: Bool

  init(base: any HistoryQueryExecutor, isReversed: Bool) {
    self.base = base
    self.isReversed = isReversed
  }

  var answersAtOnce: Bool { true }

  func getHistoryForKey(namespace: WireString, key: WireString) async throws -> any ResultsIterator {
    let iterator = try await base.getHistoryForKey(namespace: namespace, key: key)
    guard isReversed else { return iterator }
    var results: [QueryResult] = []
    while let result = try await iterator.next() { results.append(result) }
    return ListIterator(results.reversed())
  }
}

private final class ListIterator: ResultsIterator {
  private let rest: Locked<[QueryResult]>
  init(_ results: [QueryResult]) { rest = Locked(results.reversed()) }
  func next() -> QueryResult? { rest.withLock { $0.popLast() } }
  func bookmark() -> WireString { .empty }
  func close() {}
}

private final class WrongIterator: ResultsIterator {
  let base: any ResultsIterator
  let fault: WrongLedger.Fault
  init(base: any ResultsIterator, fault: WrongLedger.Fault) {
    self.base = base
    self.fault = fault
  }
  func next() async throws -> QueryResult? { try await base.next() }
  func bookmark() -> WireString { fault == .noBookmark ? .empty : base.bookmark() }
  func close() { if fault != .closeIgnored { base.close() } }
}

/// An iterator that looks at the newest state for every result.
private final class LiveIterator: ResultsIterator {
  let ledger: InMemoryLedger
  let namespace: WireString
  let endKey: WireString
  private let start: Locked<WireString>

  init(ledger: InMemoryLedger, namespace: WireString, startKey: WireString, endKey: WireString) {
    self.ledger = ledger
    self.namespace = namespace
    self.endKey = endKey
    self.start = Locked(startKey)
  }

  func next() async throws -> QueryResult? {
    let from = start.withLock { $0 }
    let results = try await ledger.newQueryExecutor()
      .getStateRange(namespace: namespace, startKey: from, endKey: endKey)
    guard case .kv(let kv)? = try await results.next() else { return nil }
    start.withLock { $0 = WireString(bytes: kv.key.bytes + [0]) }
    return .kv(kv)
  }

  func bookmark() -> WireString { .empty }
  func close() {}
}

private final class WrongSimulator: TxSimulator {
  let ledger: WrongLedger
  let base: any QueryExecutor
  private let written = Locked<[WireString: [UInt8]]>([:])
  private let results = Locked<TxSimulationResults?>(nil)

  init(ledger: WrongLedger, base: any QueryExecutor) {
    self.ledger = ledger
    self.base = base
  }

  var fault: WrongLedger.Fault { ledger.fault }
  var answersAtOnce: Bool { true }

  /// The simulator below; a query executor is never asked to write.
  private func simulator() throws -> any TxSimulator {
    guard let simulator = base as? any TxSimulator else { throw LedgerError("not a simulator") }
    return simulator
  }

  private func spelled(_ key: WireString) -> WireString {
    fault == .keysNormalised ? WireString(key.string.precomposedStringWithCanonicalMapping) : key
  }

  func done() { if fault != .doneIgnored { base.done() } }

  func getState(namespace: WireString, key: WireString) async throws -> [UInt8]? {
    let namespace = fault == .oneNamespace && namespace == "cc2" ? "cc" : namespace
    let source =
      fault == .liveReads || fault == .readsNotNoted ? ledger.base.newQueryExecutor() : base
    let value = try await source.getState(namespace: namespace, key: spelled(key))
    if fault == .ownWritesSeen, let own = written.withLock({ $0[key] }) { return own }
    return fault == .valuesLost ? nil : value
  }

  func getStateMultiple(namespace: WireString, keys: [WireString]) async throws -> [[UInt8]?] {
    try await base.getStateMultiple(
      namespace: namespace, keys: fault == .multipleSorted ? keys.sorted() : keys)
  }

  func getStateMetadata(namespace: WireString, key: WireString) async throws -> [StateMetadata] {
    let metadata = try await base.getStateMetadata(namespace: namespace, key: key)
    return fault == .metadataLost ? [] : metadata
  }

  func getStateRange(namespace: WireString, startKey: WireString, endKey: WireString) async throws
    -> any ResultsIterator
  {
    if fault == .liveIterators {
      return LiveIterator(ledger: ledger.base, namespace: namespace, startKey: startKey, endKey: endKey)
    }
    let end =
      fault == .rangeIncludesEnd && !endKey.isEmpty ? WireString(bytes: endKey.bytes + [0]) : endKey
    let source = fault == .rangesNotNoted ? ledger.base.newQueryExecutor() : base
    let iterator = try await source.getStateRange(namespace: namespace, startKey: startKey, endKey: end)
    return WrongIterator(base: iterator, fault: fault)
  }

  func getStateRange(namespace: WireString, startKey: WireString, endKey: WireString, pageSize: Int32)
    async throws -> any ResultsIterator
  {
    let source = fault == .rulesIgnored ? ledger.base.newQueryExecutor() : base
    let iterator = try await source.getStateRange(
      namespace: namespace, startKey: startKey, endKey: endKey, pageSize: pageSize)
    return WrongIterator(base: iterator, fault: fault)
  }

  func executeQuery(namespace: WireString, query: WireString) async throws -> any ResultsIterator {
    try await base.executeQuery(namespace: namespace, query: query)
  }

  func executeQuery(namespace: WireString, query: WireString, page: QueryMetadata) async throws
    -> any ResultsIterator
  {
    try await base.executeQuery(namespace: namespace, query: query, page: page)
  }

  func getPrivateData(namespace: WireString, collection: WireString, key: WireString) async throws -> [UInt8]?
  {
    if fault == .anyCollection && collection == "no" { return nil }
    do {
      let value = try await base.getPrivateData(namespace: namespace, collection: collection, key: key)
      if fault == .livesForEver {
        if let value { ledger.seen.withLock { $0[key] = value } }
        return ledger.seen.withLock { $0[key] }
      }
      return fault == .privateLost ? nil : value
    } catch {
      if fault == .missingIsNil { return nil }
      throw error
    }
  }

  func getPrivateDataMultiple(namespace: WireString, collection: WireString, keys: [WireString]) async throws
    -> [[UInt8]?]
  {
    try await base.getPrivateDataMultiple(namespace: namespace, collection: collection, keys: keys)
  }

  func getPrivateDataHash(namespace: WireString, collection: WireString, key: WireString) async throws
    -> [UInt8]?
  {
    try await base.getPrivateDataHash(namespace: namespace, collection: collection, key: key)
  }

  func getPrivateDataMetadata(namespace: WireString, collection: WireString, key: WireString) async throws
    -> [StateMetadata]
  {
    try await base.getPrivateDataMetadata(namespace: namespace, collection: collection, key: key)
  }

  func getPrivateDataRange(
    namespace: WireString, collection: WireString, startKey: WireString, endKey: WireString
  ) async throws -> any ResultsIterator {
    let source = fault == .rulesIgnored ? ledger.base.newQueryExecutor() : base
    return try await source.getPrivateDataRange(
      namespace: namespace, collection: collection, startKey: startKey, endKey: endKey)
  }

  func executeQueryOnPrivateData(namespace: WireString, collection: WireString, query: WireString)
    async throws
    -> any ResultsIterator
  {
    try await base.executeQueryOnPrivateData(namespace: namespace, collection: collection, query: query)
  }

  func setState(namespace: WireString, key: WireString, value: [UInt8]) async throws {
    written.withLock { $0[key] = value }
    let stored = fault == .emptyIsValue && value.isEmpty ? [0] : value
    try await simulator().setState(namespace: namespace, key: spelled(key), value: stored)
  }

  func deleteState(namespace: WireString, key: WireString) async throws {
    try await simulator().deleteState(namespace: namespace, key: key)
  }

  func setStateMetadata(namespace: WireString, key: WireString, metadata: [StateMetadata]) async throws {
    try await simulator().setStateMetadata(namespace: namespace, key: key, metadata: metadata)
  }

  func setPrivateData(namespace: WireString, collection: WireString, key: WireString, value: [UInt8])
    async throws
  {
    if fault == .privateInPublic { return try await setState(namespace: namespace, key: key, value: value) }
    try await simulator().setPrivateData(namespace: namespace, collection: collection, key: key, value: value)
  }

  func deletePrivateData(namespace: WireString, collection: WireString, key: WireString) async throws {
    try await simulator().deletePrivateData(namespace: namespace, collection: collection, key: key)
  }

  func purgePrivateData(namespace: WireString, collection: WireString, key: WireString) async throws {
    if fault == .purgeIsDelete {
      return try await deletePrivateData(namespace: namespace, collection: collection, key: key)
    }
    try await simulator().purgePrivateData(namespace: namespace, collection: collection, key: key)
  }

  func setPrivateDataMetadata(
    namespace: WireString, collection: WireString, key: WireString, metadata: [StateMetadata]
  ) async throws {
    try await simulator().setPrivateDataMetadata(
      namespace: namespace, collection: collection, key: key, metadata: metadata)
  }

  func applyWrites(_ writes: [StateWrite]) async throws {
    switch fault {
    case .batchReversed: try await simulator().applyWrites(writes.reversed())
    case .batchOneByOne: for write in writes { try await simulator().applyWrites([write]) }
    default: try await simulator().applyWrites(writes)
    }
  }

  func simulationResults() async throws -> TxSimulationResults {
    if fault == .resultsTwice, let known = results.withLock({ $0 }) { return known }
    let new = try await simulator().simulationResults()
    results.withLock { $0 = new }
    return new
  }
}
