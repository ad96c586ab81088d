import Foundation

/// Runs tasks on the thread that calls ``run(afterStep:atIdle:_:)``, one job after another, in an order that a seed decides.
///
/// It is the executor of everything that is simulated, and the only place where a choice is made: which of the ready jobs comes
/// next, and whether a timer fires although jobs are ready. The same seed makes the same choices, in every process. Any number
/// of simulators can be at work at the same time, each on its own thread.
///
/// Structured tasks stay on it by themselves. `Task {}`, `Task.detached`, the main actor and threads do not: what comes back from
/// there is an *escape*, and the run ends with a failure that says so.
public final class Simulator: TaskExecutor, Sendable {
  /// How a simulator decides.
  public struct Options: Sendable {
    /// What all decisions depend on.
    public var seed: UInt64
    /// How jobs are chosen.
    public var strategy: SimulationStrategy
    /// In how many of 64 steps the earliest timer fires although jobs are ready.
    public var timePressure: Int
    /// After how many steps a run counts as endless.
    public var stepLimit: Int
    /// About how many steps a run has, for strategies that spread a few changes over a run.
    public var expectedSteps = 600
    /// Whether every step is kept, for a report.
    public var recordsSteps: Bool

    /// These options.
    public init(
      seed: UInt64, strategy: SimulationStrategy = .keyed, timePressure: Int = 0, stepLimit: Int = 200_000,
      recordsSteps: Bool = false
    ) {
      self.seed = seed
      self.strategy = strategy
      self.timePressure = timePressure
      self.stepLimit = stepLimit
      self.recordsSteps = recordsSteps
    }
  }

  /// How a run ended.
  public enum End: Sendable, Hashable {
    /// The work has ended, and nothing is left to run.
    case finished
    /// The work waits for something that nobody will do; the names are those of the tasks that have not ended.
    case deadlock([String])
    /// The step limit was reached; the names are those of the tasks that ran last.
    case livelock([String])
    /// A task was resumed by another thread than the simulator's.
    case escape([String])
    /// A step has come back only after a ``SimulationWatchdog`` had given it up; the name is the task's.
    case blocked(String)
    /// ``run(afterStep:atIdle:_:)`` was told to stop.
    case stopped
  }

  /// One step of a run.
  public struct Step: Sendable, Hashable {
    /// The task that ran; empty when the time was moved.
    public let task: String
    /// How many jobs were ready.
    public let ready: Int
    /// The virtual time.
    public let time: Duration
    /// Whether nothing was ready before it until the time had moved on.
    public let isAfterIdle: Bool
    /// Whether there was a host that the schedule could have stopped.
    public let mayStop: Bool
  }

  private struct State {
    var tasks: SimulatorTasks
    var ready: [ReadyJob] = []
    var inbox: [UnownedJob] = []
    var pauses: [(step: Int, order: Int, waiter: Suspension<Void>)] = []
    var steps = 0
    var pauseOrder = 0
    var hash: UInt64 = 0
    var departures: [Schedule.Departure] = []
    var trace: [Step] = []
    var thread: pthread_t?
    var chooser: ScheduleChooser
    var root: HostTask?
    /// What a stop does; `nil` when there is nothing to stop, or no more.
    var stop: (@Sendable () async -> Void)?
    var isStopping = false
    var isAfterIdle = false
    /// The task whose step a watchdog has given up.
    var blocked: String?
    /// Itself, once jobs were left that refer to it.
    var kept: Simulator?

    mutating func note(task: String, time: Duration) {
      trace.append(
        Step(task: task, ready: ready.count, time: time, isAfterIdle: isAfterIdle, mayStop: stop != nil))
      isAfterIdle = false
    }

    mutating func takeDuePauses() -> [Suspension<Void>] {
      let limit = steps
      guard pauses.contains(where: { $0.step <= limit }) else { return [] }
      let due = pauses.filter { $0.step <= limit }.sorted { $0 < $1 }.map { $0.waiter }
      pauses.removeAll { $0.step <= limit }
      return due
    }
  }

  private enum Decision {
    case run(ReadyJob)
    case time
    case nothing
  }

  /// The time of everything that is simulated.
  public let clock = VirtualClock()
  /// How it decides.
  public let options: Options
  private let stop: Schedule.Departure?
  private let state: Locked<State>

  /// A simulator that has run nothing yet.
  public init(_ options: Options) {
    self.options = options
    if case .replay(let schedule) = options.strategy { self.stop = schedule.stop } else { self.stop = nil }
    self.state = Locked(
      State(tasks: SimulatorTasks(seed: options.seed), chooser: ScheduleChooser(options)))
  }

  // MARK: What a run came to

  /// How many choices were made.
  public var steps: Int { state.withLock { $0.steps } }

  /// A number for the whole course of the run; equal for equal runs, in every process.
  public var traceHash: UInt64 { state.withLock { $0.hash } }

  /// The choices, as a schedule that can be replayed.
  public var schedule: Schedule { state.withLock { Schedule($0.departures) } }

  /// The steps, if ``Options/recordsSteps`` is set.
  public var trace: [Step] { state.withLock { $0.trace } }

  /// The names of the tasks that have not ended, as far as that is known, those that ran last first.
  public var openTasks: [String] {
    state.withLock { state in
      state.tasks.all.filter { !$0.ended }.sorted { $0.lastStep > $1.lastStep }.map(\.name)
    }
  }

  /// How many choices were made, and whose step goes on now, if one does.
  var position: (steps: Int, task: String?) {
    state.withLock { state in
      (state.steps, state.tasks.running >= 0 ? state.tasks[state.tasks.running].name : nil)
    }
  }

  /// A step that was made by this task does not come back; if it does after all, that is the run's end.
  func isBlocked(_ task: String) {
    state.withLock { $0.blocked = task }
  }

  /// Takes something else that has happened into the trace's hash.
  public func note(_ value: UInt64) {
    state.withLock { $0.hash = Draw.mixed($0.hash ^ value) }
  }

  /// From now on no timer fires while a job is ready.
  public func becomeQuiet() {
    state.withLock { $0.chooser.becomeQuiet() }
  }

  /// Whether the schedule says at which step the host is stopped.
  var hasStop: Bool { stop != nil }

  /// From now on, `body` is what a stop of the schedule does; `nil` is nothing.
  func whenStopped(_ body: (@Sendable () async -> Void)?) {
    state.withLock { $0.stop = body }
  }

  // MARK: Tasks

  /// Tells the name of the task that the caller is about to make, so that it is the same in every run.
  public func taskStarts(_ name: String) {
    state.withLock { $0.tasks.announced = name }
  }

  /// Tells that the task that runs has done its work.
  public func taskEnds() {
    state.withLock { state in
      if state.tasks.running >= 0 { state.tasks[state.tasks.running].ended = true }
    }
  }

  /// Waits for so many steps of other tasks; not longer than there are any.
  ///
  /// A cancellation makes no difference.
  public func pause(steps: Int) async {
    await suspend { waiter in
      state.withLock { state in
        state.pauseOrder += 1
        state.pauses.append((state.steps + max(1, steps), state.pauseOrder, waiter))
      }
      return nil
    }
  }

  /// Makes a job ready.
  ///
  /// Called by the runtime.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let id = taskID(of: job)
    state.withLock { state in
      guard let thread = state.thread, pthread_equal(thread, pthread_self()) != 0 else {
        state.inbox.append(job)
        return
      }
      let task = state.tasks.index(of: id)
      let draw = state.tasks.wakeUp(task)
      state.ready.append(ReadyJob(job: job, task: task, draw: draw, since: state.steps))
    }
  }

  // MARK: The run

  /// Runs `body` and everything that it starts until nothing is left to run.
  ///
  /// - Parameters:
  ///   - afterStep: called after every step; false ends the run.
  ///   - atIdle: called whenever nothing can run before the time has moved; false ends the run.
  ///   - body: the work.
  /// - Returns: how it ended.
  public func run(
    afterStep: () -> Bool = { true }, atIdle: () -> Bool = { true },
    _ body: @escaping @Sendable () async -> Void
  ) -> End {
    let work = Done()
    state.withLock { $0.thread = pthread_self() }
    taskStarts("root")
    let root = HostTask("root", on: self) {
      await body()
      self.taskEnds()
      work.set()
    }
    state.withLock { $0.root = root }
    return drive(afterStep, atIdle, until: work)
  }

  /// Cancels what is left of a run that has not finished and lets it come to its end if it can, so that its memory is given back.
  ///
  /// What it does then no longer counts.
  public func abandon() {
    state.withLock { $0.root.take() }?.cancel()
    var left = 20_000
    while left > 0 {
      left -= 1
      let entry = state.withLock { state in
        state.ready.isEmpty ? nil : state.ready.removeFirst()
      }
      if let entry {
        run(entry)
      } else if !endEarliestPause() && !clock.advanceToNextDeadline() {
        break
      }
    }
    // A job that is still to come would refer to a simulator that is gone.
    if !openTasks.isEmpty { state.withLock { $0.kept = self } }
  }

  private func drive(_ afterStep: () -> Bool, _ atIdle: () -> Bool, until work: Done) -> End {
    while true {
      if steps >= options.stepLimit { return .livelock(Array(openTasks.prefix(4))) }
      if let escaped = escapes() { return .escape(escaped) }
      if let blocked = state.withLock({ $0.blocked }) { return .blocked(blocked) }
      switch decide() {
      case .run(let entry):
        run(entry)
        if !afterStep() { return .stopped }
      case .time:
        _ = clock.advanceToNextDeadline()
      case .nothing:
        if endEarliestPause() { continue }
        if !atIdle() { return .stopped }
        if startStop(.stopAtIdle) { continue }
        if clock.advanceToNextDeadline() {
          state.withLock { $0.isAfterIdle = true }
          continue
        }
        return work.isSet && !state.withLock({ $0.isStopping }) ? .finished : .deadlock(openTasks)
      }
    }
  }

  private func run(_ entry: ReadyJob) {
    unsafe entry.job.runSynchronously(on: asUnownedTaskExecutor())
    state.withLock { $0.tasks.running = -1 }
  }

  /// Makes the task of the stop, as the last of those that are ready, if the schedule has it come now.
  private func startStop(_ choice: Schedule.Choice) -> Bool {
    guard let stop, stop.choice == choice else { return false }
    let body = state.withLock { state -> (@Sendable () async -> Void)? in
      guard state.steps == stop.step, choice == .stopAtIdle || !state.ready.isEmpty else { return nil }
      return state.stop.take()
    }
    guard let body else { return false }
    state.withLock { state in
      state.isStopping = true
      state.departures.append(stop)
    }
    taskStarts("scheduled stop")
    _ = HostTask("scheduled stop", on: self) {
      await body()
      self.taskEnds()
      self.state.withLock { $0.isStopping = false }
    }
    return true
  }

  /// Chooses what comes next, and notes the choice.
  private func decide() -> Decision {
    let stops = startStop(.stop)
    let timer = clock.nextDeadline
    let now = clock.now.offset
    let (decision, due) = state.withLock { state -> (Decision, [Suspension<Void>]) in
      let due = state.takeDuePauses()
      guard !state.ready.isEmpty else {
        return (.nothing, due)
      }
      let step = state.steps
      state.steps += 1
      let choice = state.chooser.choose(
        step: step, ready: state.ready, hasTimer: timer != nil, tasks: &state.tasks)
      var place = 0
      switch choice {
      case .time:
        state.departures.append(Schedule.Departure(step: step, choice: .time))
        state.hash = Draw.mixed(state.hash ^ 0x74)
        if options.recordsSteps {
          state.note(task: "", time: now)
        }
        return (.time, due)
      case .job(let chosen):
        place = chosen
        if place != 0 { state.departures.append(Schedule.Departure(step: step, choice: choice)) }
      case .stop, .stopAtIdle:
        // Noted when it was made; if there was nothing to stop, this is a step like any other.
        if stops { place = state.ready.count - 1 }
      }
      if options.recordsSteps {
        state.note(task: state.tasks[state.ready[place].task].name, time: now)
      }
      let entry = state.ready.remove(at: place)
      state.tasks.running = entry.task
      state.tasks[entry.task].lastStep = step
      state.hash = Draw.mixed(state.hash ^ entry.draw)
      return (.run(entry), due)
    }
    for waiter in due { waiter.resume(()) }
    if case .nothing = decision, !due.isEmpty { return decide() }
    return decision
  }

  private func endEarliestPause() -> Bool {
    let waiter = state.withLock { state -> Suspension<Void>? in
      guard let first = state.pauses.indices.min(by: { state.pauses[$0] < state.pauses[$1] }) else {
        return nil
      }
      return state.pauses.remove(at: first).waiter
    }
    waiter?.resume(())
    return waiter != nil
  }

  /// The tasks that another thread has resumed; their jobs are ready now.
  private func escapes() -> [String]? {
    state.withLock { state in
      guard !state.inbox.isEmpty else { return nil }
      let jobs = state.inbox
      state.inbox = []
      return jobs.map { job in
        let task = state.tasks.index(of: taskID(of: job))
        state.ready.append(ReadyJob(job: job, task: task, draw: state.tasks.wakeUp(task), since: state.steps))
        return state.tasks[task].name
      }
    }
  }
}

private func < (
  left: (step: Int, order: Int, waiter: Suspension<Void>),
  right: (step: Int, order: Int, waiter: Suspension<Void>)
) -> Bool {
  (left.step, left.order) < (right.step, right.order)
}

/// Whether the work of a run has ended.
private final class Done: Sendable {
  private let flag = Locked(false)
  var isSet: Bool { flag.withLock { $0 } }
  func set() { flag.withLock { $0 = true } }
}

/// The number of the task that a job belongs to; 0 if the job is none of a task's.
@_silgen_name("swift_task_getJobTaskId") private func taskID(of job: UnownedJob) -> UInt64
