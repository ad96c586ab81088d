import Foundation
import InprocHost

/// A campaign over scenarios and seeds, on several threads, with a line that tells how it goes.
final class Campaign: Sendable {
  private struct State {
    var summary = SimulationSummary()
    var failure: SimulationFailure?
    var found: (scenario: any SimulationScenario, seed: UInt64, result: SimulationResult)?
    var lastLine = ContinuousClock.now
  }

  private let options: SimulateOptions
  private let begun = ContinuousClock.now
  private let isTerminal = isatty(2) != 0
  private let state = Locked(State())
  /// What cannot be stopped is named, and ends the process.
  private let watchdog = SimulationWatchdog { step in
    say("FAILED: blocked - \(step)")
    say("see it again: inproc-peer simulate \(step.scenario) --from \(step.seed) --seeds 1")
    exit(5)
  }

  init(_ options: SimulateOptions) {
    self.options = options
  }

  /// Runs everything; returns the first failure, made small.
  func run() async -> SimulationFailure? {
    watchdog.start(every: .seconds(options.blockedAfter))
    defer { watchdog.stop() }
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
    return found.scenario.failure(seed: found.seed, plan, found.result)
  }

  private var plan: SimulationPlan {
    var plan = options.plan
    plan.watchdog = watchdog
    return plan
  }

  private func work(_ worker: UInt64) {
    let plan = plan
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
        \(summary.coverage.met.count)/\(StateCoverage.all.count) states, \
        \(summary.faultCoverage.met.count)/\(FaultCoverage.possible.count) faults x states, \(Int(left)) s left
        """
    }
    guard let line else { return }
    FileHandle.standardError.write(Data((isTerminal ? "\r\u{1B}[K\(line)" : line + "\n").utf8))
  }

  private func perSecond(_ count: Int) -> Int { Int(Double(count) / max(elapsed, 0.001)) }

  /// What was seen so far.
  func report(_ failure: SimulationFailure?) -> CampaignReport {
    CampaignReport(
      summary: state.withLock { $0.summary }, failure: failure, options: options, seconds: elapsed)
  }
}
