import MessageFSM

/// A call of one chaincode by another whose end no task waits for: the caller gets its answer when the callee's transaction ends.
final class ChaincodeCall: Sendable {
  /// The INVOKE_CHAINCODE.
  let message: ChaincodeMessage
  /// The transaction that calls.
  let caller: TransactionContext
  private let handler: PeerHandler

  init(_ message: ChaincodeMessage, from caller: TransactionContext, at handler: PeerHandler) {
    self.message = message
    self.caller = caller
    self.handler = handler
  }

  /// The callee's transaction has ended there.
  func ended(_ outcome: TransactionContext.Outcome, at callee: PeerHandler) {
    handler.calleeEnded(self, outcome, at: callee)
  }
}
