import InprocHost
import MessageFSM
import Synchronization

/// A ledger that answers from a dictionary at once, so that the message loop is measured and nothing else.
///
/// Writes are noted in a second dictionary, as a simulator must; nothing is ever committed.
final class DictionaryLedger: TxSimulator, ImmediateSimulator, LedgerProvider, Sendable {
  /// What is asked for here and does not exist.
  struct Absent: Error {}

  private let values: [WireString: [UInt8]]
  private let range: [QueryResult]
  private let written = Mutex<[WireString: [UInt8]]>([:])

  /// A thousand keys, longer than what Swift stores inside a string.
  static func makeKeys() -> [WireString] { (0..<1000).map { WireString("asset/\(1_000_000_000 + $0)") } }

  /// A value of 32 bytes.
  static func makeValue() -> [UInt8] { [UInt8](repeating: 42, count: 32) }

  /// A value for each of the keys, and a thousand results of a range.
  init() {
    let value = Self.makeValue()
    self.values = Dictionary(uniqueKeysWithValues: Self.makeKeys().map { ($0, value) })
    self.range = (0..<1000).map { index in
      let digits = String(index)
      let key = WireString("range/" + String(repeating: "0", count: 8 - digits.count) + digits)
      return .kv(KV(namespace: "bench", key: key, value: [UInt8](repeating: 7, count: 64)))
    }
  }

  var answersAtOnce: Bool { true }

  func getState(namespace: WireString, key: WireString) -> [UInt8]? { values[key] }

  func getStateMultiple(namespace: WireString, keys: [WireString]) -> [[UInt8]?] {
    keys.map { values[$0] }
  }

  func getStateRange(
    namespace: WireString, startKey: WireString, endKey: WireString
  ) async throws -> any ResultsIterator {
    RangeResults(range)
  }

  func setState(namespace: WireString, key: WireString, value: [UInt8]) {
    written.withLock { $0[key] = value }
  }

  func applyWrites(_ writes: [StateWrite]) {
    written.withLock { written in
      // By index: an iterator copies each write.
      for index in writes.indices {
        if case .set(let value) = writes[index].operation { written[writes[index].key] = value }
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
