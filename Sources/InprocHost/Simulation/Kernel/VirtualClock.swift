/// A clock that stands still until it is told to move, for tests and simulation.
///
/// Its time begins at zero. Whoever sleeps is woken when the time is moved to his deadline or past it: those whose deadline is
/// earlier first, of one deadline in the order in which they went to sleep. A sleep whose task is cancelled ends at once with
/// `CancellationError`.
///
/// ```swift
/// let clock = VirtualClock()
/// async let slept: Void = clock.sleep(for: .seconds(3600))
/// clock.advance(by: .seconds(3600))
/// ```
public final class VirtualClock: Clock, Sendable {
  /// A point in virtual time.
  public struct Instant: InstantProtocol, Sendable {
    /// The time since the clock's beginning.
    public let offset: Duration

    /// The point in time at this distance from the clock's beginning.
    public init(offset: Duration) {
      self.offset = offset
    }

    /// The point in time that is later by `duration`.
    public func advanced(by duration: Duration) -> Instant {
      Instant(offset: offset + duration)
    }

    /// The time from here to `other`.
    public func duration(to other: Instant) -> Duration {
      other.offset - offset
    }

    /// Whether `left` is earlier.
    public static func < (left: Instant, right: Instant) -> Bool {
      left.offset < right.offset
    }
  }

  private struct Sleeper {
    let id: UInt64
    let deadline: Instant
    /// Resumed with whether the time came; otherwise the task was cancelled.
    let suspension: Suspension<Bool>
  }

  private struct State {
    var now = Instant(offset: .zero)
    var nextID: UInt64 = 0
    /// In the order of the deadlines, of one deadline in the order of going to sleep.
    var sleepers: [Sleeper] = []
  }

  private let state = Locked(State())

  /// A clock at time zero.
  public init() {}

  /// The virtual time.
  public var now: Instant { state.withLock { $0.now } }

  /// The smallest step; virtual time has none.
  public var minimumResolution: Duration { .zero }

  /// When the next sleeper is to be woken; `nil` if nobody sleeps.
  public var nextDeadline: Instant? { state.withLock { $0.sleepers.first?.deadline } }

  /// Waits until the time was moved to `deadline` or past it.
  ///
  /// - Throws: `CancellationError` when the task is cancelled.
  public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    let isDue = await suspend { suspension in
      state.withLock { state -> Bool? in
        if Task.isCancelled { return false }
        if deadline <= state.now { return true }
        let before = state.sleepers.lastIndex { $0.deadline <= deadline }
        let place = before.map { $0 + 1 } ?? state.sleepers.startIndex
        state.sleepers.insert(Sleeper(id: id, deadline: deadline, suspension: suspension), at: place)
        return nil
      }
    } onCancel: {
      let sleeper = state.withLock { state in
        state.sleepers.firstIndex { $0.id == id }.map { state.sleepers.remove(at: $0) }
      }
      sleeper?.suspension.resume(false)
    }
    if !isDue { throw CancellationError() }
  }

  /// Moves the time on and wakes everybody whose deadline was reached.
  public func advance(by duration: Duration) {
    advance(to: now.advanced(by: duration))
  }

  /// Moves the time on to `instant` and wakes everybody whose deadline was reached; never moves it back.
  public func advance(to instant: Instant) {
    let due = state.withLock { state -> [Sleeper] in
      state.now = max(state.now, instant)
      let due = state.sleepers.prefix { $0.deadline <= state.now }
      state.sleepers.removeFirst(due.count)
      return Array(due)
    }
    for sleeper in due { sleeper.suspension.resume(true) }
  }

  /// Moves the time on to the next deadline and wakes those who sleep until then; false if nobody sleeps.
  ///
  /// To run until idle, call it whenever there is nothing else to run.
  public func advanceToNextDeadline() -> Bool {
    guard let next = nextDeadline else { return false }
    advance(to: next)
    return true
  }
}
