public import MessageFSM

/// The messages between the host's own two ends fit the state machines, come in order, and one request of a transaction at a time.
///
/// It follows both ends by the tables of `MessageFSM`. Where a chaincode end breaks the protocol on purpose nothing is judged.
public final class ProtocolIsKept: SimulationInvariant {
  fileprivate struct Link: Sendable {
    var peer = PeerStateMachine.State.created
    var shim = ShimStateMachine.State.created
    /// Runs with a request that was not answered, and which.
    var requests: [UInt64: MessageType] = [:]
    var ended: Set<UInt64> = []
    var begun: Set<UInt64> = []

    func state(of end: StreamEnd) -> String { end == .peer ? peer.rawValue : shim.rawValue }
  }

  /// The name.
  public let name = "protocolIsKept"

  private let links = Locked<[WireString: Link]>([:])

  /// An invariant for one run.
  public init() {}

  /// Follows the message.
  public func received(
    _ message: ChaincodeMessage, by end: StreamEnd, chaincode: WireString, in world: SimulationWorld
  ) -> String? {
    let (version, isHostile) = world.record.withLock { record in
      (record.hosts.last?.configuration.version ?? .v1_4, record.isHostile)
    }
    return links.withLock { links in
      // A stream begins with REGISTER.
      if message.type == .register && end == .peer && !isHostile { links[chaincode] = nil }
      // In place, so that the sets are not copied with every message.
      let state = links[chaincode, default: Link()].state(of: end)
      let text =
        end == .peer
        ? links[chaincode, default: Link()].peerReceived(message, version)
        : links[chaincode, default: Link()].shimReceived(message)
      guard let text, !isHostile else { return nil }
      return "\(end.rawValue) of \(chaincode) in \(state): \(text) (\(message.type) of \(message.txid))"
    }
  }
}

extension ProtocolIsKept.Link {
  fileprivate mutating func peerReceived(_ message: ChaincodeMessage, _ version: FabricVersion) -> String? {
    switch PeerStateMachine.reaction(in: peer, to: message.type, version: version) {
    case .register:
      // REGISTERED and READY are sent in one go.
      peer = .ready
      return nil
    case .serve:
      if ended.contains(message.run) { return "a request after the end of its transaction" }
      if let open = requests.updateValue(message.type, forKey: message.run) {
        return "a second request while \(open) is not answered"
      }
      return nil
    case .complete:
      if !ended.insert(message.run).inserted { return "a second end of a transaction" }
      return nil
    case .ignore: return nil
    case .refuse: return "a message that does not fit"
    case .refuseAndEnd:
      peer = .ended
      return "a message that does not fit"
    }
  }

  fileprivate mutating func shimReceived(_ message: ChaincodeMessage) -> String? {
    switch ShimStateMachine.reaction(in: shim, to: message.type) {
    case .establish: shim = .established
    case .becomeReady: shim = .ready
    case .initialize, .invoke:
      if !begun.insert(message.run).inserted { return "run \(message.run) begins twice" }
    case .answer:
      if requests.removeValue(forKey: message.run) == nil { return "an answer to no request" }
    case .echo, .ignore: break
    case .refuse: return "a message that does not fit"
    case .refuseAndEnd:
      // A registration that comes when nobody waits for it any more is refused.
      if shim == .created && message.type == .error { return nil }
      shim = .ended
      return "a message that does not fit"
    }
    return nil
  }
}
