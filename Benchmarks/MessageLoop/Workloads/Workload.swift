/// What a client does again and again while the clock runs.
///
/// One per client; not shared.
protocol Client: AnyObject, Sendable {
  /// Does it once.
  func run() async throws

  /// Does it until the clock says `deadline`, looking there after every `repeats` times; how often it did, and how long it took.
  ///
  /// What is called through a protocol makes the task look for its executor at every call; a client that has to be quick calls
  /// itself.
  func run(until deadline: UInt64, repeats: Int) async throws -> Stopwatch
}

extension Client {
  func run(until deadline: UInt64, repeats: Int) async throws -> Stopwatch {
    var stopwatch = Stopwatch(until: deadline)
    while stopwatch.runs {
      for _ in 0..<repeats { try await run() }
      stopwatch.lap(of: repeats)
    }
    return stopwatch
  }
}

/// Something to measure: makes clients.
struct Workload: Sendable {
  enum Kind: String, Sendable, Codable {
    /// The message loop.
    case loop
    /// What one would use instead.
    case yardstick
  }

  let name: String
  let kind: Kind
  /// How many operations one call of a client is made of.
  let operations: Int
  /// How many calls are made between two looks at the clock.
  var repeats = 1
  /// The numbers of clients that make sense for it.
  var clients = [1, 16, 256]
  /// Prepares what all clients share, and returns what makes the client of a number, and what ends it all.
  let prepare: @Sendable (_ executor: (any TaskExecutor)?) async throws -> Prepared

  struct Prepared: Sendable {
    let client: @Sendable (_ index: Int) async throws -> any Client
    let end: @Sendable () async throws -> Void
  }
}
