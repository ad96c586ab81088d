/// A run that has failed once, as one line of a file that is kept: run again, it must not fail any more.
///
/// Scenario, seed, schedule, script and faults, separated by tabs; operations and faults by `|`.
public struct SimulationCorpusEntry: Sendable, Hashable, LosslessStringConvertible {
  /// The scenario's name.
  public var scenario: String
  /// The seed.
  public var seed: UInt64
  /// The schedule's or the strategy's text.
  public var strategy: String
  /// The operations' texts.
  public var script: [String]
  /// The faults' texts.
  public var faults: [String]

  /// The smallest run of a failure.
  public init(_ failure: SimulationFailure) {
    self.scenario = failure.scenario
    self.seed = failure.seed
    self.strategy = "\(failure.minimalStrategy)"
    self.script = failure.script
    self.faults = failure.faults.map(\.description)
  }

  /// The entry with this text; `nil` if none has.
  public init?(_ description: String) {
    let fields = description.split(separator: "\t", omittingEmptySubsequences: false)
    guard fields.count == 5, !fields[0].isEmpty, let seed = UInt64(fields[1]) else { return nil }
    self.scenario = String(fields[0])
    self.seed = seed
    self.strategy = String(fields[2])
    self.script = fields[3].split(separator: "|").map(String.init)
    self.faults = fields[4].split(separator: "|").map(String.init)
  }

  /// The line.
  public var description: String {
    [scenario, "\(seed)", strategy, script.joined(separator: "|"), faults.joined(separator: "|")]
      .joined(separator: "\t")
  }

  /// The entries of a file's text; lines that are empty or begin with `#` are none.
  ///
  /// - Throws: ``SimulationTextError`` for a line that cannot be read.
  public static func entries(of text: String) throws(SimulationTextError) -> [SimulationCorpusEntry] {
    var entries: [SimulationCorpusEntry] = []
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      guard let entry = SimulationCorpusEntry(String(line)) else {
        throw SimulationTextError(description: "no entry of a corpus: \(line)")
      }
      entries.append(entry)
    }
    return entries
  }
}

extension SimulationScenario {
  /// Runs an entry of a corpus again.
  ///
  /// - Throws: ``SimulationTextError`` if one of its texts cannot be read.
  public func replay(_ entry: SimulationCorpusEntry) throws(SimulationTextError) -> SimulationResult {
    try replay(seed: entry.seed, strategy: entry.strategy, script: entry.script, faults: entry.faults)
  }
}
