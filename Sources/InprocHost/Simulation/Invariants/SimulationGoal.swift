/// What a whole campaign has to come to; one that never met what it was meant to meet has proved nothing.
public protocol SimulationGoal: Sendable {
  /// The name.
  var name: String { get }

  /// What was not reached, a text for each; empty if the goal is met.
  func unmet(in summary: SimulationSummary) -> [String]
}
