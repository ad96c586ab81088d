/// Every kind of fault has happened.
public struct EveryFaultHappens: SimulationGoal {
  /// The name.
  public let name = "every fault happens"

  /// The goal.
  public init() {}

  /// The kinds that have not.
  public func unmet(in summary: SimulationSummary) -> [String] {
    FaultKind.allCases.filter { summary.faults[$0.rawValue] == 0 }.map { "\($0)" }
  }
}

extension SimulationGoal where Self == EveryFaultHappens {
  /// Every kind of fault has happened.
  public static var everyFaultHappens: EveryFaultHappens { EveryFaultHappens() }
}
