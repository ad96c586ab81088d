/// One transaction as the chaincode sees it: it computes, or one call to the peer waits for its answer.
///
/// The protocol allows one request of a transaction at a time. Fabric's shim refuses a second one ("channel exists"); here it
/// waits for its turn, so that a chaincode may use `async let` and task groups.
public struct ShimTransactionMachine: Sendable, Hashable {
  /// Where the transaction is.
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// No call waits for an answer.
    case computing
    /// One call waits for its answer; others may wait behind it.
    case calling
    /// The chaincode has returned, or the peer does not wait any more.
    case ended
  }

  /// What ``called()`` asks its caller to do.
  public enum CallAction: Sendable, Hashable {
    /// Send the request, and keep who waits for the answer.
    case send
    /// Keep the request; ``answered()`` says when it is its turn.
    case wait
    /// The transaction is over: the call fails.
    case refuse
  }

  /// What ``answered()`` asks its caller to do.
  public enum AnswerAction: Sendable, Hashable {
    /// Give the answer to the call that waits.
    case deliver
    /// Give the answer to the call that waits, and send the request that is next.
    case deliverAndSendNext
    /// Nobody waits: count it, ignore it.
    case surplus
  }

  @usableFromInline var waiting = 0
  @usableFromInline var calling = false
  @usableFromInline var ended = false

  /// A transaction that has just begun.
  @inlinable public init() {}

  /// Where the transaction is now.
  @inlinable public var state: State {
    if ended { return .ended }
    return calling ? .calling : .computing
  }

  /// The chaincode calls the peer.
  @inlinable public mutating func called() -> CallAction {
    if ended { return .refuse }
    if calling {
      waiting += 1
      return .wait
    }
    calling = true
    return .send
  }

  /// RESPONSE or ERROR came.
  @inlinable public mutating func answered() -> AnswerAction {
    guard calling && !ended else { return .surplus }
    if waiting > 0 {
      waiting -= 1
      return .deliverAndSendNext
    }
    calling = false
    return .deliver
  }

  /// The chaincode returned, was given up, or the stream ended: all calls that wait fail.
  ///
  /// False if it had ended before.
  @inlinable public mutating func end() -> Bool {
    guard !ended else { return false }
    ended = true
    return true
  }
}
