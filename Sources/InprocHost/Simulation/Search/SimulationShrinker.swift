/// Makes a run that fails smaller, as long as it fails the same way.
///
/// Smallest first: scripts of no, one, two, three operations that leave first come, first served at a few steps. Only if none of
/// them fails, the found run: operations are left out, then what is inside of them, then faults; then schedules are tried that
/// depart at none, one, two, three steps, and if none of those fails the departures of the found run are left out one after
/// another. Since every decision is drawn under a key of its own, leaving something out changes nothing else.
struct SimulationShrinker<Scenario: SimulationScenario> {
  struct Candidate {
    var script: [Scenario.Operation]
    var options: SimulationWorld.Options
    var result: SimulationResult
  }

  /// What one run costs besides its steps, as many steps.
  private static var costOfRun: Int { 60 }

  private let scenario: Scenario
  private let kind: SimulationViolation.Kind
  private let found: Candidate
  private var runsLeft: Int
  /// Steps and not seconds, so that the same failure is always shrunk to the same.
  private var costLeft: Int
  private(set) var best: Candidate
  private(set) var runs = 0

  init(
    _ scenario: Scenario, _ found: Candidate, kind: SimulationViolation.Kind, runsMax: Int, stepsMax: Int
  ) {
    self.scenario = scenario
    self.found = found
    self.best = found
    self.kind = kind
    self.runsLeft = runsMax
    self.costLeft = stepsMax
  }

  mutating func shrink() {
    best.options.stepLimit = min(best.options.stepLimit, best.result.steps * 4 + 2_000)
    if kind == .livelock {
      // A run that does not end does not end sooner either, and each try costs as many steps.
      var options = best.options
      options.stepLimit = 5_000
      _ = take(best.script, options)
    }
    guard !findSmallest() else { return polish() }
    shrinkScript()
    sampleScripts()
    shrinkOperations()
    fixFaults()
    shrinkFaults()
    shrinkOperations()
    simplifySchedule()
    if case .replay = best.options.strategy { polish() }
    if moveForward() { polish() }
  }

  /// Leaves out whatever a run does not need whose schedule is fixed.
  private mutating func polish() {
    shrinkScript()
    shrinkFaults()
    shrinkOperations()
    shrinkDepartures()
  }

  // MARK: Trying

  private var isSpent: Bool { runsLeft <= 0 || costLeft <= 0 }

  private mutating func fails(
    _ script: [Scenario.Operation], _ options: SimulationWorld.Options
  ) -> Candidate? {
    guard !isSpent else { return nil }
    runsLeft -= 1
    runs += 1
    let result = scenario.run(script, options)
    costLeft -= result.steps + Self.costOfRun
    guard let violation = result.violation else { return nil }
    // Where a bug was put in, whatever is seen is that bug.
    guard violation.kind == kind || options.planted != nil else { return nil }
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
      if isSpent { return }
      size = size == 1 ? 1 : size / 2
    }
  }

  // MARK: Smallest first

  /// Tries scripts of few operations of other seeds, under schedules with few departures.
  ///
  /// False if none of them fails.
  private mutating func findSmallest() -> Bool {
    let budget = costLeft * 5 / 8
    var kinds: [FaultKind] = []
    for fault in found.result.faults where !kinds.contains(fault.kind) { kinds.append(fault.kind) }
    var steps = 120
    for (size, share) in [(0, 1), (1, 7), (2, 12), (3, 20)] {
      let end = costLeft - budget * share / 40
      var attempt = 0
      while costLeft > end && !isSpent {
        defer { attempt += 1 }
        if size == 0 && attempt >= 24 { break }
        var options = small(attempt, kinds: kinds)
        options.expectedSteps = max(60, steps)
        let script = scenario.script(seed: options.seed, operationsMax: size)
        guard script.count <= size else { break }
        let before = costLeft
        guard let candidate = fails(script, options) else {
          steps = (steps * 3 + before - costLeft - Self.costOfRun) / 4
          continue
        }
        if settle(candidate) { return true }
      }
    }
    return false
  }

  /// The options of a small run: without faults, with a kind that the found run had, or with what the plan may draw.
  private func small(_ attempt: Int, kinds: [FaultKind]) -> SimulationWorld.Options {
    var draw = Draw(seed: UInt64(attempt), key: "small")
    var options = found.options
    options.stepLimit = best.options.stepLimit
    options.seed = UInt64(attempt)
    options.scheduleSeed = nil
    let delays = draw.below(4)
    options.strategy = delays == 0 ? .fifo : .delay(delays)
    // A timer that fires early is a departure like any other; where none may, or did, none does.
    options.timePressure = found.options.timePressure != 0 && delays > 0 && draw.chance(1, in: 2) ? 1 : 0
    switch draw.below(4) {
    case 0: options.faults = .none
    case 1: options.faults = draw.pick(kinds).map { .only([$0]) } ?? .none
    case _: break
    }
    return options
  }

  /// Takes a small run as the best, with its schedule and its faults by name.
  private mutating func settle(_ candidate: Candidate) -> Bool {
    var options = candidate.options
    options.strategy = .replay(candidate.result.schedule)
    options.timePressure = 0
    var exact = options
    exact.faults = .exactly(candidate.result.faults)
    return take(candidate.script, exact) || take(candidate.script, options)
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
    for attempt in 0..<min(script.count > 3 ? 300 : 60, runsLeft / 2) {
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

  /// Moves operations to other clients and further to the front at once, if neither alone will do.
  ///
  /// True if that was of use.
  private mutating func moveForward() -> Bool {
    guard best.script.count > 2, best.script.count <= 8 else { return false }
    var moved = false
    for index in best.script.indices.dropFirst() {
      let candidates = best.script[index].smaller
      let places = Array(0..<index)
      for operation in candidates {
        let taken = places.contains { place in
          var script = best.script
          script.remove(at: index)
          script.insert(operation, at: place)
          return take(script, best.options)
        }
        if taken {
          moved = true
          break
        }
      }
    }
    return moved
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
    // What is found here has to be replayed and made smaller, too.
    let reserve = min(costLeft / 3, 20 * (best.result.steps + Self.costOfRun))
    options.expectedSteps = max(20, best.result.steps)
    options.timePressure = best.result.schedule.departures.contains { $0.choice == .time } ? 1 : 0
    for (delays, tries) in [(1, 120), (2, 200), (3, 280)] {
      options.strategy = .delay(delays)
      for seed in 0..<min(tries, runsLeft / 3) {
        if costLeft <= reserve { break }
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
    guard case .replay(var schedule) = best.options.strategy else { return }
    // What comes after the failure is decided makes no difference: half of what is left at a time, from the end.
    var kept = 0
    while kept < schedule.departures.count {
      let middle = (kept + schedule.departures.count) / 2
      var options = best.options
      let shorter = Schedule(Array(schedule.departures.prefix(middle)))
      options.strategy = .replay(shorter)
      if take(best.script, options) { schedule = shorter } else { kept = middle + 1 }
    }
    minimize(schedule.departures) { shrinker, departures in
      var options = shrinker.best.options
      options.strategy = .replay(Schedule(departures))
      return shrinker.take(shrinker.best.script, options)
    }
  }
}
