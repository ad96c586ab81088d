/// What a client does again and again while the clock runs. One per client; not shared.
typealias Client = @Sendable () async throws -> Void

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
    let client: @Sendable (_ index: Int) async throws -> Client
    let end: @Sendable () async throws -> Void
  }
}
