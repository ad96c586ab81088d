public import MessageFSM

/// Something that holds in every run, whatever the order and whatever goes wrong.
///
/// A run makes its own; it may keep state. A text says what was seen where it does not hold, `nil` that it does.
public protocol SimulationInvariant: AnyObject, Sendable {
  /// The name; shrinking keeps it.
  var name: String { get }

  /// A message was taken by one end.
  func received(
    _ message: ChaincodeMessage, by end: StreamEnd, chaincode: WireString, in world: SimulationWorld
  )
    -> String?

  /// A client makes a call.
  func began(_ call: SimulatedCall, in world: SimulationWorld) -> String?

  /// A client has the answer to a call, or its error.
  func ended(_ call: SimulatedCall, in world: SimulationWorld) -> String?

  /// A step was made; be quick.
  func afterStep(in world: SimulationWorld) -> String?

  /// Nothing can run before the time has moved: whoever waits, waits for a timer or for ever.
  func atIdle(in world: SimulationWorld) -> String?

  /// The work has ended, and nothing is left to run.
  func atEnd(in world: SimulationWorld) -> String?
}

extension SimulationInvariant {
  /// Nothing to see.
  public func received(
    _ message: ChaincodeMessage, by end: StreamEnd, chaincode: WireString, in world: SimulationWorld
  ) -> String? { nil }

  /// Nothing to see.
  public func began(_ call: SimulatedCall, in world: SimulationWorld) -> String? { nil }

  /// Nothing to see.
  public func ended(_ call: SimulatedCall, in world: SimulationWorld) -> String? { nil }

  /// Nothing to see.
  public func atIdle(in world: SimulationWorld) -> String? { nil }

  /// Nothing to see.
  public func afterStep(in world: SimulationWorld) -> String? { nil }

  /// Nothing to see.
  public func atEnd(in world: SimulationWorld) -> String? { nil }
}

/// What was begun and has not ended is what is open: never less than nothing after a step, and exactly that at idle, when each
/// open transaction has a timer that ends it.
public final class TransactionsAreCounted: SimulationInvariant {
  /// The name.
  public let name = "transactionsAreCounted"

  /// An invariant for one run.
  public init() {}

  /// Compares the counters with what is open.
  public func afterStep(in world: SimulationWorld) -> String? {
    for host in world.record.withLock({ $0.hosts }) {
      let open = host.count(.transactionsBegun) - host.count(.transactionsEnded)
      if open < 0 { return "\(-open) transactions have ended more often than they began" }
      let tasks = host.count(.tasksStarted) - host.count(.tasksEnded)
      if tasks < 0 { return "\(-tasks) tasks have ended more often than they began" }
    }
    return nil
  }
}

extension TransactionsAreCounted {
  /// Compares the counters with what is open, and that with the timers.
  public func atIdle(in world: SimulationWorld) -> String? {
    for host in world.record.withLock({ $0.hosts }) {
      let open = host.openWork
      let begun = host.count(.transactionsBegun) - host.count(.transactionsEnded)
      if begun != open.transactions {
        return "\(begun) transactions have begun and not ended, \(open.transactions) are open"
      }
      if open.timers < open.transactions {
        return "\(open.transactions) transactions are open, and only \(open.timers) timers would end one"
      }
    }
    return nil
  }
}

/// Nothing is left when the hosts have stopped and the tasks that were left behind have ended.
public final class NothingIsLeft: SimulationInvariant {
  /// The name.
  public let name = "nothingIsLeft"

  /// An invariant for one run.
  public init() {}

  /// Looks at what the hosts, the ledgers and the chaincodes hold.
  public func atEnd(in world: SimulationWorld) -> String? {
    for host in world.record.withLock({ $0.hosts }) {
      let open = host.openWork
      if !open.isNothing { return "after the end: \(open)" }
      let transactions = host.count(.transactionsBegun) - host.count(.transactionsEnded)
      if transactions != 0 { return "\(transactions) transactions have not ended" }
      if !world.isPressed, !world.faults.fired.contains(where: { $0.kind == .chaincodeIgnoresCancellation }),
        host.count(.tasksAbandoned) > 0
      {
        return "\(host.count(.tasksAbandoned)) tasks were given up although none ignored its cancellation"
      }
    }
    let simulators = world.openSimulators.withLock { $0 }
    if simulators != 0 { return "\(simulators) simulators were not closed" }
    let iterators = world.openIterators.withLock { $0 }
    if iterators != 0 { return "\(iterators) iterators were not closed" }
    let hangs = world.hangs.withLock { $0 }
    if hangs != 0 { return "\(hangs) chaincode tasks were not cancelled" }
    return nil
  }
}

extension SimulationInvariant where Self == TransactionsAreCounted {
  /// What was begun and has not ended is what is open.
  public static var transactionsAreCounted: TransactionsAreCounted { TransactionsAreCounted() }
}

extension SimulationInvariant where Self == NothingIsLeft {
  /// Nothing is left after the end.
  public static var nothingIsLeft: NothingIsLeft { NothingIsLeft() }
}

extension SimulationInvariant where Self == ProtocolIsKept {
  /// The messages of the host's own ends are those of Fabric's protocol.
  public static var protocolIsKept: ProtocolIsKept { ProtocolIsKept() }
}
