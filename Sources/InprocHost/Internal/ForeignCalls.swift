import MessageFSM

/// The questions to foreign code that is not a chaincode's: a ledger that makes a simulator, a lifecycle that looks for a definition.
///
/// Each is asked in a task that can be left behind, so that whoever asks has an answer in time: the other's, or that the deadline has
/// passed, the caller was cancelled, or the host stops.
final class ForeignCalls: Sendable {
  private struct State {
    var open: [(id: UInt64, stop: @Sendable () -> Void)] = []
    var nextID: UInt64 = 0
    var closed = false
  }

  private let environment: HostEnvironment
  private let tasks: RunningTasks
  private let state = Locked(State())

  init(environment: HostEnvironment) {
    self.environment = environment
    self.tasks = RunningTasks(environment: environment)
  }

  /// Asks.
  ///
  /// - Parameters:
  ///   - subject: what is asked for, such as `a simulator of channel ch1`.
  ///   - deadline: until when, in the host's time.
  ///   - atOnce: whether whoever is asked never waits, so that nothing has to be bounded.
  ///   - late: what is done with an answer that comes when nobody waits for it any more.
  ///   - body: the question.
  /// - Throws: ``TransactionError`` if no answer has come when the deadline passes, the caller is cancelled, or the host stops.
  /// - Returns: what the foreign code has returned or thrown.
  func ask<Answer: Sendable>(
    _ subject: @autoclosure () -> String, until deadline: Duration, atOnce: Bool = false,
    late: @escaping @Sendable (Answer) -> Void = { _ in },
    _ body: @escaping @Sendable () async throws -> Answer
  ) async throws(TransactionError) -> Result<Answer, any Error> {
    if atOnce {
      do {
        return .success(try await body())
      } catch {
        return .failure(error)
      }
    }
    let subject = subject()
    // `nil` is the end of the host.
    let answered = Promise<Result<Answer, any Error>?>()
    guard let id = begin({ answered.fulfil(nil) }) else { throw stopped(subject) }
    defer { end(id) }
    let task = tasks.start(
      subject,
      .question {
        let answer: Result<Answer, any Error>
        do {
          answer = .success(try await body())
        } catch {
          answer = .failure(error)
        }
        if !answered.fulfil(answer), case .success(let answer) = answer { late(answer) }
      })
    guard task != 0 else { throw stopped(subject) }
    let timers = environment.timers
    if await answered.value(within: deadline - timers.now, timers: timers) == nil {
      // From now on the answer is late, unless it has come in this moment.
      answered.fulfil(nil)
    }
    if case .some(.some(let answer)) = answered.current { return answer }
    tasks.cancel(task)
    if Task.isCancelled {
      throw TransactionError(
        .cancelled, "the caller was cancelled while the transaction waited for \(subject)", waitedFor: subject
      )
    }
    if state.withLock({ $0.closed }) { throw stopped(subject) }
    environment.counters.add(.deadlinesExceeded)
    throw TransactionError(
      .deadlineExceeded, "timeout expired while executing transaction", waitedFor: subject)
  }

  private func stopped(_ subject: String) -> TransactionError {
    TransactionError(.stopped, "the host has stopped", waitedFor: subject)
  }

  private func begin(_ stop: @escaping @Sendable () -> Void) -> UInt64? {
    state.withLock { state in
      guard !state.closed else { return nil }
      state.nextID += 1
      state.open.append((state.nextID, stop))
      return state.nextID
    }
  }

  private func end(_ id: UInt64) {
    state.withLock { state in state.open.removeAll { $0.id == id } }
  }

  /// The host stops: whoever waits goes on at once, and nobody asks any more.
  func stop() {
    let open = state.withLock { state in
      state.closed = true
      return state.open
    }
    for call in open { call.stop() }
  }

  /// Waits until all that was asked has ended, at most for the grace period.
  func close() async {
    stop()
    await tasks.close()
  }
}
