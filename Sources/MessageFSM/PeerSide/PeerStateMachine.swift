/// The connection to a chaincode as the peer sees it: created → established → ready → ended (Fabric `chaincode.Handler`).
///
/// A pure value: it says what to do with a message, the handler does it. What happens inside a transaction is
/// ``PeerTransactionMachine``'s, so that transactions are independent of the connection and of each other.
///
/// A message that does not fit is one of three things:
/// - *unreachable*: none here; a message comes from the other end, so every type can come in every state.
/// - *violation*: the other end broke the protocol. It is answered with ERROR and Fabric's text. Before `ready` the stream ends
///   then; in `ready` it goes on, and at most the transaction that the message names fails.
/// - *drop*, a closed list: KEEPALIVE (an echo of ours needs no answer), and anything after the end.
public struct PeerStateMachine: Sendable, Hashable {
  /// Where the connection is.
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// The chaincode has not registered yet.
    case created
    /// REGISTERED was sent, READY was not.
    case established
    /// Transactions may run.
    case ready
    /// The stream has ended; every event is ignored.
    case ended
  }

  /// What to do with a message.
  public enum Reaction: String, Sendable, Hashable {
    /// Ask the registry whether this chaincode may register.
    case register
    /// Hand the request to its transaction.
    case serve
    /// End the transaction with this result.
    case complete
    /// Nothing.
    case ignore
    /// Answer ERROR and fail the transaction that is named, if it is open; the stream goes on.
    case refuse
    /// Answer ERROR and end the stream.
    case refuseAndEnd
  }

  /// What ``received(_:txid:)`` asks its caller to do.
  public enum ReceivedAction: Sendable, Hashable {
    /// Ask the registry; then call ``registered()`` or ``end()``.
    case register
    /// Hand the request to its transaction.
    case serve
    /// End the transaction with this result.
    case complete
    /// Nothing.
    case ignore
    /// Answer ERROR with the violation's text; fail the transaction that it names, if that is open.
    indirect case refuse(ProtocolViolation)
    /// Answer ERROR with the violation's text and finish the stream. The machine has ended.
    indirect case refuseAndEnd(ProtocolViolation)
  }

  /// Where the connection is now.
  public private(set) var state = State.created

  private let version: FabricVersion

  /// A connection on which nothing has come yet.
  public init(version: FabricVersion) {
    self.version = version
  }

  /// A message came.
  public mutating func received(_ type: MessageType, txid: WireString) -> ReceivedAction {
    switch Self.reaction(in: state, to: type, version: version) {
    case .register: return .register
    case .serve: return .serve
    case .complete: return .complete
    case .ignore: return .ignore
    case .refuse: return .refuse(violation(type, txid))
    case .refuseAndEnd:
      defer { state = .ended }
      return .refuseAndEnd(violation(type, txid))
    }
  }

  /// The registry accepted the chaincode and REGISTERED was sent.
  ///
  /// False if the connection has ended in between.
  public mutating func registered() -> Bool {
    guard state == .created else { return false }
    state = .established
    return true
  }

  /// READY was sent.
  ///
  /// False if the connection has ended in between.
  public mutating func becameReady() -> Bool {
    guard state == .established else { return false }
    state = .ready
    return true
  }

  /// The stream ended.
  ///
  /// False if it had ended before.
  public mutating func end() -> Bool {
    guard state != .ended else { return false }
    state = .ended
    return true
  }

  private func violation(_ type: MessageType, _ txid: WireString) -> ProtocolViolation {
    let text =
      switch state {
      case .established: "handle message: invalid state \(state.rawValue) for transaction \(txid)"
      case .created, .ready, .ended:
        "[\(txid)] Fabric side handler cannot handle message (\(type.name(in: version)))"
          + " while in \(state.rawValue) state"
      }
    return ProtocolViolation(
      receiver: .peer, state: state.rawValue, type: type, txid: txid, description: text)
  }

  /// The table of the machine: what to do with a message of `type` in `state`.
  public static func reaction(in state: State, to type: MessageType, version: FabricVersion) -> Reaction {
    switch state {
    case .created:
      switch type {
      case .register: return .register
      case .keepalive: return .ignore
      case .undefined, .registered, .initialize, .ready, .transaction, .completed, .error, .getState,
        .putState, .delState, .invokeChaincode, .response, .getStateByRange, .getQueryResult,
        .queryStateNext, .queryStateClose, .getHistoryForKey, .getStateMetadata, .putStateMetadata,
        .getPrivateDataHash, .purgePrivateData, .writeBatchState, .getStateMultiple, .unrecognized:
        return .refuseAndEnd
      }
    case .established:
      return type == .keepalive ? .ignore : .refuseAndEnd
    case .ready:
      switch type {
      case .getState, .putState, .delState, .invokeChaincode, .getStateByRange, .getQueryResult,
        .queryStateNext, .queryStateClose, .getHistoryForKey, .getStateMetadata, .putStateMetadata,
        .getPrivateDataHash:
        return .serve
      case .purgePrivateData, .writeBatchState, .getStateMultiple:
        switch version {
        case .v1_4: return .refuse
        case .v3_1: return .serve
        }
      case .completed, .error: return .complete
      case .keepalive: return .ignore
      case .undefined, .register, .registered, .initialize, .ready, .transaction, .response, .unrecognized:
        return .refuse
      }
    case .ended:
      return .ignore
    }
  }
}
