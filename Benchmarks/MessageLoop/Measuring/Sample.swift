/// What one round of one measurement gave.
struct Sample: Sendable, Codable {
  /// How many transactions ended while the clock ran.
  var transactions: Int
  /// For how long it ran.
  var seconds: Double
  /// Processor time of the whole process.
  var cpuSeconds: Double
  /// Calls of the allocator.
  var allocations: Int
  /// Bytes that were asked for.
  var bytes: Int
  /// Half of the transactions took no longer, in nanoseconds.
  var p50: Double
  /// 99 of 100 took no longer, in nanoseconds.
  var p99: Double

  var perSecond: Double { Double(transactions) / seconds }
  var cpuNanoseconds: Double { cpuSeconds * 1e9 / Double(max(1, transactions)) }
  var allocationsPerTransaction: Double { Double(allocations) / Double(max(1, transactions)) }
  var bytesPerTransaction: Double { Double(bytes) / Double(max(1, transactions)) }
}
