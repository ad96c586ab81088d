import MessageFSM

/// A message loop whose turn senders may take while it waits, so that no task has to wake another for a message.
///
/// What handles a message must come back soon, since nobody else of the stream goes on meanwhile: work that may wait, and all
/// foreign code but a ledger that answers at once, runs in tasks of its own anyway.
enum LentLoop: Sendable {
  /// Handling never suspends, so every sender may do it.
  case immediate(any ImmediateMessageLoop)
  /// Handling may have to go on asynchronously, so a sender has to be able to, too.
  case suspending(any SuspendingMessageLoop)

  /// Whether handling may have to go on asynchronously.
  var suspends: Bool {
    switch self {
    case .immediate: false
    case .suspending: true
    }
  }
}

/// A loop that handles a message without suspending.
protocol ImmediateMessageLoop: AnyObject, Sendable {
  /// Does what the loop does with a message; returns why the stream ends, if it does.
  func receive(_ message: ChaincodeMessage) -> HostError?
}

/// A loop that may ask a ledger that answers at once, but by asynchronous methods.
protocol SuspendingMessageLoop: AnyObject, Sendable {
  /// Does what the loop does with a message, as far as that needs no asynchronous call.
  func receive(_ message: ChaincodeMessage) -> Reception
}

/// What became of a message that a loop has received.
enum Reception: Sendable {
  /// It is handled; the stream ends if there is a reason.
  case handled(HostError?)
  /// ``PendingRequest/serve()`` has to be called before the loop goes on.
  case serves(any PendingRequest)
}

/// A request that a loop has taken and that is to be answered in the loop.
protocol PendingRequest: Sendable {
  /// Answers it.
  func serve() async
}
