import InprocHost

/// Where host and clients run.
enum ExecutorKind: String, Sendable, Codable, CaseIterable {
  /// The global pool of the Swift runtime.
  case pool
  /// One thread that carries the host and its clients.
  case dedicated

  func make() -> DedicatedExecutor? {
    switch self {
    case .pool: nil
    case .dedicated: DedicatedExecutor(name: "message-loop")
    }
  }
}
