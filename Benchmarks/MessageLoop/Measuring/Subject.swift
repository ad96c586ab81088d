import AllocationCounter
import InprocHost

/// One workload, prepared with its clients on one kind of executor, ready to be measured round by round.
struct Subject: Sendable {
  let workload: Workload
  let executorKind: ExecutorKind
  private let executors: [DedicatedExecutor?]
  private let prepared: [Workload.Prepared]
  private let clients: [any Client]

  init(_ workload: Workload, clients count: Int, executor kind: ExecutorKind) async throws {
    self.workload = workload
    self.executorKind = kind
    // A client alone keeps one host busy only.
    let executors = Array(kind.make().prefix(count))
    self.executors = executors
    var prepared: [Workload.Prepared] = []
    for executor in executors { prepared.append(try await workload.prepare(executor)) }
    self.prepared = prepared
    var clients: [any Client] = []
    for index in 0..<count { clients.append(try await prepared[index % prepared.count].client(index)) }
    self.clients = clients
  }

  /// Lets all clients run for this long and counts what they do.
  func round(seconds: Double) async throws -> Sample {
    let before = allocation_counts_now()
    let cpuBefore = process_cpu_nanoseconds()
    let begun = monotonic_nanoseconds()
    let deadline = begun + UInt64(seconds * 1e9)
    let (transactions, latencies) = try await withThrowingTaskGroup(of: Stopwatch.self) { group in
      let repeats = workload.repeats
      for (index, client) in clients.enumerated() {
        group.addTask(executorPreference: executors[index % executors.count]) {
          try await client.run(until: deadline, repeats: repeats)
        }
      }
      var sum = (0, Histogram())
      for try await stopwatch in group {
        sum.0 += stopwatch.count
        sum.1.add(stopwatch.latencies)
      }
      return sum
    }
    let ended = monotonic_nanoseconds()
    let cpuAfter = process_cpu_nanoseconds()
    let after = allocation_counts_now()
    return Sample(
      transactions: transactions, seconds: Double(ended - begun) / 1e9,
      cpuSeconds: Double(cpuAfter - cpuBefore) / 1e9,
      allocations: Int(after.allocations - before.allocations), bytes: Int(after.bytes - before.bytes),
      p50: latencies.quantile(0.5), p99: latencies.quantile(0.99))
  }

  /// Ends the hosts and their threads.
  func end() async throws {
    for prepared in prepared { try await prepared.end() }
    for executor in executors { executor?.shutDown() }
  }
}
