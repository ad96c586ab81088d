import Foundation
import InprocHost
import SystemChaincodes

/// What a campaign came to, for people and for programs.
struct CampaignReport {
  /// How many things a list names; the rest is a number.
  private static let namesMax = 12

  let summary: SimulationSummary
  let failure: SimulationFailure?
  let options: SimulateOptions
  let seconds: Double

  private func perSecond(_ count: Int) -> Int { Int(Double(count) / max(seconds, 0.001)) }

  /// The goals that were not reached, each with what is missing.
  var unmet: [(goal: String, missing: [String])] {
    let goals: [any SimulationGoal] = [.everyFaultHappens, .everyStateIsMet, .faultsMeetStates]
    return goals.map { ($0.name, $0.unmet(in: summary)) }.filter { !$0.1.isEmpty }
  }

  /// What to do about the outcome, in one line.
  private var verdict: String {
    if let failure {
      return "FAILED, see it again: \(failure.command)"
    }
    let runs =
      "nothing found in \(summary.runs) runs of \(options.scenarios.count > 3 ? "\(options.scenarios.count) scenarios" : options.scenarios.map(\.name).joined(separator: ", "))"
    let missing = unmet.map(\.goal)
    return missing.isEmpty
      ? runs + "; every goal is reached"
      : runs + "; not reached: \(missing.joined(separator: ", ")) - more --seeds reach more"
  }

  private func short(_ names: [String]) -> String {
    guard names.count > Self.namesMax else { return names.joined(separator: ", ") }
    return names.prefix(Self.namesMax).joined(separator: ", ") + " and \(names.count - Self.namesMax) more"
  }

  private func coverage(_ count: Int, _ all: Int, _ missing: [String]) -> String {
    "\(count) of \(all)" + (missing.isEmpty ? "" : "; not met: \(short(missing))")
  }

  private var states: String {
    coverage(
      summary.coverage.met.count, StateCoverage.all.count, summary.coverage.missing.map(\.description))
  }

  private var faultStates: String {
    coverage(
      summary.faultCoverage.met.count, FaultCoverage.possible.count,
      summary.faultCoverage.missing.map(\.description))
  }

  private var faults: String {
    let counts = FaultKind.allCases.map { (kind: $0, count: summary.faults[$0.rawValue]) }
    let happened = counts.filter { $0.count > 0 }.sorted {
      ($0.count, $0.kind.rawValue) < ($1.count, $1.kind.rawValue)
    }
    let rarest = happened.prefix(3).map { "\($0.kind) \($0.count)" }.joined(separator: ", ")
    return coverage(happened.count, counts.count, counts.filter { $0.count == 0 }.map { "\($0.kind)" })
      + " kinds, \(counts.reduce(0) { $0 + $1.count }) times; rarest: \(rarest.isEmpty ? "none" : rarest)"
  }

  private var sometimes: [(label: String, count: Int)] {
    summary.sometimes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The scenario, as a test names it.
  private func expression(_ failure: SimulationFailure) -> String {
    let type = PeerScenario.all.contains { $0.name == failure.scenario } ? "PeerScenario" : "HostScenario"
    return "\(type).\(failure.scenario)"
  }

  // MARK: Text

  var text: String {
    var lines = [verdict, ""]
    if let failure {
      lines += [
        "\(failure)", "", "a test to keep", "", failure.test(scenario: expression(failure)),
        "",
      ]
    }
    lines += [
      "runs             \(summary.runs) in \(Int(seconds)) s, \(perSecond(summary.runs)) seeds/s, "
        + "\(perSecond(summary.steps)) steps/s, \(summary.transactions) transactions",
      "state x message  \(states)",
      "fault x state    \(faultStates)",
      "faults           \(faults)",
    ]
    if !summary.faultCoverage.unexpected.isEmpty {
      lines.append("unexpected       \(short(summary.faultCoverage.unexpected.map(\.description)))")
    }
    lines.append("seen             \(short(sometimes.map { "\($0.label) (\($0.count))" }))")
    return lines.joined(separator: "\n")
  }

  // MARK: Markdown

  var markdown: String {
    var lines = ["# Simulation", "", verdict, ""]
    if let failure {
      lines += [
        "## Failure", "", "\(failure)", "", "### A test to keep", "", "```swift",
        failure.test(scenario: expression(failure)), "```", "",
      ]
    }
    lines += [
      "## Campaign", "", "| | |", "|---|---|",
      "| scenarios | \(options.scenarios.map(\.name).joined(separator: ", ")) |",
      "| seeds | \(options.from) to \(options.from + options.seeds - 1) |",
      "| runs | \(summary.runs) in \(Int(seconds)) s, \(perSecond(summary.runs)) seeds/s |",
      "| steps | \(summary.steps), \(perSecond(summary.steps)) steps/s |",
      "| transactions | \(summary.transactions) |",
      "| state x message | \(summary.coverage.met.count) of \(StateCoverage.all.count) |",
      "| fault x state | \(summary.faultCoverage.met.count) of \(FaultCoverage.possible.count) |", "",
    ]
    if !unmet.isEmpty {
      lines += ["## Goals that were not reached", ""]
      for goal in unmet { lines.append("- \(goal.goal): \(goal.missing.joined(separator: ", "))") }
      lines.append("")
    }
    lines += [
      "## Faults", "", "| fault | times | states in which it has happened | not yet |", "|---|---|---|---|",
    ]
    for kind in FaultKind.allCases {
      func names(_ pairs: [FaultCoverage.Pair]) -> String {
        pairs.filter { $0.fault == kind }.map { "\($0.state)" }.joined(separator: ", ")
      }
      lines.append(
        "| \(kind) | \(summary.faults[kind.rawValue]) | \(names(summary.faultCoverage.met)) | \(names(summary.faultCoverage.missing)) |"
      )
    }
    lines += ["", "### Where faults cannot happen", "", "| fault | states | reason |", "|---|---|---|"]
    for kind in FaultKind.allCases {
      let pairs = FaultCoverage.impossible.filter { $0.pair.fault == kind }
      let states = pairs.map { "\($0.pair.state)" }.joined(separator: ", ")
      lines.append("| \(kind) | \(states) | \(pairs.first?.reason ?? "") |")
    }
    lines += ["", "## Seen", "", "| what | times |", "|---|---|"]
    for (label, count) in sometimes { lines.append("| \(label) | \(count) |") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Writes the Markdown to a file, or into a directory as `simulation.md`.
  func writeMarkdown(to path: String) throws {
    let isDirectory =
      path.hasSuffix("/")
      || (try? URL(filePath: path).resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true
    var url = URL(filePath: path)
    if isDirectory {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      url.append(path: "simulation.md")
    }
    try Data(markdown.utf8).write(to: url)
  }

  // MARK: JSON

  var json: String {
    var faults: [String: Int] = [:]
    for kind in FaultKind.allCases { faults["\(kind)"] = summary.faults[kind.rawValue] }
    var goals: [String: [String]] = [:]
    for goal in unmet { goals[goal.goal] = goal.missing }
    var object: [String: Any] = [
      "verdict": verdict, "runs": summary.runs, "steps": summary.steps, "transactions": summary.transactions,
      "seconds": seconds, "states": summary.coverage.met.count, "statesInAll": StateCoverage.all.count,
      "statesUnmet": summary.coverage.missing.map(\.description),
      "faultStates": summary.faultCoverage.met.count, "faultStatesInAll": FaultCoverage.possible.count,
      "faultStatesUnmet": summary.faultCoverage.missing.map(\.description), "goalsUnmet": goals,
      "faults": faults, "sometimes": summary.sometimes, "hash": String(summary.hash, radix: 16),
    ]
    if let failure {
      object["failure"] = [
        "kind": "\(failure.violation.kind)", "text": failure.violation.text, "scenario": failure.scenario,
        "seed": "\(failure.seed)", "script": failure.script, "faults": failure.faults.map(\.description),
        "schedule": "\(failure.minimalStrategy)", "command": failure.command, "diagram": failure.diagram,
      ]
    }
    let data = try? JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys])
    return String(decoding: data ?? Data(), as: UTF8.self)
  }
}
