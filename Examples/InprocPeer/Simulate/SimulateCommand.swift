import Foundation
import InprocHost
import SystemChaincodes

/// `inproc-peer simulate`: runs scenarios under many seeds, and shows the smallest run that fails.
struct SimulateCommand {
  func run(arguments: [String]) async -> Int32 {
    if arguments.contains("--help") {
      say(SimulateOptions.help)
      return 0
    }
    let options: SimulateOptions
    do throws(SimulateOptions.Misunderstood) {
      options = try SimulateOptions(arguments)
    } catch {
      return InprocPeer.refuse("\(error.text); inproc-peer simulate --help lists the options")
    }
    if options.selfTest { return selfTest(options) }
    if options.hashes { return hashes(options) }
    if let schedule = options.replay { return replay(schedule, options) }
    if options.exhaust != nil { return await Exhaustion(options).run() }
    if options.checksDeterminism { return await DeterminismCheck(options).run() }
    do {
      let corpus = options.corpus.map(Corpus.init)
      if let failed = try corpus?.firstFailure(options.scenarios) {
        say("FAILED: a known failure fails again: \(failed)")
        return 1
      }
      let campaign = Campaign(options)
      let failure = await campaign.run()
      let report = campaign.report(failure)
      say(options.json ? report.json : report.text)
      if let path = options.markdown { try report.writeMarkdown(to: path) }
      guard let failure else { return options.needsGoals && !report.unmet.isEmpty ? 6 : 0 }
      try corpus?.add(failure)
      return Self.exitCode(failure.violation)
    } catch {
      return InprocPeer.refuse(
        (error as? SimulationTextError)?.description ?? "a file: \(error.localizedDescription)")
    }
  }

  /// What the process ends with after such a failure.
  static func exitCode(_ violation: SimulationViolation) -> Int32 {
    switch violation.kind {
    case .escape: 4
    case .blocked: 5
    case .deadlock, .livelock, .leak, .invariant, .scenario: 1
    }
  }

  private func selfTest(_ options: SimulateOptions) -> Int32 {
    let bugs = options.planted.map { [$0] } ?? PlantedBug.allCases
    return SelfTest(
      seedsMax: max(options.seeds, 20_000), bugs: bugs, corpus: options.corpus.map(Corpus.init)
    ).run() ? 0 : 6
  }

  /// What the second process of a determinism check prints.
  private func hashes(_ options: SimulateOptions) -> Int32 {
    for scenario in options.scenarios {
      for seed in options.plan.seeds {
        let result = scenario.run(seed: seed, options.plan)
        say("\(scenario.name) \(seed) \(result.steps) \(result.traceHash)")
      }
    }
    return 0
  }

  private func replay(_ schedule: String, _ options: SimulateOptions) -> Int32 {
    for scenario in options.scenarios.prefix(1) {
      let script = options.script ?? scenario.script(seed: options.from).map { "\($0)" }
      do throws(SimulationTextError) {
        let result = try scenario.replay(
          seed: options.from, strategy: schedule, script: script, faults: options.faultTexts,
          planted: options.planted)
        for event in result.events { say("#\(event.step) \(event.from) -> \(event.to): \(event.text)") }
        for (index, step) in result.trace.enumerated().suffix(40) {
          say(
            "step \(index) t=\(step.time) \(step.task.isEmpty ? "(a timer)" : step.task) (\(step.ready) ready)"
          )
        }
        say(result.violation.map { "failed: \($0)" } ?? "nothing is wrong")
        return result.violation == nil ? 0 : 1
      } catch {
        return InprocPeer.refuse("\(error)")
      }
    }
    return 2
  }
}
