/// The embedder's clock, read as the time since the host was made, so that instants need no type.
struct HostClock: Sendable {
  /// The time since the host was made.
  let now: @Sendable () -> Duration
  /// Waits until that time; throws when the task is cancelled.
  let sleep: @Sendable (_ until: Duration) async throws -> Void

  init<C: Clock>(_ clock: C) where C.Duration == Duration {
    if let clock = clock as? ContinuousClock {
      // The same as below, but read without looking up what kind of clock it is: it is read for every transaction.
      let start = clock.now
      self.now = { start.duration(to: ContinuousClock.now) }
      self.sleep = { try await clock.sleep(until: start.advanced(by: $0), tolerance: nil) }
      return
    }
    let start = clock.now
    self.now = { start.duration(to: clock.now) }
    self.sleep = { try await clock.sleep(until: start.advanced(by: $0), tolerance: nil) }
  }
}
