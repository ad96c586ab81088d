/// All rounds of one workload with one number of clients on one executor.
struct Measurement: Sendable, Codable {
  var workload: String
  var kind: Workload.Kind
  var operations: Int
  var clients: Int
  var executor: ExecutorKind
  var samples: [Sample] = []

  /// The name under which a threshold or an old result is found.
  var key: String { "\(workload)/\(clients)/\(executor.rawValue)" }

  var perSecond: Double { Statistics.median(samples.map(\.perSecond)) }
  /// Wall-clock nanoseconds per operation of one client after another, as if they took turns.
  var nanosecondsPerOperation: Double { 1e9 / max(perSecond, 1e-9) / Double(operations) }
  var p50: Double { Statistics.median(samples.map(\.p50)) }
  var p99: Double { Statistics.median(samples.map(\.p99)) }
  // Other processes can only add to it, by what they leave in the caches.
  var cpuNanoseconds: Double { samples.map(\.cpuNanoseconds).min() ?? 0 }
  // What happens once, such as the growth of a buffer, is in some rounds only: the smallest round is the one to count.
  var allocations: Double { samples.map(\.allocationsPerTransaction).min() ?? 0 }
  var bytes: Double { samples.map(\.bytesPerTransaction).min() ?? 0 }
  /// The distance of the quartiles of the throughput, as a part of the median.
  var spread: Double { Statistics.spread(samples.map(\.perSecond)) }
  /// Whether the rounds differ so much that a difference of a tenth means nothing.
  var isUnsteady: Bool { spread > 0.15 }
}
