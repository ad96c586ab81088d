import MessageFSM

/// One launch of a chaincode, shared by all who wait for it (Fabric `chaincode.LaunchState`).
final class LaunchState: Sendable {
  /// Why a launch failed.
  enum Failure: Sendable {
    /// The container could not be started, or not in time.
    case start(HostError)
    /// The container was started, and its chaincode was not accepted or ended before READY.
    case registration(HostError)
  }

  private struct State {
    var isReleased = false
    var isRetiring = false
    /// How many wait, or have waited until the end.
    var callers = 0
  }

  private let promise = Promise<Failure?>()
  private let state = Locked(State())

  /// Whether the chaincode was started and is retired already: whoever needs it starts it again.
  var isReleased: Bool { state.withLock { $0.isReleased } }

  /// Whether somebody waits for it, or has waited for it until its end.
  var isWanted: Bool { state.withLock { $0.callers > 0 } }

  /// Whether the chaincode is to end as soon as nobody needs it.
  var isRetiring: Bool { state.withLock { $0.isRetiring } }

  /// The chaincode is to end as soon as nobody needs it.
  func retire() {
    state.withLock { $0.isRetiring = true }
  }

  /// The chaincode was started, and is retired.
  func release() {
    state.withLock { $0.isReleased = true }
    notify(nil)
  }

  /// The launch has ended; the first call counts.
  func notify(_ failure: Failure?) {
    promise.fulfil(failure)
  }

  /// Somebody needs the chaincode, and is going to wait for it.
  func join() {
    state.withLock { $0.callers += 1 }
  }

  /// Somebody who has joined gives up, and will not call the chaincode.
  func leave() {
    state.withLock { $0.callers -= 1 }
  }

  /// Waits for the end of the launch, each caller with its own deadline.
  ///
  /// `isFirst` says whether the caller began the launch; Fabric tells it the reason without a prefix.
  func wait(
    isFirst: Bool, id: WireString, until deadline: Duration, timers: TimerQueue
  ) async throws(HostError) {
    guard let end = await promise.value(within: deadline - timers.now, timers: timers) else {
      if Task.isCancelled {
        throw HostError(
          .cancelled, "the caller was cancelled while it waited for the start of chaincode \(id)")
      }
      throw HostError(.launchTimedOut, "timeout expired while starting chaincode \(id) for transaction")
    }
    switch end {
    case nil: return
    case .start(let error): throw isFirst ? error : error.wrapped("chaincode registration failed")
    case .registration(let error): throw error.wrapped("chaincode registration failed")
    }
  }
}
