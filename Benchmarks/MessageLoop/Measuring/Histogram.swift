/// Latencies by size, exact to one part in sixteen; adding one allocates nothing.
struct Histogram: Sendable {
  /// Sixteen steps for each power of two of nanoseconds.
  private var buckets = [UInt32](repeating: 0, count: 16 * 40)

  mutating func add(_ nanoseconds: UInt64, times: UInt32 = 1) {
    buckets[min(Self.bucket(nanoseconds), buckets.count - 1)] &+= times
  }

  mutating func add(_ other: Histogram) {
    for index in buckets.indices { buckets[index] &+= other.buckets[index] }
  }

  /// The latency that this share of all is not above; 0 if there are none.
  func quantile(_ share: Double) -> Double {
    let total = buckets.reduce(0) { $0 + UInt64($1) }
    guard total > 0 else { return 0 }
    let rank = UInt64((Double(total) * share).rounded(.up))
    var seen: UInt64 = 0
    for (index, count) in buckets.enumerated() {
      seen += UInt64(count)
      if seen >= rank { return Self.middle(of: index) }
    }
    return Self.middle(of: buckets.count - 1)
  }

  private static func bucket(_ value: UInt64) -> Int {
    guard value >= 16 else { return Int(value) }
    let power = 63 - value.leadingZeroBitCount
    return (power - 3) * 16 + Int((value >> UInt64(power - 4)) & 15)
  }

  private static func middle(of bucket: Int) -> Double {
    guard bucket >= 16 else { return Double(bucket) }
    let power = bucket / 16 + 3
    let low = UInt64(16 + bucket % 16) << UInt64(power - 4)
    return Double(low) + Double(UInt64(1) << UInt64(power - 4)) / 2
  }
}
