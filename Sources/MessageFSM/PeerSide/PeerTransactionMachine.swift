/// One transaction as the peer sees it: the chaincode computes, or the peer serves one request of it.
///
/// Fabric's peer drops a second request that comes while one is served; here it waits and is answered in its turn.
public struct PeerTransactionMachine: Sendable, Hashable {
  /// Where the transaction is.
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// The chaincode computes.
    case computing
    /// One request is being served; others may wait behind it.
    case serving
    /// The transaction has its result.
    case ended
  }

  /// What ``requested(_:)`` asks its caller to do.
  public enum RequestAction: Sendable, Hashable {
    /// Serve the request now, then call ``served()``.
    case serve
    /// The request waits for its turn; nothing to do.
    case wait
    /// The transaction is over: answer that there is none.
    case refuse
  }

  /// What ``end()`` asks its caller to do.
  public enum EndAction: Sendable, Hashable {
    /// Close what the transaction holds.
    case close
    /// A request is still being served: close when ``served()`` comes.
    case closeLater
    /// It had ended before; nothing to do.
    case nothing
  }

  /// What ``served()`` asks its caller to do.
  public enum ServedAction: Sendable, Hashable {
    /// Nothing waits.
    case nothing
    /// Serve this request, which has waited for its turn.
    case serve(ChaincodeMessage)
    /// The transaction ended meanwhile: close what it holds, and answer these requests that there is none.
    case close(unserved: [ChaincodeMessage])
  }

  @usableFromInline var waiting: [ChaincodeMessage] = []
  @usableFromInline var serving = false
  @usableFromInline var ended = false

  /// A transaction whose chaincode was just called.
  @inlinable public init() {}

  /// Where the transaction is now.
  @inlinable public var state: State {
    if ended { return .ended }
    return serving ? .serving : .computing
  }

  /// The chaincode made a request.
  @inlinable public mutating func requested(_ message: ChaincodeMessage) -> RequestAction {
    if ended { return .refuse }
    if serving {
      waiting.append(message)
      return .wait
    }
    serving = true
    return .serve
  }

  /// The request that was being served has been answered.
  @inlinable public mutating func served() -> ServedAction {
    if ended {
      serving = false
      defer { waiting = [] }
      return .close(unserved: waiting)
    }
    if waiting.isEmpty {
      serving = false
      return .nothing
    }
    return .serve(waiting.removeFirst())
  }

  /// The transaction got its result, was given up, or the stream ended.
  @inlinable public mutating func end() -> EndAction {
    if ended { return .nothing }
    ended = true
    return serving ? .closeLater : .close
  }
}
