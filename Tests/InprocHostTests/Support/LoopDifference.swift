/// Where this host differs from Fabric in the loop tables: the rows of DESIGN §4, and what cannot be said here.
enum LoopDifference: String, Hashable, Sendable, CaseIterable {
  /// The case is Fabric's.
  case equal
  /// Before ready, a message that is not the handshake's next: answered ERROR, then the stream ends, a launch fails at once.
  case beforeReady
  /// A REGISTER that is unreadable, nameless, unsolicited or duplicate: answered, the stream ends, the first is untouched.
  case refusedRegistration
  /// Peer, ready: a type that is not for it is answered ERROR, at most its transaction fails, the stream goes on.
  case peerViolation
  /// Shim, ready: likewise, with the channel id.
  case shimViolation
  /// An answer that nobody waits for is counted and ignored.
  case surplus
  /// A second request of a transaction while one is open waits for its turn.
  case queued
  /// Channel and txid are a pair.
  case pairOfKeys
  /// When a stream ends, whatever waits on either side is answered at once, with one text.
  case streamEnd
  /// A Go channel that cannot take a message, or gives nil: our streams cannot do that.
  case notExpressible
}
