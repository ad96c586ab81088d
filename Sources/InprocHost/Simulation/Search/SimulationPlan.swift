/// Which runs a campaign makes.
public struct SimulationPlan: Sendable {
  /// The seeds.
  public var seeds: Range<UInt64>
  /// How jobs are chosen: each seed takes one of these, in turn.
  public var strategies: [SimulationStrategy]
  /// Which faults may happen.
  public var faults: FaultPlan
  /// A bug that is put in on purpose.
  public var planted: PlantedBug?
  /// In how many of 64 steps a timer fires although jobs are ready; `nil` lets each seed decide, 0 is for scenarios that cannot
  /// stand a deadline that passes early.
  public var timePressure: Int?
  /// The most operations of a script, taken from all over it; `nil` is all.
  public var operationsMax: Int?
  /// After how many steps a run counts as endless.
  public var stepLimit = 20_000
  /// Who notices a step that does not come back; it has to be started.
  public var watchdog: SimulationWatchdog?
  /// How many runs may be made to find a smaller one that fails the same way.
  public var shrinkingRunsMax = 4_000
  /// About how many steps these runs may have in all; steps and not seconds, so that a failure is always shrunk to the same.
  public var shrinkingStepsMax = 180_000

  /// A plan; by default with all strategies that look for trouble and all faults.
  public init(
    seeds: Range<UInt64>, strategies: [SimulationStrategy] = SimulationPlan.portfolio,
    faults: FaultPlan = .swarm(byzantine: true), planted: PlantedBug? = nil
  ) {
    self.seeds = seeds
    self.strategies = strategies
    self.faults = faults
    self.planted = planted
  }

  /// Strategies that find different things.
  public static let portfolio: [SimulationStrategy] = [
    .keyed, .keyed, .pct(depth: 3), .keyed, .delay(3), .uniform,
  ]

  /// The options of one seed's run.
  public func options(_ seed: UInt64) -> SimulationWorld.Options {
    let strategy = strategies.isEmpty ? .keyed : strategies[Int(seed % UInt64(strategies.count))]
    var options = SimulationWorld.Options(
      seed: seed, strategy: strategy, faults: faults, timePressure: timePressure, planted: planted)
    options.stepLimit = stepLimit
    options.watchdog = watchdog
    return options
  }
}

/// What a campaign has seen.
public struct SimulationSummary: Sendable {
  /// How many runs were made.
  public var runs = 0
  /// How many choices were made.
  public var steps = 0
  /// How many transactions were run.
  public var transactions = 0
  /// How often each kind of fault has happened, by its number.
  public var faults = [Int](repeating: 0, count: FaultKind.allCases.count + 1)
  /// In which states faults have happened.
  public var faultCoverage = FaultCoverage()
  /// How often each rare thing has happened.
  public var sometimes: [String: Int] = [:]
  /// Which pairs of state and message were met.
  public var coverage = StateCoverage()
  /// A number for all trace hashes in their order.
  public var hash: UInt64 = 0

  /// Nothing was seen.
  public init() {}

  /// Takes a run in.
  public mutating func add(_ result: SimulationResult) {
    runs += 1
    steps += result.steps
    transactions += result.transactions
    for index in faults.indices { faults[index] += result.faultCounts[index] }
    sometimes.merge(result.sometimes, uniquingKeysWith: +)
    coverage.merge(result.coverage)
    faultCoverage.merge(result.faultCoverage)
    hash = Draw.mixed(hash ^ result.traceHash)
  }

  /// Takes another part of the campaign in.
  public mutating func merge(_ other: SimulationSummary) {
    runs += other.runs
    steps += other.steps
    transactions += other.transactions
    for index in faults.indices { faults[index] += other.faults[index] }
    sometimes.merge(other.sometimes, uniquingKeysWith: +)
    coverage.merge(other.coverage)
    faultCoverage.merge(other.faultCoverage)
    hash = Draw.mixed(hash ^ other.hash)
  }
}

extension SimulationScenario {
  /// The script of a seed, or a part of it that is chosen by the seed.
  public func script(seed: UInt64, operationsMax: Int? = nil) -> [Operation] {
    let all = script(Draw(seed: seed, key: "script \(name)"))
    guard let operationsMax, all.count > operationsMax else { return all }
    var draw = Draw(seed: seed, key: "part")
    var indices = Array(all.indices)
    while indices.count > operationsMax { indices.remove(at: draw.below(indices.count)) }
    return indices.map { all[$0] }
  }

  /// Runs one seed of a plan.
  public func run(seed: UInt64, _ plan: SimulationPlan) -> SimulationResult {
    run(script(seed: seed, operationsMax: plan.operationsMax), plan.options(seed))
  }
}
