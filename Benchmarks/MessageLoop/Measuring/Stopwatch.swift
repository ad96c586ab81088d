import AllocationCounter

/// Counts and times what a client does until a deadline.
struct Stopwatch: Sendable {
  private(set) var count = 0
  private(set) var latencies = Histogram()
  private var begun: UInt64
  private let deadline: UInt64

  /// A stopwatch that runs until the clock says `deadline`, in nanoseconds.
  init(until deadline: UInt64) {
    self.deadline = deadline
    self.begun = monotonic_nanoseconds()
  }

  /// Whether there is time for more.
  var runs: Bool { begun < deadline }

  /// So much was done since the last time.
  mutating func lap(of repeats: Int) {
    let ended = monotonic_nanoseconds()
    latencies.add((ended - begun) / UInt64(repeats), times: UInt32(repeats))
    count += repeats
    begun = ended
  }
}
