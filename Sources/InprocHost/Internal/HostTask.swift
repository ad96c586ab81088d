/// A task outside of the structure, for foreign code that may never come back.
///
/// The only place of the package that makes such a task, always with the host's executor. Everything else is a child of
/// ``ChaincodeHost/run()``. Foreign code is a chaincode's `initialize` and `invoke`, and a ledger or lifecycle that waits: none may
/// hold up the end of a transaction or of the host, so its task can be left behind. The one other use is ``shielded(_:on:_:)``.
package struct HostTask: Sendable {
  private let task: Task<Void, Never>

  /// Starts `body` on `executor`, or on the global pool if there is none.
  ///
  /// Detached: whoever happens to start it, a client or a loop, hands on neither priority nor task-local values.
  package init(
    _ name: String, on executor: (any TaskExecutor)?, _ body: @escaping @Sendable () async -> Void
  ) {
    self.task = Task.detached(name: name, executorPreference: executor) { await body() }
  }

  /// Asks the task to end; it may ignore that.
  package func cancel() {
    task.cancel()
  }

  /// Runs `body` in a task that the cancellation of the caller's does not reach.
  ///
  /// Returns when `body` has.
  static func shielded(
    _ name: String, on executor: (any TaskExecutor)?, _ body: @escaping @Sendable () async -> Void
  ) async {
    await suspend { (waiter: Suspension<Void>) in
      _ = HostTask(name, on: executor) {
        await body()
        waiter.resume(())
      }
      return nil
    }
  }
}
