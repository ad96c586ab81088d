import Testing

@testable import InprocHost

/// A clock that stands still until the test moves it, and that tells when somebody sleeps.
final class ManualClock: Clock, Sendable {
  struct Instant: InstantProtocol, Sendable {
    let offset: Duration
    func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    func duration(to other: Instant) -> Duration { other.offset - offset }
    static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }

  private struct Sleeper {
    let deadline: Duration
    let wakeUp: Promise<Void>
  }

  private struct Watcher {
    let deadline: Duration
    let seen: Promise<Void>
  }

  private struct State {
    var now = Duration.zero
    var sleepers: [Sleeper] = []
    var watchers: [Watcher] = []
  }

  private let state = Locked(State())

  var now: Instant { state.withLock { Instant(offset: $0.now) } }
  var minimumResolution: Duration { .zero }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    let wakeUp = Promise<Void>()
    let seen = state.withLock { state -> [Promise<Void>] in
      if deadline.offset <= state.now {
        wakeUp.fulfil(())
        return []
      }
      state.sleepers.append(Sleeper(deadline: deadline.offset, wakeUp: wakeUp))
      let seen = state.watchers.filter { $0.deadline == deadline.offset }
      state.watchers.removeAll { $0.deadline == deadline.offset }
      return seen.map(\.seen)
    }
    for promise in seen { promise.fulfil(()) }
    let isAwake = await wakeUp.value() != nil
    state.withLock { state in state.sleepers.removeAll { $0.wakeUp === wakeUp } }
    if !isAwake { throw CancellationError() }
  }

  /// Moves the time on; who sleeps until then, or less, wakes up.
  func advance(by duration: Duration) {
    let due = state.withLock { state -> [Sleeper] in
      state.now += duration
      return state.sleepers.filter { $0.deadline <= state.now }.sorted { $0.deadline < $1.deadline }
    }
    for sleeper in due { sleeper.wakeUp.fulfil(()) }
  }

  /// Waits until somebody sleeps until `deadline`.
  func waitForSleeper(until deadline: Duration) async {
    let seen = Promise<Void>()
    state.withLock { state in
      if state.sleepers.contains(where: { $0.deadline == deadline }) {
        seen.fulfil(())
      } else {
        state.watchers.append(Watcher(deadline: deadline, seen: seen))
      }
    }
    _ = await seen.value()
  }
}
