/// Makes a run that fails smaller, as long as it fails the same way.
///
/// First operations are left out, then what is inside of them, then faults; then schedules are tried that leave first come, first
/// served at none, one, two, three steps, and if none of them fails the departures of the found run are left out one after
/// another. Since every decision is drawn under a key of its own, leaving something out changes nothing else.
struct SimulationShrinker<Scenario: SimulationScenario> {
  struct Candidate {
    var script: [Scenario.Operation]
    var options: SimulationWorld.Options
    var result: SimulationResult
  }

  private let scenario: Scenario
  private let kind: SimulationViolation.Kind
  private var runsLeft: Int
  private(set) var best: Candidate
  private(set) var runs = 0

  init(_ scenario: Scenario, _ found: Candidate, kind: SimulationViolation.Kind, runsMax: Int) {
    self.scenario = scenario
    self.best = found
    self.kind = kind
    self.runsLeft = runsMax
  }

  mutating func shrink() {
    best.options.stepLimit = min(best.options.stepLimit, best.result.steps * 4 + 2_000)
    if kind == .livelock {
      // A run that does not end does not end sooner either, and each try costs as many steps.
      var options = best.options
      options.stepLimit = 5_000
      _ = take(best.script, options)
      runsLeft = min(runsLeft, 200)
    }
    shrinkScript()
    sampleScripts()
    shrinkOperations()
    fixFaults()
    shrinkFaults()
    shrinkOperations()
    simplifySchedule()
    if case .replay = best.options.strategy {
      shrinkScript()
      shrinkFaults()
      shrinkOperations()
      shrinkDepartures()
    }
  }

  // MARK: Trying

  private mutating func fails(
    _ script: [Scenario.Operation], _ options: SimulationWorld.Options
  ) -> Candidate? {
    guard runsLeft > 0 else { return nil }
    runsLeft -= 1
    runs += 1
    let result = scenario.run(script, options)
    guard result.violation?.kind == kind else { return nil }
    return Candidate(script: script, options: options, result: result)
  }

  private mutating func take(_ script: [Scenario.Operation], _ options: SimulationWorld.Options) -> Bool {
    guard let candidate = fails(script, options) else { return false }
    best = candidate
    return true
  }

  /// Leaves elements out, first in halves and at last one by one, as long as `take` accepts it.
  private mutating func minimize<Element>(
    _ elements: [Element], _ take: (inout Self, [Element]) -> Bool
  ) {
    var elements = elements
    var size = max(1, elements.count / 2)
    while true {
      var start = 0
      var removed = false
      while start < elements.count {
        var fewer = elements
        fewer.removeSubrange(start..<min(start + size, elements.count))
        if take(&self, fewer) {
          elements = fewer
          removed = true
        } else {
          start += size
        }
      }
      if size == 1 && !removed { return }
      if runsLeft == 0 { return }
      size = size == 1 ? 1 : size / 2
    }
  }

  // MARK: What is made smaller

  private mutating func shrinkScript() {
    minimize(best.script) { shrinker, script in shrinker.take(script, shrinker.best.options) }
  }

  /// Tries a few operations of those that are left, under other orders, if leaving out one after another has got stuck.
  private mutating func sampleScripts() {
    let script = best.script
    guard script.count > 2 else { return }
    var draw = Draw(seed: best.options.seed, key: "sample")
    for attempt in 0..<min(script.count > 3 ? 600 : 60, runsLeft / 2) {
      var indices = Set<Int>()
      let size = min(script.count - 1, 2 + attempt % 3)
      while indices.count < size { indices.insert(draw.below(script.count)) }
      var options = best.options
      options.scheduleSeed = UInt64(attempt)
      options.strategy = attempt % 2 == 0 ? .keyed : best.options.strategy
      if take(indices.sorted().map { script[$0] }, options) {
        shrinkScript()
        return
      }
    }
  }

  private mutating func shrinkOperations() {
    var index = 0
    while index < best.script.count {
      let smaller = best.script[index].smaller
      let taken = smaller.contains { operation in
        var script = best.script
        script[index] = operation
        return take(script, best.options)
      }
      if !taken { index += 1 }
    }
  }

  /// From the plan to the faults that have happened, each by its name.
  private mutating func fixFaults() {
    var options = best.options
    options.faults = .exactly(best.result.faults)
    if !take(best.script, options) {
      // What a plan makes possible can matter although it has not happened.
      options.faults = .only(
        FaultKind.allCases.filter { kind in best.result.faults.contains { $0.kind == kind } })
      _ = take(best.script, options)
    }
  }

  private mutating func shrinkFaults() {
    guard case .exactly(let faults) = best.options.faults else { return }
    minimize(faults) { shrinker, faults in
      var options = shrinker.best.options
      options.faults = .exactly(faults)
      return shrinker.take(shrinker.best.script, options)
    }
  }

  /// The fewest departures from first come, first served with which it still fails.
  private mutating func simplifySchedule() {
    var options = best.options
    options.timePressure = 0
    options.strategy = .replay(Schedule())
    if take(best.script, options) { return }
    options.expectedSteps = max(20, best.result.steps)
    options.timePressure = best.result.schedule.departures.contains { $0.choice == .time } ? 1 : 0
    for (delays, tries) in [(1, 120), (2, 200), (3, 280)] {
      options.strategy = .delay(delays)
      for seed in 0..<min(tries, runsLeft / 3) {
        options.scheduleSeed = UInt64(seed)
        guard let found = fails(best.script, options) else { continue }
        var replay = options
        replay.strategy = .replay(found.result.schedule)
        if take(best.script, replay) { return }
      }
    }
    var replay = best.options
    replay.strategy = .replay(best.result.schedule)
    if take(best.script, replay) { shrinkDepartures() }
  }

  private mutating func shrinkDepartures() {
    guard case .replay(let schedule) = best.options.strategy else { return }
    minimize(schedule.departures) { shrinker, departures in
      var options = shrinker.best.options
      options.strategy = .replay(Schedule(departures))
      return shrinker.take(shrinker.best.script, options)
    }
  }
}
