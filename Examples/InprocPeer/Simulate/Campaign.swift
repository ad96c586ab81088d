import Foundation
import InprocHost

/// A campaign over scenarios and seeds, on several threads, with a line that tells how it goes.
final class Campaign: Sendable {
  private struct State {
    var summary = SimulationSummary()
    var failure: SimulationFailure?
    var found: (scenario: HostScenario, seed: UInt64, result: SimulationResult)?
    var lastLine = ContinuousClock.now
  }

  private let options: SimulateOptions
  private let begun = ContinuousClock.now
  private let isTerminal = isatty(2) != 0
  private let state = Locked(State())

  init(_ options: SimulateOptions) {
    self.options = options
  }

  /// Runs everything; returns the first failure, made small.
  func run() async -> SimulationFailure? {
    await withDiscardingTaskGroup { group in
      for worker in 0..<options.workers {
        // A worker holds its thread for long, so it has one of its own.
        let executor = DedicatedExecutor(name: "simulate-\(worker)")
        group.addTask(executorPreference: executor) {
          self.work(UInt64(worker))
          executor.shutDown()
        }
      }
    }
    if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    guard let found = state.withLock({ $0.found }) else { return nil }
    return found.scenario.failure(seed: found.seed, options.plan, found.result)
  }

  private func work(_ worker: UInt64) {
    let plan = options.plan
    for seed in plan.seeds where seed % UInt64(options.workers) == worker {
      for scenario in options.scenarios {
        let result = scenario.run(seed: seed, plan)
        let ends = state.withLock { state in
          state.summary.add(result)
          if result.violation != nil && state.found == nil { state.found = (scenario, seed, result) }
          return state.found != nil
        }
        if ends || isLate { return }
      }
      progress()
    }
  }

  private var elapsed: Double { (ContinuousClock.now - begun) / .seconds(1) }

  private var isLate: Bool { options.minutes.map { elapsed >= $0 * 60 } ?? false }

  private func progress() {
    let line = state.withLock { state -> String? in
      let now = ContinuousClock.now
      guard now - state.lastLine > (isTerminal ? .milliseconds(500) : .seconds(10)) else { return nil }
      state.lastLine = now
      let summary = state.summary
      let total = Double(options.seeds) * Double(options.scenarios.count)
      var left = (total - Double(summary.runs)) * elapsed / Double(max(1, summary.runs))
      if let minutes = options.minutes { left = min(left, minutes * 60 - elapsed) }
      return """
        \(summary.runs) runs, \(perSecond(summary.runs)) seeds/s, \(perSecond(summary.steps)) steps/s, \
        \(summary.coverage.met.count)/\(StateCoverage.all.count) states, \(Int(left)) s left
        """
    }
    guard let line else { return }
    FileHandle.standardError.write(Data((isTerminal ? "\r\u{1B}[K\(line)" : line + "\n").utf8))
  }

  private func perSecond(_ count: Int) -> Int { Int(Double(count) / max(elapsed, 0.001)) }

  // MARK: Report

  func report(_ failure: SimulationFailure?) {
    let summary = state.withLock { $0.summary }
    if options.json {
      say(json(summary, failure))
      return
    }
    if let failure {
      say("\(failure)")
      say("\na test\n\n\(failure.test(scenario: "HostScenario.\(failure.scenario)"))\n")
    }
    let fired = FaultKind.allCases.map { "\($0) \(summary.faults[$0.rawValue])" }
    let missing = summary.coverage.missing
    say(
      """
      \(summary.runs) runs, \(perSecond(summary.runs)) seeds/s, \(perSecond(summary.steps)) steps/s, \
      \(summary.transactions) transactions
      states    \(summary.coverage.met.count) of \(StateCoverage.all.count) pairs of state and message
      unmet     \(missing.isEmpty ? "none" : missing.map(\.description).joined(separator: ", "))
      faults    \(fired.joined(separator: ", "))
      sometimes \(summary.sometimes.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }.joined(separator: ", "))
      \(failure == nil ? "nothing was found" : "1 counterexample")
      """)
  }

  private func json(_ summary: SimulationSummary, _ failure: SimulationFailure?) -> String {
    var faults: [String: Int] = [:]
    for kind in FaultKind.allCases { faults["\(kind)"] = summary.faults[kind.rawValue] }
    var object: [String: Any] = [
      "runs": summary.runs, "steps": summary.steps, "transactions": summary.transactions, "seconds": elapsed,
      "states": summary.coverage.met.count, "statesInAll": StateCoverage.all.count, "faults": faults,
      "sometimes": summary.sometimes, "hash": String(summary.hash, radix: 16),
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

/// Failures that were found before: run first, so that none comes back unseen.
struct Corpus {
  let path: String

  /// One line each: scenario, seed, schedule, script, faults; separated by tabs.
  func firstFailure(_ scenarios: [HostScenario]) -> String? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 5, let seed = UInt64(fields[1]),
        let scenario = scenarios.first(where: { $0.name == fields[0] })
      else { continue }
      let result = try? scenario.replay(
        seed: seed, strategy: fields[2], script: fields[3].split(separator: "|").map(String.init),
        faults: fields[4].split(separator: "|").map(String.init))
      if let violation = result?.violation { return "\(line)\n\(violation)" }
    }
    return nil
  }

  func add(_ failure: SimulationFailure) {
    let fields = [
      failure.scenario, "\(failure.seed)", "\(failure.minimalStrategy)",
      failure.script.joined(separator: "|"),
      failure.faults.map(\.description).joined(separator: "|"),
    ]
    let old = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    try? (old + fields.joined(separator: "\t") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
  }
}
