/// A fault of the host or of its ledger that is put in by name, to prove that a simulation finds it.
public enum PlantedBug: Sendable, Hashable, CustomStringConvertible, CaseIterable {
  /// The host leaves a step out.
  case without(HostStep)
  /// Some writes are lost.
  case loseWrite
  /// A read may see what was committed after the transaction began.
  case readNewest
  /// A commit does not check what a transaction has read.
  case skipReadCheck
  /// A range leaves its last key out.
  case shortRange
  /// A read gives the value of another key.
  case wrongKey
  /// The answers of two transactions change places.
  case leakBetweenTransactions

  /// All of them.
  public static var allCases: [PlantedBug] {
    HostStep.allCases.map { .without($0) }
      + [.loseWrite, .readNewest, .skipReadCheck, .shortRange, .wrongKey, .leakBetweenTransactions]
  }

  /// The name.
  public var description: String {
    switch self {
    case .without(let step): step.rawValue
    case .loseWrite: "loseWrite"
    case .readNewest: "readNewest"
    case .skipReadCheck: "skipReadCheck"
    case .shortRange: "shortRange"
    case .wrongKey: "wrongKey"
    case .leakBetweenTransactions: "leakBetweenTransactions"
    }
  }

  /// The bug of this name; `nil` if there is none.
  public init?(name: String) {
    guard let bug = Self.allCases.first(where: { $0.description == name }) else { return nil }
    self = bug
  }
}
