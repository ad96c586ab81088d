public import MessageFSM

/// Which end of a stream.
public enum StreamEnd: String, Sendable, Hashable {
  /// The peer's handler.
  case peer
  /// The chaincode's shim.
  case chaincode
}

/// Sees every message as it is received, right before the receiver handles it.
public protocol MessageObserver: Sendable {
  /// A message was taken from the stream of this chaincode by this end. Called inside the message loop: be quick.
  func received(_ message: ChaincodeMessage, by end: StreamEnd, chaincode: WireString)
}
