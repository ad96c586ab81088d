/// Every call of a client begins once and ends exactly once.
public final class EveryExecuteEndsOnce: SimulationInvariant {
  /// The name.
  public let name = "everyExecuteEndsOnce"

  private let calls = Locked<[Int: (call: SimulatedCall, ends: Int)]>([:])

  /// An invariant for one run.
  public init() {}

  /// Counts the beginning.
  public func began(_ call: SimulatedCall, in world: SimulationWorld) -> String? {
    calls.withLock { calls in
      guard calls[call.number] == nil else { return "\(call) has begun twice" }
      calls[call.number] = (call, 0)
      return nil
    }
  }

  /// Counts the end.
  public func ended(_ call: SimulatedCall, in world: SimulationWorld) -> String? {
    calls.withLock { calls in
      guard let known = calls[call.number] else { return "\(call) has ended and never begun" }
      calls[call.number] = (call, known.ends + 1)
      return known.ends == 0 ? nil : "\(call) has ended \(known.ends + 1) times"
    }
  }

  /// Looks for calls that have not ended.
  public func atEnd(in world: SimulationWorld) -> String? {
    let open = calls.withLock { calls in
      calls.filter { $0.value.ends == 0 }.sorted { $0.key < $1.key }.map { "\($0.value.call)" }
    }
    return open.isEmpty ? nil : "not ended: \(open.joined(separator: ", "))"
  }
}

extension SimulationInvariant where Self == EveryExecuteEndsOnce {
  /// Every call ends exactly once.
  public static var everyExecuteEndsOnce: EveryExecuteEndsOnce { EveryExecuteEndsOnce() }
}
