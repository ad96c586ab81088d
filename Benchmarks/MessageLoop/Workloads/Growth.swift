import AllocationCounter
import InprocHost
import MessageFSM

/// How memory and time grow with what is open: chaincodes, transactions, and slow neighbours.
struct Growth {
  /// One line of the answer.
  struct Figure: Sendable, Codable {
    var name: String
    var amount: Int
    /// Live heap bytes per chaincode or open transaction, as the allocator rounds them.
    var bytesEach: Double?
    /// Processor time of one noop while that much is open.
    var nanoseconds: Double?
    /// How long it took to get there.
    var milliseconds: Double?
  }

  let executor: ExecutorKind
  let seconds: Double

  func run() async throws -> [Figure] {
    var figures: [Figure] = []
    for count in [1, 100, 1000] { figures.append(try await idleChaincodes(count)) }
    for count in [1, 100, 1000, 10_000] { figures.append(try await openTransactions(count)) }
    figures.append(try await slowNeighbour())
    return figures
  }

  /// Many registered chaincodes that do nothing, and one transaction after another, each at the next of them.
  private func idleChaincodes(_ count: Int) async throws -> Figure {
    let names = (0..<count).map { WireString("chaincode-\($0)") }
    return try await with(chaincodes: names.map { ($0, BenchmarkChaincode(work: .noop)) }) {
      host, live, time in
      let clients = names.enumerated().map { TransactionWorkloads.client(host, $1, $0) }
      return Figure(
        name: "idle chaincodes", amount: count, bytesEach: Double(live) / Double(count),
        nanoseconds: try await cost { try await clients[$0 % count].run() }, milliseconds: time)
    }
  }

  /// Transactions that wait inside their chaincode, and a noop beside them.
  private func openTransactions(_ count: Int) async throws -> Figure {
    let gate = Gate()
    let chaincodes: [(WireString, any Chaincode)] = [
      ("noop", BenchmarkChaincode(work: .noop)), ("waiting", WaitingChaincode(gate: gate)),
    ]
    return try await with(chaincodes: chaincodes) { host, _, _ in
      let noop = TransactionWorkloads.client(host, "noop", 0)
      try await noop.run()
      let before = allocation_counts_now().live_bytes
      return try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 1...count {
          let client = TransactionWorkloads.client(host, "waiting", index)
          group.addTask { try await client.run() }
        }
        while gate.count < count { await Task.yield() }
        let live = allocation_counts_now().live_bytes - before
        let nanoseconds = try await cost { _ in try await noop.run() }
        gate.open()
        try await group.waitForAll()
        return Figure(
          name: "open transactions", amount: count, bytesEach: Double(live) / Double(count),
          nanoseconds: nanoseconds)
      }
    }
  }

  /// A noop beside a chaincode whose ledger never answers.
  private func slowNeighbour() async throws -> Figure {
    let figure = try await openTransactions(256)
    return Figure(name: "noop beside slow transactions", amount: 256, nanoseconds: figure.nanoseconds)
  }

  private func with(
    chaincodes: [(WireString, any Chaincode)],
    _ body: @Sendable (_ host: ChaincodeHost, _ liveBytes: Int, _ milliseconds: Double) async throws -> Figure
  ) async throws -> Figure {
    let executor = self.executor.make()
    defer { executor?.shutDown() }
    return try await withTaskExecutorPreference(executor) {
      let before = allocation_counts_now().live_bytes
      let begun = monotonic_nanoseconds()
      let running = try await RunningHost(version: .v1_4, executor: executor, chaincodes: chaincodes)
      let time = Double(monotonic_nanoseconds() - begun) / 1e6
      let figure = try await body(running.host, Int(allocation_counts_now().live_bytes - before), time)
      try await running.stop()
      return figure
    }
  }

  /// The least processor time of one call, of ten rounds.
  private func cost(_ call: (Int) async throws -> Void) async throws -> Double {
    var least = Double.infinity
    var index = 0
    for _ in 0..<10 {
      let deadline = monotonic_nanoseconds() + UInt64(seconds * 1e8)
      let cpu = process_cpu_nanoseconds()
      let first = index
      repeat {
        for _ in 0..<50 {
          try await call(index)
          index += 1
        }
      } while monotonic_nanoseconds() < deadline
      least = min(least, Double(process_cpu_nanoseconds() - cpu) / Double(index - first))
    }
    return least
  }
}

extension Growth.Figure {
  static func text(_ figures: [Growth.Figure]) -> String {
    Table.aligned(
      [["growth", "amount", "bytes each", "cpu of a noop", "set-up"]]
        + figures.map { figure in
          [
            figure.name, String(figure.amount), figure.bytesEach.map(Figures.bytes) ?? "",
            figure.nanoseconds.map(Figures.nanoseconds) ?? "",
            figure.milliseconds.map { Figures.decimal($0) + " ms" } ?? "",
          ]
        })
  }
}

/// Keeps those that pass until it is opened.
private final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var waiters: [Suspension<Void>] = []
  }

  private let state = Locked(State())

  var count: Int { state.withLock { $0.waiters.count } }

  func pass() async {
    await suspend { waiter in
      state.withLock { state in
        if state.isOpen { return () }
        state.waiters.append(waiter)
        return nil
      }
    }
  }

  func open() {
    let waiters = state.withLock { state in
      state.isOpen = true
      return state.waiters
    }
    for waiter in waiters { waiter.resume(()) }
  }
}

private struct WaitingChaincode: Chaincode {
  let gate: Gate

  func invoke(_ stub: ChaincodeStub) async throws -> Response {
    await gate.pass()
    return .success()
  }
}
