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
    /// The time of one noop on the clock.
    var medianNanoseconds: Double?
    /// The time on the clock that 1 % of the noops exceed.
    var p99Nanoseconds: Double?
  }

  let executor: ExecutorKind
  let seconds: Double

  func run() async throws -> [Figure] {
    allocation_counts_live()
    var figures: [Figure] = []
    figures += try await costs { executor in
      var stages: [Stage] = []
      for count in [1, 100, 1000] { stages += try await idleChaincodes(count, executor) }
      return stages
    }
    figures += try await costs { executor in
      var stages: [Stage] = []
      for count in [1, 100, 1000, 10_000] { stages.append(try await openTransactions(count, executor)) }
      return stages
    }
    for (name, burns) in [
      ("a noop by itself", nil), ("beside 4 that compute", Burning.onTheHost),
      ("beside 4 that compute elsewhere", .elsewhere),
    ] {
      figures.append(try await busyNeighbours(name, burns))
    }
    return figures
  }

  /// A host with something open, and what is called beside it.
  private struct Stage {
    var figure: Figure
    let call: @Sendable (_ index: Int) async throws -> Void
    let end: @Sendable () async throws -> Void
  }

  /// What a call costs on each of several hosts, of the same size by turns, since the speed of a machine goes up and down.
  private func costs(
    _ prepare: @Sendable (_ executor: DedicatedExecutor?) async throws -> [Stage]
  ) async throws -> [Figure] {
    let executors = self.executor.make()
    defer { for executor in executors { executor?.shutDown() } }
    let executor = executors[0]
    return try await withTaskExecutorPreference(executor) {
      var stages = try await prepare(executor)
      for round in 0..<40 {
        for index in stages.indices {
          let cost = try await cost(stages[index].call)
          // The first call of a client finds nothing in the caches.
          if round > 0 {
            stages[index].figure.nanoseconds = min(stages[index].figure.nanoseconds ?? .infinity, cost)
          }
        }
      }
      for stage in stages { try await stage.end() }
      return stages.map(\.figure)
    }
  }

  /// The processor time of one call.
  private func cost(_ call: (Int) async throws -> Void) async throws -> Double {
    let deadline = monotonic_nanoseconds() + UInt64(seconds * 5e7)
    let cpu = process_cpu_nanoseconds()
    var index = 0
    repeat {
      // As many as there are chaincodes at most, so that each is called as often.
      for _ in 0..<1000 {
        try await call(index)
        index += 1
      }
    } while monotonic_nanoseconds() < deadline
    return Double(process_cpu_nanoseconds() - cpu) / Double(index)
  }

  /// Many registered chaincodes that do nothing, and one transaction after another: all at one of them, or each at the next.
  private func idleChaincodes(_ count: Int, _ executor: DedicatedExecutor?) async throws -> [Stage] {
    let names = (0..<count).map { WireString("chaincode-\($0)") }
    let before = allocation_counts_now().live_bytes
    let begun = monotonic_nanoseconds()
    let running = try await RunningHost(
      version: .v1_4, executor: executor,
      chaincodes: names.map { ($0, BenchmarkChaincode(work: .noop)) })
    let time = Double(monotonic_nanoseconds() - begun) / 1e6
    let live = allocation_counts_now().live_bytes - before
    let txids = TransactionWorkloads.txids(client: 0)
    let clients = names.map { TransactionWorkloads.client(running, $0, txids: txids) }
    let one = Stage(
      figure: Figure(
        name: "idle chaincodes", amount: count, bytesEach: Double(live) / Double(count), milliseconds: time)
    ) { _ in
      try await clients[0].run()
    } end: {
      try await running.stop()
    }
    let all = Stage(figure: Figure(name: "called in turn", amount: count)) {
      try await clients[$0 % count].run()
    } end: {
    }
    return [one, all]
  }

  /// Transactions that wait inside their chaincode, and a noop beside them.
  private func openTransactions(_ count: Int, _ executor: DedicatedExecutor?) async throws -> Stage {
    let gate = Gate()
    let running = try await RunningHost(
      version: .v1_4, executor: executor,
      chaincodes: [
        ("noop", BenchmarkChaincode(work: .noop)), ("waiting", WaitingChaincode(gate: gate)),
      ])
    let noop = TransactionWorkloads.client(running, "noop", 0)
    try await noop.run()
    let before = allocation_counts_now().live_bytes
    let waiting = (1...count).map { index in
      let client = TransactionWorkloads.client(running, "waiting", index)
      return Task(executorPreference: executor) { try await client.run() }
    }
    while gate.count < count { await Task.yield() }
    let live = allocation_counts_now().live_bytes - before
    return Stage(
      figure: Figure(name: "open transactions", amount: count, bytesEach: Double(live) / Double(count))
    ) { _ in
      try await noop.run()
    } end: {
      gate.open()
      for task in waiting { try await task.value }
      try await running.stop()
    }
  }

  /// The median time of a noop on the clock, beside four clients whose chaincode computes for 5 ms in each transaction.
  private func busyNeighbours(_ name: String, _ burning: Burning?) async throws -> Figure {
    let elsewhere = DedicatedExecutor(name: "elsewhere")
    defer { elsewhere.shutDown() }
    let chaincodes: [(WireString, any Chaincode)] = [
      ("noop", BenchmarkChaincode(work: .noop)),
      ("burning", BurningChaincode(executor: burning == .elsewhere ? elsewhere : nil)),
    ]
    return try await with(chaincodes: chaincodes) { running in
      try await withThrowingTaskGroup(of: Void.self) { group in
        if burning != nil {
          for index in 1...4 {
            let client = TransactionWorkloads.client(running, "burning", index)
            group.addTask { while !Task.isCancelled { try? await client.run() } }
          }
        }
        let noop = TransactionWorkloads.client(running, "noop", 0)
        var latencies = Histogram()
        var begun = monotonic_nanoseconds()
        let deadline = begun + UInt64(seconds * 5e9)
        while begun < deadline {
          try await noop.run()
          let ended = monotonic_nanoseconds()
          latencies.add(ended - begun, times: 1)
          begun = ended
          // A client that asks now and then, not one that keeps the executor by itself.
          if burning != nil { await Task.yield() }
        }
        group.cancelAll()
        try await group.waitForAll()
        return Figure(
          name: name, amount: burning == nil ? 0 : 4, medianNanoseconds: Double(latencies.quantile(0.5)),
          p99Nanoseconds: Double(latencies.quantile(0.99)))
      }
    }
  }

  private func with(
    chaincodes: [(WireString, any Chaincode)],
    _ body: @Sendable (_ running: RunningHost) async throws -> Figure
  ) async throws -> Figure {
    let executors = self.executor.make()
    defer { for executor in executors { executor?.shutDown() } }
    let executor = executors[0]
    return try await withTaskExecutorPreference(executor) {
      let running = try await RunningHost(version: .v1_4, executor: executor, chaincodes: chaincodes)
      let figure = try await body(running)
      try await running.stop()
      return figure
    }
  }
}

extension Growth.Figure {
  static func text(_ figures: [Growth.Figure]) -> String {
    Table.aligned(
      [["growth", "amount", "bytes each", "cpu of a noop", "set-up", "p50", "p99"]]
        + figures.map { figure in
          [
            figure.name, String(figure.amount), figure.bytesEach.map(Figures.bytes) ?? "",
            figure.nanoseconds.map(Figures.nanoseconds) ?? "",
            figure.milliseconds.map { Figures.decimal($0) + " ms" } ?? "",
            figure.medianNanoseconds.map(Figures.nanoseconds) ?? "",
            figure.p99Nanoseconds.map(Figures.nanoseconds) ?? "",
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

/// Where neighbours compute.
private enum Burning {
  /// On the executor of the host.
  case onTheHost
  /// On a thread of their own.
  case elsewhere
}

/// Computes for 5 ms, on an executor of its own if it has one.
private struct BurningChaincode: Chaincode {
  let executor: DedicatedExecutor?

  func invoke(_ stub: ChaincodeStub) async throws -> Response {
    await withTaskExecutorPreference(executor) {
      let deadline = monotonic_nanoseconds() + 5_000_000
      while monotonic_nanoseconds() < deadline {}
    }
    return .success()
  }
}

private struct WaitingChaincode: Chaincode {
  let gate: Gate

  func invoke(_ stub: ChaincodeStub) async throws -> Response {
    await gate.pass()
    return .success()
  }
}
