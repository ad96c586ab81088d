/// Nine of ten pairs of fault and state that can happen have.
public struct FaultsMeetStates: SimulationGoal {
  /// The name.
  public let name = "9 of 10 pairs of fault and state"

  /// The goal.
  public init() {}

  /// The pairs that have not happened, if they are too many.
  public func unmet(in summary: SimulationSummary) -> [String] {
    let missing = summary.faultCoverage.missing
    return missing.count * 10 > FaultCoverage.possible.count ? missing.map(\.description) : []
  }
}

extension SimulationGoal where Self == FaultsMeetStates {
  /// Nine of ten pairs of fault and state have happened.
  public static var faultsMeetStates: FaultsMeetStates { FaultsMeetStates() }
}
