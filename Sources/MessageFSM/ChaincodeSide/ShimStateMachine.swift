/// The connection to the peer as the chaincode sees it: created → established → ready → ended (Fabric `shim.Handler`).
///
/// The mirror of ``PeerStateMachine``, with the same three kinds of message that does not fit: *unreachable* (none),
/// *violation* (answered with ERROR; before `ready` the stream ends, in `ready` it goes on) and *drop* (anything after the end).
/// An answer that nobody waits for is no violation; ``ShimTransactionMachine`` counts it.
public struct ShimStateMachine: Sendable, Hashable {
  /// Where the connection is.
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// REGISTER was sent.
    case created
    /// REGISTERED came.
    case established
    /// READY came; transactions may come.
    case ready
    /// The stream has ended; every event is ignored.
    case ended
  }

  /// What to do with a message.
  public enum Reaction: String, Sendable, Hashable {
    /// The registration is accepted.
    case establish
    /// Transactions may come.
    case becomeReady
    /// Run `initialize`.
    case initialize
    /// Run `invoke`.
    case invoke
    /// Hand the answer to the call that waits for it.
    case answer
    /// Send the message back as it came.
    case echo
    /// Nothing.
    case ignore
    /// Answer ERROR; the stream goes on.
    case refuse
    /// Answer ERROR and end the stream.
    case refuseAndEnd
  }

  /// What ``received(_:txid:payloadSize:)`` asks its caller to do.
  public enum ReceivedAction: Sendable, Hashable {
    /// Nothing; the machine has noted it.
    case established
    /// Take the peer's offer, if READY has one.
    case becameReady
    /// Run `initialize` in a task of its own.
    case initialize
    /// Run `invoke` in a task of its own.
    case invoke
    /// Hand the answer to the call that waits for it.
    case answer
    /// Send the message back as it came.
    case echo
    /// Nothing.
    case ignore
    /// Answer ERROR with the violation's text.
    indirect case refuse(ProtocolViolation)
    /// Answer ERROR with the violation's text and finish the stream. The machine has ended.
    indirect case refuseAndEnd(ProtocolViolation)
  }

  /// Where the connection is now.
  public private(set) var state = State.created

  private let version: FabricVersion

  /// A connection on which REGISTER was sent.
  public init(version: FabricVersion) {
    self.version = version
  }

  /// A message came.
  ///
  /// Its payload's size is asked for only when the message is refused (1.4 tells it in the text).
  public mutating func received(
    _ type: MessageType, txid: WireString, payloadSize: @autoclosure () -> Int
  ) -> ReceivedAction {
    switch Self.reaction(in: state, to: type) {
    case .establish:
      state = .established
      return .established
    case .becomeReady:
      state = .ready
      return .becameReady
    case .initialize: return .initialize
    case .invoke: return .invoke
    case .answer: return .answer
    case .echo: return .echo
    case .ignore: return .ignore
    case .refuse: return .refuse(violation(type, txid, payloadSize()))
    case .refuseAndEnd:
      defer { state = .ended }
      return .refuseAndEnd(violation(type, txid, payloadSize()))
    }
  }

  /// The stream ended.
  ///
  /// False if it had ended before.
  public mutating func end() -> Bool {
    guard state != .ended else { return false }
    state = .ended
    return true
  }

  private func violation(_ type: MessageType, _ txid: WireString, _ payloadSize: Int) -> ProtocolViolation {
    let name = type.name(in: version)
    let text =
      switch version {
      case .v1_4:
        "[\(txid)] Chaincode handler cannot handle message (\(name)) with payload size (\(payloadSize))"
          + " while in state: \(state.rawValue)"
      case .v3_1: "[\(txid)] Chaincode h cannot handle message (\(name)) while in state: \(state.rawValue)"
      }
    return ProtocolViolation(
      receiver: .shim, state: state.rawValue, type: type, txid: txid, description: text)
  }

  /// The table of the machine: what to do with a message of `type` in `state`.
  public static func reaction(in state: State, to type: MessageType) -> Reaction {
    switch state {
    case .created:
      switch type {
      case .registered: return .establish
      case .keepalive: return .echo
      case .undefined, .register, .initialize, .ready, .transaction, .completed, .error, .getState, .putState,
        .delState, .invokeChaincode, .response, .getStateByRange, .getQueryResult, .queryStateNext,
        .queryStateClose, .getHistoryForKey, .getStateMetadata, .putStateMetadata, .getPrivateDataHash,
        .purgePrivateData, .writeBatchState, .getStateMultiple, .unrecognized:
        return .refuseAndEnd
      }
    case .established:
      switch type {
      case .ready: return .becomeReady
      case .keepalive: return .echo
      case .undefined, .register, .registered, .initialize, .transaction, .completed, .error, .getState,
        .putState, .delState, .invokeChaincode, .response, .getStateByRange, .getQueryResult,
        .queryStateNext, .queryStateClose, .getHistoryForKey, .getStateMetadata, .putStateMetadata,
        .getPrivateDataHash, .purgePrivateData, .writeBatchState, .getStateMultiple, .unrecognized:
        return .refuseAndEnd
      }
    case .ready:
      switch type {
      case .response, .error: return .answer
      case .initialize: return .initialize
      case .transaction: return .invoke
      case .keepalive: return .echo
      case .undefined, .register, .registered, .ready, .completed, .getState, .putState, .delState,
        .invokeChaincode, .getStateByRange, .getQueryResult, .queryStateNext, .queryStateClose,
        .getHistoryForKey, .getStateMetadata, .putStateMetadata, .getPrivateDataHash, .purgePrivateData,
        .writeBatchState, .getStateMultiple, .unrecognized:
        return .refuse
      }
    case .ended:
      return .ignore
    }
  }
}
