public import MessageFSM

/// A call that a chaincode makes has to be over when its caller has: its deadline is not later.
public final class CallsEndWithTheirCaller: SimulationInvariant {
  /// The name.
  public let name = "callsEndWithTheirCaller"

  /// An invariant for one run.
  public init() {}

  /// Looks at the open transactions whenever a chaincode is called.
  public func received(
    _ message: ChaincodeMessage, by end: StreamEnd, chaincode: WireString, in world: SimulationWorld
  ) -> String? {
    guard end == .chaincode, message.type == .transaction || message.type == .initialize else { return nil }
    for host in world.record.withLock({ $0.hosts }) {
      for context in host.openContexts {
        guard let caller = context.caller, context.deadline > caller.deadline else { continue }
        return """
          \(context.namespace) has until \(context.deadline) for \(context.txid), \
          \(caller.namespace), which has called it, until \(caller.deadline)
          """
      }
    }
    return nil
  }
}

extension SimulationInvariant where Self == CallsEndWithTheirCaller {
  /// A call is over when its caller is.
  public static var callsEndWithTheirCaller: CallsEndWithTheirCaller { CallsEndWithTheirCaller() }
}
