import InprocHost
import MessageFSM
import Testing

/// A small generator of numbers, so that a run can be repeated.
struct LedgerRandom {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next(below bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }
}

@Suite("Ledger against a naive model")
struct LedgerModelTests {
  /// The state as a dictionary; a simulator's snapshot is simply a copy.
  struct Model {
    typealias State = [Int: (value: UInt8, version: Height)]

    enum Step {
      case read(Int)
      case range(from: Int, to: Int, limit: Int)
      case write(Int, UInt8)
      case delete(Int)
    }

    static func key(_ number: Int) -> WireString { WireString("k\(100 + number)") }

    /// What a range sees; with fewer keys asked for than there are, it was not exhausted.
    static func range(_ state: State, _ from: Int, _ to: Int) -> [(Int, Height)] {
      state.filter { $0.key >= from && $0.key < to }.sorted { $0.key < $1.key }.map {
        ($0.key, $0.value.version)
      }
    }

    /// Whether a transaction that saw `before` may be committed on `now`.
    ///
    /// A key that the block touched before conflicts even if it was deleted without having been there.
    static func verdict(
      _ steps: [Step], before: State, now: State, touched: Set<Int>
    ) -> TxValidationCode {
      for case .read(let key) in steps
      where touched.contains(key) || before[key]?.version != now[key]?.version {
        return .mvccReadConflict
      }
      for case .range(let from, let to, let limit) in steps {
        let seen = range(before, from, to)
        let isExhausted = seen.count < limit
        let old = isExhausted ? seen : Array(seen.prefix(limit))
        let end = isExhausted ? to : (old.last?.0 ?? from) + 1
        if !old.elementsEqual(range(now, from, end), by: { $0 == $1 }) { return .phantomReadConflict }
      }
      return .valid
    }

    static func apply(
      _ steps: [Step], to state: inout State, _ touched: inout Set<Int>, at height: Height
    ) {
      for step in steps {
        switch step {
        case .write(let key, let value):
          state[key] = (value, height)
          touched.insert(key)
        case .delete(let key):
          state[key] = nil
          touched.insert(key)
        case .read, .range: break
        }
      }
    }
  }

  private struct Open {
    var simulator: any TxSimulator
    var before: Model.State
    var steps: [Model.Step]
  }

  /// 20,300 blocks of one or two transactions in all.
  ///
  /// Every read, every key of every range and every verdict is compared at once; the whole state, with versions, every 100 blocks
  /// and at the end.
  @Test("random transactions read, conflict and change the state as in the model", arguments: 0..<4)
  func model(seed: Int) async throws {
    var random = LedgerRandom(seed: UInt64(seed) &+ 11)
    let keys = seed == 3 ? 150 : 24
    let blocks = seed == 3 ? 500 : 6_600
    let ledger = InMemoryLedger(
      channel: "model", options: InMemoryLedger.Options(fabricVersion: seed % 2 == 0 ? .v1_4 : .v3_1))
    var chain = TestChain(channel: "model")
    var state: Model.State = [:]
    var open: [Open] = []
    var codes: [TxValidationCode: Int] = [:]
    for number in 0..<blocks {
      while open.count < 4 {
        open.append(
          Open(
            simulator: ledger.newTxSimulator(txid: WireString("t\(number)")), before: state,
            steps: Self.steps(&random, keys)))
      }
      var envelopes: [[UInt8]] = []
      var expected: [TxValidationCode] = []
      var touched: Set<Int> = []
      for index in 0...(random.next(below: 4) / 3) {
        let transaction = open.remove(at: random.next(below: open.count))
        try await Self.run(transaction)
        let results = try await transaction.simulator.simulationResults()
        envelopes.append(chain.envelope(txid: WireString("\(number)-\(index)"), results: results.publicBytes))
        let code = Model.verdict(
          transaction.steps, before: transaction.before, now: state, touched: touched)
        expected.append(code)
        guard code == .valid else { continue }
        Model.apply(
          transaction.steps, to: &state, &touched,
          at: Height(block: UInt64(number), transaction: UInt64(index)))
      }
      let block = chain.block(envelopes)
      let committed = try ledger.commit(block)
      chain.advance(past: block)
      let found = committed.metadata?.metadata[2].map { TxValidationCode(rawValue: $0) }
      try #require(found == expected, "block \(number)")
      for code in expected { codes[code, default: 0] += 1 }
      if number % 100 == 99 || number == blocks - 1 { try Self.compare(ledger, state, keys) }
    }
    // The run is worth something only if all verdicts occur.
    for code in [TxValidationCode.valid, .mvccReadConflict, .phantomReadConflict] {
      #expect(codes[code, default: 0] > 1, "\(code): \(codes)")
    }
  }

  private static func steps(_ random: inout LedgerRandom, _ keys: Int) -> [Model.Step] {
    var steps: [Model.Step] = []
    for _ in 0...random.next(below: 3) {
      let key = random.next(below: keys)
      switch random.next(below: 10) {
      case 0..<3: steps.append(.read(key))
      case 3:
        let to = key + 1 + random.next(below: keys)
        let limit = random.next(below: 2) == 0 ? Int.max : 1 + random.next(below: keys / 2)
        steps.append(.range(from: key, to: to, limit: limit))
      case 4: steps.append(.delete(key))
      default: steps.append(.write(key, UInt8(1 + random.next(below: 200))))
      }
    }
    return steps
  }

  private static func run(_ transaction: Open) async throws {
    let simulator = transaction.simulator
    for step in transaction.steps {
      switch step {
      case .read(let key):
        let value = try await simulator.getState(namespace: "cc", key: Model.key(key))
        try #require(value == transaction.before[key].map { [$0.value] })
      case .range(let from, let to, let limit):
        let iterator = try await simulator.getStateRange(
          namespace: "cc", startKey: Model.key(from), endKey: Model.key(to))
        var seen: [WireString] = []
        while seen.count < limit, case .kv(let kv)? = try await iterator.next() { seen.append(kv.key) }
        let expected = Model.range(transaction.before, from, to).prefix(limit).map { Model.key($0.0) }
        try #require(seen == expected)
      case .write(let key, let value):
        try await simulator.setState(namespace: "cc", key: Model.key(key), value: [value])
      case .delete(let key):
        try await simulator.deleteState(namespace: "cc", key: Model.key(key))
      }
    }
  }

  private static func compare(_ ledger: InMemoryLedger, _ state: Model.State, _ keys: Int) throws {
    let table = ledger.database.namespaces.first { $0.name == "cc" }?.table
    var expected: [String] = []
    for key in 0..<(3 * keys) {
      guard let entry = state[key] else { continue }
      expected.append("\(Model.key(key)) \(entry.value) \(entry.version)")
    }
    let found = (table ?? SortedMap()).map { "\($0.key) \($0.value.value[0]) \($0.value.version)" }
    try #require(found == expected)
  }
}
