import MessageFSM

/// A request that is served in a task of its transaction.
final class RequestServing: Sendable {
  private let message: ChaincodeMessage
  private let context: TransactionContext
  private let handler: PeerHandler

  init(_ message: ChaincodeMessage, _ context: TransactionContext, handler: PeerHandler) {
    self.message = message
    self.context = context
    self.handler = handler
  }

  func perform() async {
    await handler.serve(message, context, inLoop: false)
  }
}

/// A request that is served in the loop; three words, so that it is handed on without an allocation.
struct LoopRequest: PendingRequest {
  let message: ChaincodeMessage
  let context: TransactionContext
  let handler: PeerHandler

  func serve() async {
    await handler.serve(message, context, inLoop: true)
  }
}
