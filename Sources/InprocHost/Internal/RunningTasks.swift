/// What a task of foreign code does.
///
/// The kinds that there are, by name: a call of a closure, a protocol or a generic parameter makes the task look for its executor.
enum HostWork: Sendable {
  /// Runs a chaincode.
  case transaction(ShimTransaction, at: ShimHandler)
  /// Answers a request of a chaincode.
  case request(RequestServing)
  /// Asks the embedder.
  case question(@Sendable () async -> Void)

  /// Does the work.
  ///
  /// The task may be used again when it returns.
  @inline(__always)
  func perform() async {
    switch self {
    case .transaction(let transaction, let handler): await handler.perform(transaction)
    case .request(let request): await request.perform()
    case .question(let body): await body()
    }
  }
}

/// The tasks of foreign code that one end of a stream has started: cancelled at its end, waited for within the grace period,
/// then left behind and counted.
///
/// A task that has done its work waits for more, since to make one costs as much as the rest of a small transaction. A task that
/// was cancelled, by whomever, is not used again, so that a cancellation ends with the work that it was meant for.
final class RunningTasks: Sendable {
  /// How many tasks of one end wait for work at most; what is beyond ends, so that a burst leaves no more than this.
  private static var idleMax: Int { 256 }

  /// One task and the work that it has now.
  private struct Slot {
    /// Which work it is, counted; 0 when there is none.
    var generation: UInt64 = 0
    var isRunning = false
    var isCancelled = false
    /// Which task the slot belongs to, counted.
    var owner: UInt64 = 0
    /// `nil` until the task that was started is noted.
    var task: HostTask?
  }

  private struct State {
    var slots: [Slot] = []
    var free: [Int] = []
    /// The tasks that wait for work, by slot.
    var idle: [(slot: Int, waiter: Suspension<HostWork?>)] = []
    var runningCount = 0
    var closed = false
    var emptied: Promise<Void>?

    /// Begins work in a slot and returns its number.
    mutating func begin(in slot: Int) -> UInt64 {
      slots[slot].generation &+= 1
      slots[slot].isRunning = true
      runningCount += 1
      return slots[slot].generation << 24 | UInt64(slot)
    }

    /// The slot of work that has not ended.
    func slot(of id: UInt64) -> Int? {
      let slot = Int(id & 0xFF_FFFF)
      guard slots.indices.contains(slot), slots[slot].isRunning, slots[slot].generation == id >> 24 else {
        return nil
      }
      return slot
    }
  }

  private enum Start {
    case refused
    case inIdleTask(UInt64, Suspension<HostWork?>)
    case inNewTask(UInt64, slot: Int, owner: UInt64)
  }

  private let environment: HostEnvironment
  private let counters: HostCounters
  private let state = Locked(State())

  init(environment: HostEnvironment) {
    self.environment = environment
    self.counters = environment.counters
  }

  /// Starts `work` in a task of its own and returns its number; 0 if the end of the stream has come, and nothing is done then.
  @discardableResult
  func start(_ name: @autoclosure () -> String, _ work: consuming HostWork) -> UInt64 {
    let start = state.withLock { state -> Start in
      guard !state.closed else { return .refused }
      if let (slot, waiter) = state.idle.popLast() { return .inIdleTask(state.begin(in: slot), waiter) }
      let slot: Int
      if let free = state.free.popLast() {
        slot = free
      } else {
        slot = state.slots.count
        state.slots.append(Slot())
      }
      state.slots[slot].owner &+= 1
      return .inNewTask(state.begin(in: slot), slot: slot, owner: state.slots[slot].owner)
    }
    switch start {
    case .refused: return 0
    case .inIdleTask(let id, let waiter):
      counters.add(.tasksStarted)
      waiter.resume(work)
      return id
    case .inNewTask(let id, let slot, let owner):
      counters.add(.tasksStarted)
      let name = name()
      environment.seam?.taskStarts(name)
      let task = HostTask(name, on: environment.configuration.executor) { [self, work] in
        await run(work, in: slot)
      }
      note(task, in: slot, owner: owner)
      return id
    }
  }

  /// Keeps a task that was started, so that it can be cancelled; it may be cancelled, or have ended, already.
  private func note(_ task: HostTask, in slot: Int, owner: UInt64) {
    let isCancelled = state.withLock { state in
      guard state.slots[slot].owner == owner else { return false }
      state.slots[slot].task = task
      return state.slots[slot].isRunning && (state.closed || state.slots[slot].isCancelled)
    }
    if isCancelled { task.cancel() }
  }

  /// Asks one task to end.
  func cancel(_ id: UInt64) {
    let task = state.withLock { state -> HostTask? in
      guard let slot = state.slot(of: id) else { return nil }
      state.slots[slot].isCancelled = true
      return state.slots[slot].task
    }
    task?.cancel()
  }

  /// Cancels all tasks and waits until they have ended, at most for the grace period; those that are left are counted as abandoned.
  func close() async {
    let (tasks, idle, emptied) = state.withLock {
      state -> ([HostTask], [Suspension<HostWork?>], Promise<Void>?) in
      state.closed = true
      let idle = state.idle.map { $0.waiter }
      state.idle = []
      guard state.runningCount > 0 else { return ([], idle, nil) }
      let emptied = state.emptied ?? Promise<Void>()
      state.emptied = emptied
      // In the order of the slots, so that a run can be repeated.
      return (state.slots.filter(\.isRunning).compactMap(\.task), idle, emptied)
    }
    for waiter in idle { waiter.resume(nil) }
    if environment.performs(.cancelTasks) { for task in tasks { task.cancel() } }
    guard let emptied else { return }
    let grace = environment.configuration.gracePeriod
    if await emptied.value(within: grace, timers: environment.timers) == nil {
      let left = state.withLock { $0.runningCount }
      counters.add(.tasksAbandoned, left)
    }
  }

  /// What a task does: its work, and more work as long as there is some and it was not cancelled.
  private func run(_ first: HostWork, in slot: Int) async {
    var work = first
    while true {
      await work.perform()
      counters.add(.tasksEnded)
      guard let next = await next(in: slot) else { break }
      work = next
    }
    environment.seam?.taskEnds()
  }

  /// Ends the work in a slot and waits for more; `nil` when the task shall end.
  @inline(__always)
  private func next(in slot: Int) async -> HostWork? {
    await suspend { waiter in end(in: slot, waiter) ? nil : .some(nil) }
  }

  /// Ends the work in a slot; whether its task stays, and `waiter` gets more work, or `nil` at the end of the stream.
  private func end(in slot: Int, _ waiter: Suspension<HostWork?>) -> Bool {
    // Foreign code can cancel the task that it runs in, too.
    let isCancelled = Task.isCancelled
    let (stays, emptied) = state.withLock { state -> (Bool, Promise<Void>?) in
      state.slots[slot].isRunning = false
      state.runningCount -= 1
      let isOfUse = !isCancelled && !state.slots[slot].isCancelled
      let stays = !state.closed && isOfUse && state.idle.count < Self.idleMax
      if stays {
        state.idle.append((slot, waiter))
      } else {
        state.slots[slot].task = nil
        state.slots[slot].isCancelled = false
        state.free.append(slot)
      }
      return (stays, state.runningCount == 0 ? state.emptied : nil)
    }
    if environment.performs(.countTaskEnds) { emptied?.fulfil(()) }
    return stays
  }
}
