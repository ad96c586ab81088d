import MessageFSM

/// A message loop whose turn senders may take while it waits, so that no task has to wake another for a message.
///
/// What handles a message must come back soon, since nobody else of the stream goes on meanwhile: work that may wait, and all
/// foreign code but a ledger that answers at once, runs in tasks of its own anyway.
enum LentLoop: Sendable {
  /// Handling never suspends, so every sender may do it.
  case immediate(any ImmediateMessageLoop)
  /// Handling is asynchronous, so a sender has to be, too.
  case suspending(any SuspendingMessageLoop)
}

/// A loop that handles a message without suspending.
protocol ImmediateMessageLoop: AnyObject, Sendable {
  /// Does what the loop does with a message; returns why the stream ends, if it does.
  func receive(_ message: ChaincodeMessage) -> HostError?
}

/// A loop that may ask a ledger that answers at once.
protocol SuspendingMessageLoop: AnyObject, Sendable {
  /// Does what the loop does with a message; returns why the stream ends, if it does.
  func receive(_ message: ChaincodeMessage) async -> HostError?
}
