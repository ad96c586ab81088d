/// A run that failed, made as small as it gets, as a report to act on.
public struct SimulationFailure: Error, Sendable {
  /// The scenario's name.
  public var scenario: String
  /// What was seen in the smallest run.
  public var violation: SimulationViolation
  /// The seed of the smallest run.
  public var seed: UInt64
  /// The seed with which it was found.
  public var foundSeed: UInt64
  /// The strategy with which it was found.
  public var strategy: SimulationStrategy
  /// How many steps the found run had.
  public var foundSteps: Int
  /// How many runs it took to make it smaller.
  public var shrinkingRuns: Int
  /// The smallest script, a text for each operation.
  public var script: [String]
  /// The strategy of the smallest run; a schedule, unless none was found.
  public var minimalStrategy: SimulationStrategy
  /// The faults of the smallest run.
  public var faults: [FaultOccurrence]
  /// The bug that was put in.
  public var planted: PlantedBug?
  /// The smallest run.
  public var result: SimulationResult

  /// How many clients the smallest script has: the first words of its operations tell them apart.
  public var clients: Int { Set(script.compactMap { $0.split(separator: " ").first }).count }

  /// How many steps of the smallest run were not first come, first served.
  public var departures: Int {
    if case .replay(let schedule) = minimalStrategy { return schedule.departures.count }
    return result.schedule.departures.count
  }

  /// The command that runs it again.
  public var command: String {
    var parts = ["inproc-peer simulate \(scenario) --from \(seed)", "--replay '\(minimalStrategy)'"]
    parts.append("--script '\(script.joined(separator: " | "))'")
    parts += faults.map { "--fault '\($0)'" }
    if let planted { parts.append("--plant \(planted)") }
    return parts.joined(separator: " ")
  }

  /// A test that runs it again and fails until it is mended; `scenario` is an expression for the scenario.
  public func test(scenario expression: String) -> String {
    """
    @Test func `\(scenario), seed \(seed): \(violation.kind)`() throws {
      let result = try \(expression).replay(
        seed: \(seed), strategy: \("\"\(minimalStrategy)\""),
        script: [
    \(script.map { "      \"\($0)\"," }.joined(separator: "\n"))
        ],
        faults: [\(faults.map { "\"\($0)\"" }.joined(separator: ", "))])
      #expect(result.violation == nil)
    }
    """
  }

  /// The messages of the smallest run as a sequence diagram.
  public var diagram: String {
    let events = result.events.suffix(60)
    var names: [String] = []
    for event in events {
      for name in [event.from, event.to] where !names.contains(name) { names.append(name) }
    }
    var lines = ["sequenceDiagram"]
    for (index, name) in names.enumerated() {
      lines.append("    participant p\(index) as \(Self.safe(name))")
    }
    for event in events {
      let (from, to) = (names.firstIndex(of: event.from) ?? 0, names.firstIndex(of: event.to) ?? 0)
      lines.append(
        from == to
          ? "    Note over p\(from): \(Self.safe(event.text))"
          : "    p\(from)->>p\(to): \(Self.safe(event.text))")
    }
    if let last = names.indices.last {
      lines.append(
        "    Note over p0\(last > 0 ? ",p\(last)" : ""): \(Self.safe("\(violation.kind)")) after \(result.steps) steps"
      )
    }
    return lines.joined(separator: "\n")
  }

  private static func safe(_ text: String) -> String {
    String(text.prefix(90).map { $0 == ";" || $0 == "#" || $0 == "\n" || $0 == ":" ? "," : $0 })
  }
}

extension SimulationFailure: CustomStringConvertible {
  /// The report, as Markdown; its first line is enough to act on.
  public var description: String {
    let steps = result.trace.suffix(20).enumerated().map { index, step in
      let number = max(0, result.trace.count - 20) + index
      return "#\(number) t=\(step.time) \(step.task.isEmpty ? "(a timer)" : step.task) (\(step.ready) ready)"
    }
    return """
      simulation failed: \(violation)
      found    \(scenario), seed \(foundSeed), \(strategy), \(foundSteps) steps
      minimal  \(clients) clients, \(script.count) operations, \(faults.count) faults, \(departures) departures, \
      \(result.steps) steps (\(shrinkingRuns) runs)
      replay   \(command)

      script
      \(script.isEmpty ? "  none" : script.map { "  \($0)" }.joined(separator: "\n"))
      faults
      \(faults.isEmpty ? "  none" : faults.map { "  \($0)" }.joined(separator: "\n"))

      ```mermaid
      \(diagram)
      ```

      last steps
      \(steps.map { "  \($0)" }.joined(separator: "\n"))
      """
  }
}

/// A text that cannot be read as what it should be.
public struct SimulationTextError: Error, Sendable, CustomStringConvertible {
  /// What is wrong.
  public let description: String
}

extension SimulationScenario {
  /// Runs one run again, from the texts of a report.
  ///
  /// - Parameters:
  ///   - seed: the seed.
  ///   - strategy: a strategy's or a schedule's text.
  ///   - script: the operations' texts.
  ///   - faults: the faults' texts.
  ///   - planted: a bug that is put in.
  /// - Returns: what it came to, with what a report shows.
  /// - Throws: ``SimulationTextError`` if one of the texts cannot be read.
  public func replay(
    seed: UInt64, strategy: String = "fifo", script: [String], faults: [String] = [],
    planted: PlantedBug? = nil
  ) throws(SimulationTextError) -> SimulationResult {
    guard let parsed = SimulationStrategy(strategy) else {
      throw SimulationTextError(description: "no strategy and no schedule: \(strategy)")
    }
    var operations: [Operation] = []
    for text in script {
      guard let operation = Operation(text) else {
        throw SimulationTextError(description: "no operation: \(text)")
      }
      operations.append(operation)
    }
    var occurrences: [FaultOccurrence] = []
    for text in faults {
      guard let fault = FaultOccurrence(text) else {
        throw SimulationTextError(description: "no fault: \(text)")
      }
      occurrences.append(fault)
    }
    var options = SimulationWorld.Options(
      seed: seed, strategy: parsed, faults: .exactly(occurrences), planted: planted)
    if case .replay = parsed { options.timePressure = 0 }
    options.records = true
    return run(operations, options)
  }

  /// Runs all seeds of a plan, and throws the first failure, made as small as it gets.
  ///
  /// Returns or throws when the runs have ended; nothing goes on afterwards. It works on the thread that calls.
  ///
  /// - Parameters:
  ///   - plan: the seeds and how they run.
  ///   - afterRun: called after every run; false ends the campaign early.
  /// - Returns: what was seen.
  /// - Throws: ``SimulationFailure`` for the first run that fails.
  @discardableResult
  public func simulate(
    _ plan: SimulationPlan, afterRun: (SimulationSummary) -> Bool = { _ in true }
  ) throws(SimulationFailure) -> SimulationSummary {
    var summary = SimulationSummary()
    for seed in plan.seeds {
      let result = run(seed: seed, plan)
      summary.add(result)
      if result.violation != nil { throw failure(seed: seed, plan, result) }
      if !afterRun(summary) { break }
    }
    return summary
  }

  /// Makes a run that failed as small as it gets.
  public func failure(seed: UInt64, _ plan: SimulationPlan, _ result: SimulationResult) -> SimulationFailure {
    let options = plan.options(seed)
    let found = SimulationShrinker<Self>.Candidate(
      script: script(seed: seed, operationsMax: plan.operationsMax), options: options, result: result)
    let violation = result.violation ?? SimulationViolation(.scenario, "the run did not fail")
    // Whatever blocks its thread would do so again in every run.
    if violation.kind == .blocked { return failure(found, seed: seed, violation: violation, runs: 0, plan) }
    var shrinker = SimulationShrinker(
      self, found, kind: violation.kind, runsMax: plan.shrinkingRunsMax, stepsMax: plan.shrinkingStepsMax)
    shrinker.shrink()
    var minimal = shrinker.best
    var recorded = minimal.options
    recorded.records = true
    minimal.result = run(minimal.script, recorded)
    return failure(minimal, seed: seed, violation: violation, runs: shrinker.runs, plan, found: found)
  }

  private func failure(
    _ minimal: SimulationShrinker<Self>.Candidate, seed: UInt64, violation: SimulationViolation, runs: Int,
    _ plan: SimulationPlan, found: SimulationShrinker<Self>.Candidate? = nil
  ) -> SimulationFailure {
    SimulationFailure(
      scenario: name, violation: minimal.result.violation ?? violation, seed: minimal.options.seed,
      foundSeed: seed, strategy: (found ?? minimal).options.strategy,
      foundSteps: (found ?? minimal).result.steps, shrinkingRuns: runs,
      script: minimal.script.map { "\($0)" }, minimalStrategy: minimal.options.strategy,
      faults: minimal.result.faults, planted: plan.planted, result: minimal.result)
  }
}
