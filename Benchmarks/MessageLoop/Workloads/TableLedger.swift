import InprocHost
import MessageFSM
import Synchronization

/// A ledger that answers from a table at once, so that the message loop is measured and nothing else.
///
/// Writes are noted in a second table, as a simulator must; nothing is ever committed.
final class TableLedger: TxSimulator, ImmediateSimulator, LedgerProvider, Sendable {
  /// What is asked for here and does not exist.
  struct Absent: Error {}

  private let values: KeyTable
  private let range: [QueryResult]
  private let written = Mutex(KeyTable(capacity: 1000))

  /// A thousand keys, longer than what Swift stores inside a string.
  static func makeKeys() -> [WireString] { (0..<1000).map { WireString("asset/\(1_000_000_000 + $0)") } }

  /// A value of 32 bytes.
  static func makeValue() -> [UInt8] { [UInt8](repeating: 42, count: 32) }

  /// A value for each of the keys, and a thousand results of a range.
  init() {
    let value = Self.makeValue()
    var values = KeyTable(capacity: 1000)
    for key in Self.makeKeys() { values.set(value, of: key) }
    self.values = values
    self.range = (0..<1000).map { index in
      let digits = String(index)
      let key = WireString("range/" + String(repeating: "0", count: 8 - digits.count) + digits)
      return .kv(KV(namespace: "bench", key: key, value: [UInt8](repeating: 7, count: 64)))
    }
  }

  var answersAtOnce: Bool { true }

  func getState(namespace: WireString, key: WireString) -> [UInt8]? { values.value(of: key) }

  func getStateMultiple(namespace: WireString, keys: [WireString]) -> [[UInt8]?] {
    var found: [[UInt8]?] = []
    found.reserveCapacity(keys.count)
    // By index: an iterator copies each key.
    for index in keys.indices { found.append(values.value(of: keys[index])) }
    return found
  }

  func getStateRange(
    namespace: WireString, startKey: WireString, endKey: WireString
  ) async throws -> any ResultsIterator {
    RangeResults(range)
  }

  func setState(namespace: WireString, key: WireString, value: [UInt8]) {
    written.withLock { $0.set(value, of: key) }
  }

  func applyWrites(_ writes: [StateWrite]) {
    written.withLock { written in
      // By index: an iterator copies each write.
      for index in writes.indices {
        if case .set(let value) = writes[index].operation { written.set(value, of: writes[index].key) }
      }
    }
  }

  func done() {}

  // MARK: Not used by any workload

  func ledger(channel: WireString) -> (any PeerLedger)? { nil }

  func getStateMetadata(namespace: WireString, key: WireString) async throws -> [StateMetadata] { [] }

  func getStateRange(
    namespace: WireString, startKey: WireString, endKey: WireString, pageSize: Int32
  ) async throws -> any ResultsIterator { throw Absent() }

  func executeQuery(namespace: WireString, query: WireString) async throws -> any ResultsIterator {
    throw Absent()
  }

  func executeQuery(
    namespace: WireString, query: WireString, page: QueryMetadata
  ) async throws -> any ResultsIterator { throw Absent() }

  func getPrivateData(
    namespace: WireString, collection: WireString, key: WireString
  ) async throws -> [UInt8]? { throw Absent() }

  func getPrivateDataMultiple(
    namespace: WireString, collection: WireString, keys: [WireString]
  ) async throws -> [[UInt8]?] { throw Absent() }

  func getPrivateDataHash(
    namespace: WireString, collection: WireString, key: WireString
  ) async throws -> [UInt8]? { throw Absent() }

  func getPrivateDataMetadata(
    namespace: WireString, collection: WireString, key: WireString
  ) async throws -> [StateMetadata] { throw Absent() }

  func getPrivateDataRange(
    namespace: WireString, collection: WireString, startKey: WireString, endKey: WireString
  ) async throws -> any ResultsIterator { throw Absent() }

  func executeQueryOnPrivateData(
    namespace: WireString, collection: WireString, query: WireString
  ) async throws -> any ResultsIterator { throw Absent() }

  func deleteState(namespace: WireString, key: WireString) async throws { throw Absent() }

  func setStateMetadata(
    namespace: WireString, key: WireString, metadata: [StateMetadata]
  ) async throws { throw Absent() }

  func setPrivateData(
    namespace: WireString, collection: WireString, key: WireString, value: [UInt8]
  ) async throws { throw Absent() }

  func deletePrivateData(namespace: WireString, collection: WireString, key: WireString) async throws {
    throw Absent()
  }

  func purgePrivateData(namespace: WireString, collection: WireString, key: WireString) async throws {
    throw Absent()
  }

  func setPrivateDataMetadata(
    namespace: WireString, collection: WireString, key: WireString, metadata: [StateMetadata]
  ) async throws { throw Absent() }

  func simulationResults() async throws -> TxSimulationResults {
    TxSimulationResults(publicBytes: [], privateBytes: nil)
  }
}

/// The results of a range, as many at a time as are asked for.
private final class RangeResults: ResultsIterator {
  private let results: [QueryResult]
  private let position = Atomic<Int>(0)

  init(_ results: [QueryResult]) {
    self.results = results
  }

  func next() async throws -> QueryResult? {
    let position = take(1)
    return position.isEmpty ? nil : results[position.lowerBound]
  }

  func next(atMost count: Int) async throws -> [QueryResult] { Array(results[take(count)]) }

  func bookmark() -> WireString { .empty }

  func close() {}

  private func take(_ count: Int) -> Range<Int> {
    let begin = position.load(ordering: .relaxed)
    let end = min(results.count, begin + count)
    position.store(end, ordering: .relaxed)
    return begin..<end
  }
}
