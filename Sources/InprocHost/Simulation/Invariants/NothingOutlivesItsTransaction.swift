import MessageFSM

/// When a client has the answer to its call, no transaction of that id is open any more: neither its own nor one that its
/// chaincode has called.
public final class NothingOutlivesItsTransaction: SimulationInvariant {
  /// The name.
  public let name = "nothingOutlivesItsTransaction"

  private let open = Locked<[String: Int]>([:])

  /// An invariant for one run.
  public init() {}

  /// Counts the calls that share an id.
  public func began(_ call: SimulatedCall, in world: SimulationWorld) -> String? {
    open.withLock { $0[call.txid, default: 0] += 1 }
    return nil
  }

  /// Looks for what is open under the call's id, unless another call has the same.
  public func ended(_ call: SimulatedCall, in world: SimulationWorld) -> String? {
    let others = open.withLock { open in
      open[call.txid, default: 0] -= 1
      return open[call.txid, default: 0]
    }
    guard others == 0 else { return nil }
    let txid = WireString(call.txid)
    for host in world.record.withLock({ $0.hosts }) {
      guard let left = host.openContexts.first(where: { $0.txid == txid }) else { continue }
      return "\(call) has its answer, and it is open at \(left.callChain.joined(separator: " → "))"
    }
    return nil
  }
}

extension SimulationInvariant where Self == NothingOutlivesItsTransaction {
  /// A transaction leaves nothing open.
  public static var nothingOutlivesItsTransaction: NothingOutlivesItsTransaction {
    NothingOutlivesItsTransaction()
  }
}
