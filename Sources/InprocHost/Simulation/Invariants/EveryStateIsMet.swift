/// Every message was met in every state of both ends.
public struct EveryStateIsMet: SimulationGoal {
  /// The name.
  public let name = "every message in every state"

  /// The goal.
  public init() {}

  /// The pairs that were not met.
  public func unmet(in summary: SimulationSummary) -> [String] {
    summary.coverage.missing.map(\.description)
  }
}

extension SimulationGoal where Self == EveryStateIsMet {
  /// Every message was met in every state.
  public static var everyStateIsMet: EveryStateIsMet { EveryStateIsMet() }
}
