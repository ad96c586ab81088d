/// The tasks of foreign code that one end of a stream has started: cancelled at its end, waited for within the grace period,
/// then left behind and counted.
final class RunningTasks: Sendable {
  private struct State {
    var tasks: [UInt64: HostTask] = [:]
    var ended: Set<UInt64> = []
    var nextID: UInt64 = 0
    var closed = false
    var emptied: Promise<Void>?
  }

  private let environment: HostEnvironment
  private let state = Locked(State())

  init(environment: HostEnvironment) {
    self.environment = environment
  }

  /// Starts `body` in a task of its own and returns its number; 0 if the end of the stream has come, and `body` does not run then.
  @discardableResult
  func start(_ name: String, _ body: @escaping @Sendable () async -> Void) -> UInt64 {
    let id = state.withLock { state -> UInt64 in
      guard !state.closed else { return 0 }
      state.nextID += 1
      return state.nextID
    }
    guard id != 0 else { return 0 }
    environment.counters.add(.tasksStarted)
    environment.seam?.taskStarts(name)
    let task = HostTask(name, on: environment.configuration.executor) { [self] in
      await body()
      finished(id)
    }
    let cancelled = state.withLock { state -> Bool in
      // The task may have ended before it could be noted.
      guard state.ended.remove(id) == nil else { return false }
      state.tasks[id] = task
      return state.closed
    }
    if cancelled { task.cancel() }
    return id
  }

  /// Asks one task to end.
  func cancel(_ id: UInt64) {
    state.withLock { $0.tasks[id] }?.cancel()
  }

  /// Cancels all tasks and waits until they have ended, at most for the grace period; those that are left are counted as abandoned.
  func close() async {
    let (tasks, emptied) = state.withLock { state -> ([HostTask], Promise<Void>?) in
      state.closed = true
      guard !state.tasks.isEmpty else { return ([], nil) }
      let emptied = state.emptied ?? Promise<Void>()
      state.emptied = emptied
      // In the order in which they were started, so that a run can be repeated.
      return (state.tasks.sorted { $0.key < $1.key }.map(\.value), emptied)
    }
    if environment.performs(.cancelTasks) { for task in tasks { task.cancel() } }
    guard let emptied else { return }
    let grace = environment.configuration.gracePeriod
    if await emptied.value(within: grace, timers: environment.timers) == nil {
      let left = state.withLock { $0.tasks.count }
      environment.counters.add(.tasksAbandoned, left)
    }
  }

  private func finished(_ id: UInt64) {
    environment.counters.add(.tasksEnded)
    let emptied = state.withLock { state -> Promise<Void>? in
      if state.tasks.removeValue(forKey: id) == nil { state.ended.insert(id) }
      return state.tasks.isEmpty ? state.emptied : nil
    }
    if environment.performs(.countTaskEnds) { emptied?.fulfil(()) }
    environment.seam?.taskEnds()
  }
}
