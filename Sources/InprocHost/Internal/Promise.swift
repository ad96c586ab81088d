/// A value that comes once, and any number of tasks that wait for it.
package final class Promise<Value: Sendable>: Sendable {
  private struct State {
    var value: Value?
    var waiters: [(id: UInt64, waiter: Suspension<Value?>)] = []
    var nextID: UInt64 = 0
  }

  private let state = Locked(State())

  /// Nothing has come yet.
  package init() {}

  /// The value, if it has come.
  package var current: Value? { state.withLock { $0.value } }

  /// Sets the value; the first one counts.
  ///
  /// False if there was one.
  @discardableResult
  package func fulfil(_ value: Value) -> Bool {
    let waiters = state.withLock { state -> [Suspension<Value?>]? in
      guard state.value == nil else { return nil }
      state.value = value
      defer { state.waiters = [] }
      return state.waiters.map { $0.waiter }
    }
    guard let waiters else { return false }
    for waiter in waiters { waiter.resume(value) }
    return true
  }

  /// The value.
  ///
  /// Returns when it has come; `nil` when the waiting task is cancelled before.
  package func value() async -> Value? {
    await wait(nil)
  }

  /// The value.
  ///
  /// Returns when it has come; `nil` when `timeout` has passed or the waiting task is cancelled before.
  func value(within timeout: Duration, timers: TimerQueue) async -> Value? {
    await wait((timeout, timers))
  }

  private func wait(_ limit: (timeout: Duration, timers: TimerQueue)?) async -> Value? {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    let timer = limit.map { limit in
      limit.timers.schedule(after: limit.timeout, PromiseTimeout { [weak self] in self?.giveUp(id) })
    }
    defer { if let timer { limit?.timers.cancel(timer) } }
    return await suspend { (waiter: Suspension<Value?>) -> Value?? in
      state.withLock { state -> Value?? in
        if let value = state.value { return .some(value) }
        // The timer or the cancellation may have come before the task waited.
        if Task.isCancelled || timer.map({ limit?.timers.hasFired($0) ?? false }) ?? false {
          return .some(nil)
        }
        state.waiters.append((id, waiter))
        return nil
      }
    } onCancel: {
      giveUp(id)
    }
  }

  private func giveUp(_ id: UInt64) {
    let waiter = state.withLock { state -> Suspension<Value?>? in
      guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
      return state.waiters.remove(at: index).waiter
    }
    waiter?.resume(nil)
  }
}

private final class PromiseTimeout: TimerTarget {
  private let action: @Sendable () -> Void

  init(_ action: @escaping @Sendable () -> Void) {
    self.action = action
  }

  func timerFired() { action() }
}
