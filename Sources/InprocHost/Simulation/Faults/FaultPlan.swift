/// Which faults may happen in a run, and how often.
public enum FaultPlan: Sendable, Hashable {
  /// None.
  case none
  /// Every seed chooses: one in ten none, one in ten a single kind often, the others each kind with probability 1/2.
  case swarm(byzantine: Bool)
  /// These kinds, often.
  case only([FaultKind])
  /// These and no others: a found run again.
  case exactly([FaultOccurrence])

  /// The plan of this name: `none`, `legal`, `swarm` (legal and byzantine), or `only:5,9` by the numbers of the kinds.
  public init?(name: String) {
    switch name {
    case "none": self = .none
    case "legal": self = .swarm(byzantine: false)
    case "swarm", "byzantine": self = .swarm(byzantine: true)
    default:
      guard name.hasPrefix("only:") else { return nil }
      let kinds = name.dropFirst(5).split(separator: ",").map { Int($0).flatMap(FaultKind.init(rawValue:)) }
      guard !kinds.isEmpty, !kinds.contains(nil) else { return nil }
      self = .only(kinds.compactMap { $0 })
    }
  }

  /// For each kind, out of 1024 occasions, how often it happens under this seed.
  func rates(seed: UInt64) -> [Int] {
    var rates = [Int](repeating: 0, count: FaultKind.allCases.count + 1)
    switch self {
    case .none, .exactly: break
    case .only(let kinds):
      for kind in kinds { rates[kind.rawValue] = kind.rates[2] }
    case .swarm(let byzantine):
      let allowed = FaultKind.allCases.filter { byzantine || !$0.isByzantine }
      var draw = Draw(seed: seed, key: "swarm")
      switch draw.below(10) {
      case 0: break
      case 1:
        if let kind = draw.pick(allowed) { rates[kind.rawValue] = kind.rates[2] }
      case _:
        for kind in allowed {
          var own = draw.keyed("\(kind.rawValue)")
          if own.chance(1, in: 2) { rates[kind.rawValue] = kind.rates[own.below(3)] }
        }
      }
    }
    return rates
  }
}

/// Decides at each occasion whether a fault happens, by the seed and the occasion alone, and keeps a list.
public final class FaultInjector: Sendable {
  private struct Occasion: Hashable {
    let kind: FaultKind
    let site: UInt64
  }

  private struct State {
    var occasions: [Occasion: Int] = [:]
    var fired: [FaultOccurrence] = []
    var isQuiet = false
    var counts = [Int](repeating: 0, count: FaultKind.allCases.count + 1)
    var coverage = FaultCoverage()
  }

  private let seed: UInt64
  private let rates: [Int]
  private let exact: [FaultOccurrence]
  private let exactKinds: Set<FaultKind>
  private let state = Locked(State())

  init(seed: UInt64, plan: FaultPlan) {
    self.seed = seed
    self.rates = plan.rates(seed: seed)
    if case .exactly(let occurrences) = plan { self.exact = occurrences } else { self.exact = [] }
    self.exactKinds = Set(exact.map(\.kind))
  }

  /// The faults that have happened, in order.
  public var fired: [FaultOccurrence] { state.withLock { $0.fired } }

  /// How often each kind has happened, by its number: by chance, or because a script says so.
  public var counts: [Int] {
    state.withLock { state in
      var counts = state.counts
      for fault in state.fired { counts[fault.kind.rawValue] += 1 }
      return counts
    }
  }

  /// In which states the faults have happened.
  public var coverage: FaultCoverage { state.withLock { $0.coverage } }

  /// Counts a fault that a script has brought about.
  func happened(_ kind: FaultKind, in machineState: MachineState) {
    state.withLock { state in
      state.counts[kind.rawValue] += 1
      state.coverage.meet(kind, in: machineState)
    }
  }

  /// Notes in which state a fault has had its effect, if that is later than its decision.
  func met(_ kind: FaultKind, in machineState: MachineState) {
    state.withLock { $0.coverage.meet(kind, in: machineState) }
  }

  /// Whether a fault of this kind can happen in this run.
  public func isActive(_ kind: FaultKind) -> Bool {
    rates[kind.rawValue] > 0 || exactKinds.contains(kind)
  }

  /// No fault happens from now on.
  public func becomeQuiet() {
    state.withLock { $0.isQuiet = true }
  }

  /// Whether a fault happens now.
  ///
  /// - Parameters:
  ///   - kind: the kind.
  ///   - site: where: the name of the place.
  ///   - machineState: in which state; `nil` if that is only known later.
  /// - Returns: the amount, from 0 to 1023, or `nil` if it does not happen.
  public func fires(
    _ kind: FaultKind, at site: @autoclosure () -> String,
    in machineState: @autoclosure () -> MachineState? = MachineState.outside
  ) -> Int? {
    guard let amount = decide(kind, at: site()) else { return nil }
    if let machineState = machineState() { met(kind, in: machineState) }
    return amount
  }

  private func decide(_ kind: FaultKind, at site: @autoclosure () -> String) -> Int? {
    let rate = rates[kind.rawValue]
    guard rate > 0 || exactKinds.contains(kind) else { return nil }
    let site = site()
    let hash = Draw.hash(site)
    return state.withLock { state -> Int? in
      let occasion = Occasion(kind: kind, site: hash)
      let number = state.occasions[occasion, default: 0] + 1
      state.occasions[occasion] = number
      guard !state.isQuiet else { return nil }
      if !exactKinds.isEmpty {
        guard
          let found = exact.first(where: { $0.kind == kind && $0.occasion == number && $0.site == site })
        else { return nil }
        state.fired.append(found)
        return found.amount
      }
      let bits = Draw.mixed(seed ^ Draw.mixed(hash &+ UInt64(number) &* 31 &+ UInt64(kind.rawValue)))
      guard Int(bits & 1023) < rate else { return nil }
      let amount = Int((bits >> 20) & 1023)
      state.fired.append(FaultOccurrence(kind: kind, site: site, occasion: number, amount: amount))
      return amount
    }
  }
}

extension FaultInjector {
  /// Whether any fault of a message loop can happen.
  var mayDisturbStreams: Bool {
    isActive(.chaincodeExits) || isActive(.slowConsumer) || isActive(.delayedDelivery) || isActive(.clog)
  }
}
