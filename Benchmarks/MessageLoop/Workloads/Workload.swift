/// What a client does again and again while the clock runs.
///
/// One per client; not shared.
protocol Client: AnyObject, Sendable {
  /// Does it once.
  ///
  /// A method and not a closure, which would make the task look for its executor at every call.
  func run() async throws
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
