import MessageFSM
import Synchronization
import Testing

@testable import InprocHost

/// A point that is passed when the test says so; it tells the test when somebody is there.
final class Gate: Sendable {
  private let reached = Promise<Void>()
  private let opened = Promise<Void>()
  private let arrivals = Locked(0)

  /// How many have come.
  var arrivalCount: Int { arrivals.withLock { $0 } }

  /// Waits until the gate is open; does not look at cancellation, as a slow disk does not.
  func pass() async {
    arrivals.withLock { $0 += 1 }
    reached.fulfil(())
    while await opened.value() == nil, opened.current == nil {
      // Cancelled: wait on, in a task that is not.
      await HostTask.shielded("gate", on: nil) { [opened] in _ = await opened.value() }
    }
  }

  /// Waits until somebody has come.
  func waitForArrival() async { _ = await reached.value() }

  func open() { opened.fulfil(()) }
}

/// The ledger of the tables: channel ch1, namespace `raw` with k = v and 150 keys m000 … m149 = x.
final class TestLedger: PeerLedger, LedgerProvider {
  static let seed: [WireString: [WireString: [UInt8]]] = ["raw": raw]

  private static let raw: [WireString: [UInt8]] = {
    var raw: [WireString: [UInt8]] = ["k": Array("v".utf8)]
    for number in 0..<150 {
      let digits = String(number)
      raw[WireString("m" + String(repeating: "0", count: 3 - digits.count) + digits)] = Array("x".utf8)
    }
    return raw
  }()

  private static let rawKeys = raw.keys.sorted()

  let channels: Set<WireString>
  let state: [WireString: [WireString: [UInt8]]]
  /// The keys of each namespace in order.
  let keys: [WireString: [WireString]]
  let answersAtOnce: Bool
  /// Where a read of the key `block` waits.
  let gate = Gate()
  /// Where the making of a simulator waits, if at all.
  let simulatorGate: Gate?
  /// Where a query in the state database's language waits, if at all.
  let queryGate: Gate?
  /// Whether it gives executors of the history.
  let hasHistory: Bool
  /// Iterators that are not closed.
  let openIterators = Locked(0)
  /// Simulators that are not done.
  let openSimulators = Locked(0)

  init(
    channels: Set<WireString> = ["ch1"], answersAtOnce: Bool = true,
    state: [WireString: [WireString: [UInt8]]] = TestLedger.seed, simulatorGate: Gate? = nil,
    queryGate: Gate? = nil, hasHistory: Bool = true
  ) {
    self.channels = channels
    // One with a gate waits.
    self.answersAtOnce = answersAtOnce && simulatorGate == nil
    self.state = state
    self.keys = state.mapValues { $0.count == Self.raw.count ? Self.rawKeys : $0.keys.sorted() }
    self.simulatorGate = simulatorGate
    self.queryGate = queryGate
    self.hasHistory = hasHistory
  }

  func ledger(channel: WireString) -> (any PeerLedger)? { channels.contains(channel) ? self : nil }

  func newTxSimulator(txid: WireString) async throws -> any TxSimulator {
    await simulatorGate?.pass()
    return simulator()
  }

  func newQueryExecutor() async throws -> any QueryExecutor { simulator() }

  func newHistoryQueryExecutor() async throws -> any HistoryQueryExecutor {
    guard hasHistory else { throw LedgerError("the ledger has no history") }
    return history
  }

  // Blocks belong to the suites of the ledger.
  private static let noBlocks = LedgerError("the ledger of these tests has no blocks")
  func blockchainInfo() async throws -> BlockchainInfo { throw Self.noBlocks }
  func block(number: UInt64) async throws -> Block { throw Self.noBlocks }
  func block(hash: [UInt8]) async throws -> Block { throw Self.noBlocks }
  func block(txid: WireString) async throws -> Block { throw Self.noBlocks }
  func transaction(txid: WireString) async throws -> ProcessedTransaction { throw Self.noBlocks }
  func commit(
    _ block: Block, privateData: [PrivateWriteSet], missing: [MissingPrivateData]
  ) async throws -> Block { throw Self.noBlocks }

  var openIteratorCount: Int { openIterators.withLock { $0 } }
  var openSimulatorCount: Int { openSimulators.withLock { $0 } }

  private let noSimulator = Locked<Promise<Void>?>(nil)

  /// Waits until every simulator that was made is done.
  func waitUntilNoSimulatorIsOpen() async {
    let promise = Promise<Void>()
    noSimulator.withLock { $0 = promise }
    // One of the test's own, so that the last one is told of.
    simulator().done()
    _ = await promise.value()
  }

  fileprivate func simulatorDone() {
    let open = openSimulators.withLock { open in
      open -= 1
      return open
    }
    if open == 0 { noSimulator.withLock { $0 }?.fulfil(()) }
  }

  func simulator() -> TestSimulator { TestSimulator(self) }

  var history: TestHistory { TestHistory(self) }
}

final class TestHistory: HistoryQueryExecutor {
  private let ledger: TestLedger
  init(_ ledger: TestLedger) { self.ledger = ledger }
  var answersAtOnce: Bool { ledger.answersAtOnce }

  func getHistoryForKey(namespace: WireString, key: WireString) async throws -> any ResultsIterator {
    guard let value = ledger.state[namespace]?[key] else { return TestResults(ledger, []) }
    let entry = KeyModification(
      txid: "seed-ch1", value: value, timestamp: Timestamp(seconds: 1_500_000_000, nanos: 123_456_789),
      isDelete: false)
    return TestResults(ledger, [.modification(entry)])
  }
}

final class TestResults: ResultsIterator {
  private struct State {
    var results: [QueryResult]
    var open = true
  }

  private let ledger: TestLedger
  private let state: Locked<State>

  init(_ ledger: TestLedger, _ results: [QueryResult]) {
    self.ledger = ledger
    self.state = Locked(State(results: results.reversed()))
    ledger.openIterators.withLock { $0 += 1 }
  }

  func next() async throws -> QueryResult? { state.withLock { $0.results.popLast() } }

  func bookmark() -> WireString { .empty }

  func close() {
    let wasOpen = state.withLock { state in
      defer { state.open = false }
      return state.open
    }
    if wasOpen { ledger.openIterators.withLock { $0 -= 1 } }
  }
}

final class TestSimulator: TxSimulator {
  private let ledger: TestLedger
  private let isDone = Locked(false)
  private let noted = Locked<[StateWrite]>([])

  init(_ ledger: TestLedger) {
    self.ledger = ledger
    ledger.openSimulators.withLock { $0 += 1 }
  }

  /// What was written, in order.
  var writes: [StateWrite] { noted.withLock { $0 } }

  var answersAtOnce: Bool { ledger.answersAtOnce }

  func getState(namespace: WireString, key: WireString) async throws -> [UInt8]? {
    try check()
    if key == "block" {
      await ledger.gate.pass()
      try check()
    }
    return ledger.state[namespace]?[key]
  }

  func getStateMultiple(namespace: WireString, keys: [WireString]) async throws -> [[UInt8]?] {
    try check()
    return keys.map { ledger.state[namespace]?[$0] }
  }

  func getStateMetadata(namespace: WireString, key: WireString) async throws -> [StateMetadata] {
    try check()
    return []
  }

  func getStateRange(
    namespace: WireString, startKey: WireString, endKey: WireString
  ) async throws -> any ResultsIterator {
    try check()
    let state = ledger.state[namespace] ?? [:]
    let keys = ledger.keys[namespace, default: []].drop { $0 < startKey }
      .prefix { endKey.isEmpty || $0 < endKey }
    return TestResults(
      ledger, keys.map { .kv(KV(namespace: namespace, key: $0, value: state[$0] ?? [])) })
  }

  func getStateRange(
    namespace: WireString, startKey: WireString, endKey: WireString, pageSize: Int32
  ) async throws -> any ResultsIterator {
    try await getStateRange(namespace: namespace, startKey: startKey, endKey: endKey)
  }

  func executeQuery(namespace: WireString, query: WireString) async throws -> any ResultsIterator {
    try check()
    await ledger.queryGate?.pass()
    throw LedgerError("ExecuteQuery not supported for leveldb")
  }

  func executeQuery(
    namespace: WireString, query: WireString, page: QueryMetadata
  ) async throws -> any ResultsIterator {
    throw LedgerError("ExecuteQueryWithMetadata not supported for leveldb")
  }

  func getPrivateData(
    namespace: WireString, collection: WireString, key: WireString
  ) async throws -> [UInt8]? {
    try check()
    return nil
  }

  func getPrivateDataMultiple(
    namespace: WireString, collection: WireString, keys: [WireString]
  ) async throws -> [[UInt8]?] {
    try check()
    return keys.map { _ in nil }
  }

  func getPrivateDataHash(
    namespace: WireString, collection: WireString, key: WireString
  ) async throws -> [UInt8]? {
    try check()
    return nil
  }

  func getPrivateDataMetadata(
    namespace: WireString, collection: WireString, key: WireString
  ) async throws -> [StateMetadata] {
    try check()
    return []
  }

  func getPrivateDataRange(
    namespace: WireString, collection: WireString, startKey: WireString, endKey: WireString
  ) async throws -> any ResultsIterator {
    try check()
    return TestResults(ledger, [])
  }

  func executeQueryOnPrivateData(
    namespace: WireString, collection: WireString, query: WireString
  ) async throws -> any ResultsIterator {
    throw LedgerError("ExecuteQuery not supported for leveldb")
  }

  func setState(namespace: WireString, key: WireString, value: [UInt8]) async throws {
    try note(StateWrite(namespace: namespace, collection: "", key: key, operation: .set(value)))
  }

  func deleteState(namespace: WireString, key: WireString) async throws {
    try note(StateWrite(namespace: namespace, collection: "", key: key, operation: .delete))
  }

  func setStateMetadata(namespace: WireString, key: WireString, metadata: [StateMetadata]) async throws {
    try note(StateWrite(namespace: namespace, collection: "", key: key, operation: .setMetadata(metadata)))
  }

  func setPrivateData(
    namespace: WireString, collection: WireString, key: WireString, value: [UInt8]
  ) async throws {
    try note(StateWrite(namespace: namespace, collection: collection, key: key, operation: .set(value)))
  }

  func deletePrivateData(namespace: WireString, collection: WireString, key: WireString) async throws {
    try note(StateWrite(namespace: namespace, collection: collection, key: key, operation: .delete))
  }

  func purgePrivateData(namespace: WireString, collection: WireString, key: WireString) async throws {
    try note(StateWrite(namespace: namespace, collection: collection, key: key, operation: .purge))
  }

  func setPrivateDataMetadata(
    namespace: WireString, collection: WireString, key: WireString, metadata: [StateMetadata]
  ) async throws {
    try note(
      StateWrite(namespace: namespace, collection: collection, key: key, operation: .setMetadata(metadata)))
  }

  func applyWrites(_ writes: [StateWrite]) async throws {
    try check()
    noted.withLock { $0 += writes }
  }

  func simulationResults() async throws -> TxSimulationResults {
    TxSimulationResults(publicBytes: [], privateBytes: nil)
  }

  func done() {
    let wasDone = isDone.withLock { isDone in
      defer { isDone = true }
      return isDone
    }
    if !wasDone { ledger.simulatorDone() }
  }

  private func note(_ write: StateWrite) throws {
    try check()
    noted.withLock { $0.append(write) }
  }

  private func check() throws {
    if isDone.withLock({ $0 }) { throw LedgerError("this instance should not be used after calling Done()") }
  }
}
