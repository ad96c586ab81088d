import MessageFSM

/// One direction of a stream: first in, first out, many senders, one receiver.
///
/// An `AsyncStream` from `makeStream` costs 650 ns per `next` even when something is buffered; this costs a lock. It is what
/// is behind ``InprocStream/incoming``, and the message loops drain it directly.
///
/// A loop that waits for a message can be borrowed: a sender that finds nothing queued takes the loop's turn, handles its message
/// as the loop would, and gives the turn back. There is still one who handles messages at any time, and they are handled in the
/// order in which they were sent; but neither task has to wake the other.
final class Mailbox: Sendable {
  private struct State {
    var messages: [ChaincodeMessage] = []
    var finished = false
    var receiver: Suspension<Void>?
    /// The receiver, if it lends its turns.
    var loop: LentLoop?
    /// Why the loop has to end, when whoever borrowed its turn found out.
    var verdict: HostError?
  }

  /// The right to handle one message in the place of the loop that waits.
  ///
  /// It has to be given back.
  struct Turn: Sendable {
    fileprivate let receiver: Suspension<Void>
  }

  /// What becomes of a message.
  enum Offer: Sendable {
    /// It is at the end of the mailbox.
    case queued
    /// The mailbox is finished; the message is not kept.
    case finished
    /// The sender has the turn to handle it in this loop, and gives it back then.
    ///
    /// Beside the turn and not inside of it: each copy counts a reference.
    case borrowed(LentLoop, Turn)
  }

  private let state = Locked(State())

  /// Lends the turns of the receiver's loop from now on, until the mailbox is finished.
  func lend(_ loop: LentLoop) {
    state.withLock { state in
      if !state.finished { state.loop = loop }
    }
  }

  /// Gives the turn of a loop that waits, or puts `message` at the end.
  ///
  /// - Parameters:
  ///   - message: what is sent.
  ///   - suspends: whether the sender can take the turn of a loop that may suspend.
  /// - Returns: what becomes of the message.
  func offer(_ message: ChaincodeMessage, suspends: Bool) -> Offer {
    let (offer, receiver) = state.withLock { state -> (Offer, Suspension<Void>?) in
      guard !state.finished else { return (.finished, nil) }
      // A receiver that waits has found the mailbox empty, so nothing is overtaken.
      if let receiver = state.receiver.take() {
        if let loop = state.loop, suspends || !loop.suspends {
          return (.borrowed(loop, Turn(receiver: receiver)), nil)
        }
        state.messages.append(message)
        return (.queued, receiver)
      }
      state.messages.append(message)
      return (.queued, nil)
    }
    receiver?.resume(())
    return offer
  }

  /// Ends a turn.
  ///
  /// The receiver goes on waiting if nothing has come meanwhile; with a verdict its loop ends.
  func giveBack(_ turn: Turn, verdict: HostError?) {
    let wakes = state.withLock { state in
      if let verdict { state.verdict = verdict }
      guard state.messages.isEmpty && !state.finished && state.verdict == nil else { return true }
      state.receiver = turn.receiver
      return false
    }
    if wakes { turn.receiver.resume(()) }
  }

  /// Why the loop has to end, if whoever borrowed its turn has found a reason.
  var verdict: HostError? { state.withLock { $0.verdict } }

  /// Nothing can be sent any more; what was sent before is still received.
  ///
  /// May be called more than once.
  func finish() {
    let receiver = state.withLock { state in
      state.finished = true
      // The loop owns the stream, so that one of them has to let go.
      state.loop = nil
      return state.receiver.take()
    }
    receiver?.resume(())
  }

  /// Moves all messages there are into `buffer`, which must be empty, and waits for one if there is none.
  ///
  /// Returns false when the mailbox is finished and empty, or there is a verdict. The buffer's storage is handed back and forth, so that a steady
  /// traffic allocates nothing.
  func receive(into buffer: inout [ChaincodeMessage]) async -> Bool {
    while true {
      if let open = takeAll(into: &buffer) { return open }
      await suspend { receiver in
        state.withLock { state in
          guard state.messages.isEmpty && !state.finished && state.verdict == nil else { return () }
          state.receiver = receiver
          return nil
        }
      }
    }
  }

  /// Whether there was something, or will be nothing; `nil` if one has to wait.
  private func takeAll(into buffer: inout [ChaincodeMessage]) -> Bool? {
    var taken = buffer
    buffer = []
    let open = state.withLock { state -> Bool? in
      if state.verdict != nil { return false }
      if state.messages.isEmpty { return state.finished ? false : nil }
      swap(&state.messages, &taken)
      return true
    }
    buffer = taken
    return open
  }

  /// The next message; `nil` when the mailbox is finished and empty, or when the task is cancelled.
  func next() async -> ChaincodeMessage? {
    while true {
      let (message, waits) = state.withLock { state -> (ChaincodeMessage?, Bool) in
        if state.messages.isEmpty { return (nil, !state.finished) }
        return (state.messages.removeFirst(), false)
      }
      if !waits { return message }
      await suspend { receiver in
        state.withLock { state in
          guard state.messages.isEmpty && !state.finished && !Task.isCancelled else { return () }
          state.receiver = receiver
          return nil
        }
      } onCancel: {
        state.withLock { $0.receiver.take() }?.resume(())
      }
      if Task.isCancelled { return nil }
    }
  }
}
