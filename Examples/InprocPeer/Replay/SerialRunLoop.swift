package import InprocHost

/// Runs tasks on the thread that calls ``run(_:)``, one job after another in the order in which they became ready.
///
/// When no job is ready the virtual clock is moved to the next sleeper, so that time-outs cost no time. When nobody sleeps either
/// and the work has not ended, it never will: that is an error, not a hang.
package final class SerialRunLoop: TaskExecutor, Sendable {
  /// The work waits for something that nobody will do.
  package struct Stuck: Error, Sendable, CustomStringConvertible {
    package var description: String {
      "stuck: nothing is ready to run, nobody sleeps, and the work has not ended"
    }
  }

  package let clock = VirtualClock()
  private let ready = Locked<[UnownedJob]>([])

  package init() {}

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    ready.withLock { $0.append(job) }
  }

  /// Runs `body`, and everything that it starts, to the end.
  ///
  /// - Throws: what `body` throws, or ``Stuck``.
  package func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) throws -> Result {
    let outcome = Outcome<Result>()
    _ = HostTask("replay", on: self) {
      let result: Swift.Result<Result, any Error>
      do {
        result = .success(try await body())
      } catch {
        result = .failure(error)
      }
      outcome.result.withLock { $0 = result }
    }
    drain()
    guard let result = outcome.result.withLock({ $0 }) else { throw Stuck() }
    return try result.get()
  }

  /// Runs jobs and moves the time until nothing is ready and nobody sleeps.
  private func drain() {
    while true {
      let jobs = ready.withLock { ready in
        defer { ready.removeAll(keepingCapacity: true) }
        return ready
      }
      for job in jobs { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
      if jobs.isEmpty && !clock.advanceToNextDeadline() { return }
    }
  }
}

/// What came of the work, once it has ended.
private final class Outcome<Value: Sendable>: Sendable {
  let result = Locked<Result<Value, any Error>?>(nil)
}
