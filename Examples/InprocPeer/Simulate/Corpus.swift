import Foundation
import InprocHost

/// Failures that were found before: run first, so that none comes back unseen.
struct Corpus {
  let path: String

  /// The first entry that fails still, with what is seen.
  func firstFailure(_ scenarios: [any SimulationScenario]) throws -> String? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    for entry in try SimulationCorpusEntry.entries(of: text) {
      guard let scenario = scenarios.first(where: { $0.name == entry.scenario }) else { continue }
      if let violation = try scenario.replay(entry).violation { return "\(violation)\n\(entry)" }
    }
    return nil
  }

  /// Notes a failure, with a line that says what it was.
  func add(_ failure: SimulationFailure) throws {
    let old = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let bug = failure.planted.map { " (planted: \($0))" } ?? ""
    let text = "# \(failure.violation.kind)\(bug)\n\(SimulationCorpusEntry(failure))\n"
    try (old + text).write(toFile: path, atomically: true, encoding: .utf8)
  }
}
