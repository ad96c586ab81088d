import InprocHost
import MessageFSM

/// A ledger, a dictionary and a sorted array with the same keys, and what is done with them.
final class LedgerWorkloads {
  struct Sample {
    var name: String
    var subject: LedgerResult.Subject
    var nanoseconds: Double
  }

  private static let value = [UInt8](repeating: 7, count: 64)
  private static let operations = 20_000

  private let ledger = InMemoryLedger(channel: "bench")
  private var chain = TestChain(channel: "bench")
  private var map = SortedMap<WireString, VersionedValue>()
  private var dictionary: [WireString: [UInt8]] = [:]
  private let array: [(key: WireString, value: [UInt8])]
  private let clock = ContinuousClock()
  private var state: UInt64 = 42
  /// Keeps the optimizer from leaving out what is measured.
  private var checksum = 0

  init(keys count: Int) async throws {
    array = (0..<count).map { (Self.key($0), Self.value) }
    dictionary.reserveCapacity(count)
    let version = Height(block: 0, transaction: 0)
    for (key, value) in array {
      dictionary[key] = value
      map[key] = VersionedValue(value: value, metadata: [], version: version)
    }
    for start in stride(from: 0, to: count, by: 10_000) {
      let simulator = ledger.newTxSimulator(txid: "fill")
      for index in start..<min(count, start + 10_000) {
        try await simulator.setState(namespace: "cc", key: array[index].key, value: Self.value)
      }
      let results = try await simulator.simulationResults().publicBytes
      let block = chain.block([chain.envelope(txid: WireString("fill\(start)"), results: results)])
      try ledger.commit(block)
      chain.advance(past: block)
    }
  }

  private static func key(_ number: Int) -> WireString { WireString("asset\(10_000_000 + number)") }

  /// One round of everything.
  func round() async throws -> [Sample] {
    try await get() + put() + putIntoState() + range() + snapshot() + snapshotAndPut() + commit()
  }

  // MARK: Workloads

  private func get() async throws -> [Sample] {
    let keys = randomKeys(Self.operations)
    let executor = ledger.newQueryExecutor()
    defer { executor.done() }
    var begun = clock.now
    for key in keys { checksum &+= try await executor.getState(namespace: "cc", key: key)?.count ?? 0 }
    let own = sample("get", .ledger, begun, Self.operations)
    begun = clock.now
    for key in keys { checksum &+= dictionary[key]?.count ?? 0 }
    let other = sample("get", .dictionary, begun, Self.operations)
    begun = clock.now
    for key in keys { checksum &+= array[lowerBound(key)].value.count }
    return [own, other, sample("get", .array, begun, Self.operations)]
  }

  /// Noting a write in a transaction, beside collecting the writes in a dictionary.
  private func put() async throws -> [Sample] {
    let keys = randomKeys(Self.operations)
    let simulator = ledger.newTxSimulator(txid: "t")
    defer { simulator.done() }
    var begun = clock.now
    for key in keys { try await simulator.setState(namespace: "cc", key: key, value: Self.value) }
    let own = sample("put", .ledger, begun, Self.operations)
    var writes: [WireString: [UInt8]] = [:]
    begun = clock.now
    for key in keys { writes[key] = Self.value }
    checksum &+= writes.count
    return [own, sample("put", .dictionary, begun, Self.operations)]
  }

  /// A write into the map that holds the state.
  private func putIntoState() -> [Sample] {
    let keys = randomKeys(Self.operations)
    var begun = clock.now
    for key in keys { map[key] = Self.entry }
    let own = sample("put into the state", .ledger, begun, Self.operations)
    begun = clock.now
    for key in keys { dictionary[key] = Self.value }
    return [own, sample("put into the state", .dictionary, begun, Self.operations)]
  }

  private func range() async throws -> [Sample] {
    let keys = randomKeys(Self.operations / 50)
    let executor = ledger.newQueryExecutor()
    defer { executor.done() }
    var begun = clock.now
    for key in keys {
      let iterator = try await executor.getStateRange(namespace: "cc", startKey: key, endKey: .empty)
      checksum &+= try await iterator.next(atMost: 100).count
      iterator.close()
    }
    let own = sample("range of 100", .ledger, begun, keys.count)
    begun = clock.now
    for key in keys {
      let start = lowerBound(key)
      // Results of the same form: what an iterator gives must be made in both cases.
      checksum &+=
        array[start..<min(array.count, start + 100)].map {
          QueryResult.kv(KV(namespace: "cc", key: $0.key, value: $0.value))
        }.count
    }
    return [own, sample("range of 100", .array, begun, keys.count)]
  }

  private func snapshot() -> [Sample] {
    let count = Self.operations
    var begun = clock.now
    for _ in 0..<count { checksum &+= ledger.newTxSimulator(txid: "t").answersAtOnce ? 1 : 0 }
    let own = sample("snapshot", .ledger, begun, count)
    begun = clock.now
    for _ in 0..<count { checksum &+= Copy(dictionary).value.isEmpty ? 1 : 0 }
    return [own, sample("snapshot", .dictionary, begun, count)]
  }

  /// A copy that somebody holds while one key is written: what a commit beside a reader costs.
  private func snapshotAndPut() -> [Sample] {
    let keys = randomKeys(200)
    var copies = [map]
    var begun = clock.now
    for key in keys {
      copies[0] = map
      map[key] = Self.entry
    }
    let own = sample("put beside a snapshot", .ledger, begun, keys.count)
    checksum &+= copies.count
    begun = clock.now
    let copy = Copy(dictionary)
    dictionary[keys[0]] = Self.value
    let other = sample("put beside a snapshot", .dictionary, begun, 1)
    checksum &+= copy.value.count
    return [own, other]
  }

  /// 500 transactions that read one key and write two; simulated and put into envelopes before the clock runs.
  private func commit() async throws -> [Sample] {
    var envelopes: [[UInt8]] = []
    var written: [WireString] = []
    for index in 0..<500 {
      let simulator = ledger.newTxSimulator(txid: "t")
      // Keys of its own for each transaction, so that all are valid.
      let first = (random(array.count / 1_000) * 500 + index) * 2 % (array.count - 1)
      checksum &+= try await simulator.getState(namespace: "cc", key: array[first].key)?.count ?? 0
      for key in [array[first].key, array[first + 1].key] {
        try await simulator.setState(namespace: "cc", key: key, value: Self.value)
        written.append(key)
      }
      let results = try await simulator.simulationResults().publicBytes
      envelopes.append(chain.envelope(txid: WireString("\(chain.height)-\(index)"), results: results))
    }
    let block = chain.block(envelopes)
    var begun = clock.now
    let committed = try ledger.commit(block)
    let own = sample("commit of 500 transactions", .ledger, begun, 1)
    chain.advance(past: block)
    checksum &+= committed.metadata?.metadata[2].reduce(0) { $0 + Int($1) } ?? 0
    begun = clock.now
    for key in written { dictionary[key] = Self.value }
    return [own, sample("commit of 500 transactions", .dictionary, begun, 1)]
  }

  // MARK: Helpers

  private static let entry = VersionedValue(
    value: value, metadata: [], version: Height(block: 1, transaction: 0))

  /// Holds a copy, as a simulator holds its snapshot.
  private final class Copy {
    let value: [WireString: [UInt8]]

    @inline(never)
    init(_ value: [WireString: [UInt8]]) { self.value = value }
  }

  private func sample(
    _ name: String, _ subject: LedgerResult.Subject, _ begun: ContinuousClock.Instant, _ count: Int
  ) -> Sample {
    let elapsed = begun.duration(to: clock.now).components
    let nanoseconds = Double(elapsed.seconds) * 1e9 + Double(elapsed.attoseconds) / 1e9
    return Sample(name: name, subject: subject, nanoseconds: nanoseconds / Double(count))
  }

  private func lowerBound(_ key: WireString) -> Int {
    var (low, high) = (0, array.count)
    while low < high {
      let middle = (low + high) / 2
      if array[middle].key < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func randomKeys(_ count: Int) -> [WireString] {
    (0..<count).map { _ in array[random(array.count)].key }
  }

  private func random(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }
}
