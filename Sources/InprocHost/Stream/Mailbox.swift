import MessageFSM

/// One direction of a stream: first in, first out, many senders, one receiver.
///
/// An `AsyncStream` from `makeStream` costs 650 ns per `next` even when something is buffered; this costs a lock. It is what
/// is behind ``InprocStream/incoming``, and the message loops drain it directly.
final class Mailbox: Sendable {
  private struct State {
    var messages: [ChaincodeMessage] = []
    var finished = false
    var receiver: Suspension<Void>?
  }

  private let state = Locked(State())

  /// Puts `message` at the end; false if the mailbox is finished, and then the message is not kept.
  func send(_ message: ChaincodeMessage) -> Bool {
    let (accepted, receiver) = state.withLock { state -> (Bool, Suspension<Void>?) in
      guard !state.finished else { return (false, nil) }
      state.messages.append(message)
      return (true, state.receiver.take())
    }
    receiver?.resume(())
    return accepted
  }

  /// Nothing can be sent any more; what was sent before is still received.
  ///
  /// May be called more than once.
  func finish() {
    let receiver = state.withLock { state in
      state.finished = true
      return state.receiver.take()
    }
    receiver?.resume(())
  }

  /// Moves all messages there are into `buffer`, which must be empty, and waits for one if there is none.
  ///
  /// Returns false when the mailbox is finished and empty. The buffer's storage is handed back and forth, so that a steady
  /// traffic allocates nothing.
  func receive(into buffer: inout [ChaincodeMessage]) async -> Bool {
    while true {
      if let open = takeAll(into: &buffer) { return open }
      await suspend { receiver in
        state.withLock { state in
          guard state.messages.isEmpty && !state.finished else { return () }
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
      await withTaskCancellationHandler {
        await suspend { receiver in
          state.withLock { state in
            guard state.messages.isEmpty && !state.finished && !Task.isCancelled else { return () }
            state.receiver = receiver
            return nil
          }
        }
      } onCancel: {
        state.withLock { $0.receiver.take() }?.resume(())
      }
      if Task.isCancelled { return nil }
    }
  }
}
