import Foundation
import InprocHost

/// Where hosts and clients run.
enum ExecutorKind: String, Sendable, Codable, CaseIterable {
  /// One host on the global pool of the Swift runtime.
  case pool
  /// One thread that carries the host and its clients.
  case dedicated
  /// As many such threads as there are cores, each with a host and its share of the clients.
  case perCore = "per-core"

  /// One executor for each host; `nil` is the global pool.
  func make() -> [DedicatedExecutor?] {
    switch self {
    case .pool: [nil]
    case .dedicated: [DedicatedExecutor(name: "message-loop")]
    case .perCore:
      (1...max(1, ProcessInfo.processInfo.activeProcessorCount)).map { core in
        DedicatedExecutor(name: "message-loop-\(core)")
      }
    }
  }
}
