/// A job that can run.
struct ReadyJob: Sendable {
  let job: UnownedJob
  /// Whose job, among the tasks of the simulator.
  let task: Int
  /// A number for this wake-up of the task.
  let draw: UInt64
  /// At which step it became ready.
  let since: Int
}

/// Chooses among ready jobs by a strategy.
struct ScheduleChooser: Sendable {
  /// For how many steps a job can be passed over.
  ///
  /// One that nobody ever chooses would wait for ever beside timers that are set again and again.
  private static let patience = 1_000

  private let strategy: SimulationStrategy
  private var timePressure: Int
  private var isQuiet = false
  private var stream: Draw
  private var changes: Int
  private let expectedSteps: UInt64
  private var lowest: UInt64 = 0
  private var replayed: [Schedule.Departure]
  private var position = 0

  init(_ options: Simulator.Options) {
    self.strategy = options.strategy
    self.stream = Draw(seed: options.seed, key: "schedule")
    self.timePressure = options.timePressure
    self.expectedSteps = UInt64(max(1, options.expectedSteps))
    self.replayed = []
    self.changes = 0
    switch options.strategy {
    case .pct(let depth): changes = depth - 1
    case .delay(let delays): changes = delays
    case .replay(let schedule): replayed = schedule.departures
    case .keyed, .uniform, .fifo: break
    }
  }

  mutating func becomeQuiet() {
    timePressure = 0
    isQuiet = true
  }

  /// What comes at this step; `ready` is not empty.
  mutating func choose(
    step: Int, ready: [ReadyJob], hasTimer: Bool, tasks: inout SimulatorTasks
  ) -> Schedule.Choice {
    if case .replay = strategy { return replay(step, ready, hasTimer) }
    // The first has waited longest.
    if step - ready[0].since > Self.patience { return .job(0) }
    switch strategy {
    case .delay:
      if hasTimer && timePressure > 0 && changes > 0 && ready[0].draw & 3 == 0 && happens(changes, ready[0]) {
        changes -= 1
        return .time
      }
      return .job(place(ready, &tasks))
    case .keyed, .pct, .uniform, .fifo, .replay: break
    }
    let place = place(ready, &tasks)
    // Whether a timer comes first depends on who would have run, so that it does not change with the number of steps.
    if hasTimer && timePressure > 0 && Int((ready[place].draw >> 17) & 63) < timePressure { return .time }
    return .job(place)
  }

  private mutating func place(_ ready: [ReadyJob], _ tasks: inout SimulatorTasks) -> Int {
    switch strategy {
    case .keyed: return ready.indices.min { ready[$0].draw < ready[$1].draw } ?? 0
    case .uniform: return stream.below(ready.count)
    case .fifo, .replay: return 0
    case .delay:
      guard ready.count > 1, changes > 0, happens(changes, ready[0]) else { return 0 }
      changes -= 1
      return 1 + stream.below(ready.count - 1)
    case .pct:
      func first() -> Int {
        ready.indices.min { tasks[ready[$0].task].priority < tasks[ready[$1].task].priority } ?? 0
      }
      let place = first()
      guard changes > 0, happens(changes, ready[place]) else { return place }
      changes -= 1
      lowest += 1
      // Lower than all others from now on.
      tasks[ready[place].task].priority = UInt64.max / 2 + lowest
      return first()
    }
  }

  /// True so often that it comes about `count` times in a run.
  private func happens(_ count: Int, _ candidate: ReadyJob) -> Bool {
    Int((candidate.draw >> 23) % expectedSteps) < count
  }

  private mutating func replay(_ step: Int, _ ready: [ReadyJob], _ hasTimer: Bool) -> Schedule.Choice {
    while position < replayed.count && replayed[position].step < step { position += 1 }
    guard position < replayed.count, replayed[position].step == step else { return .job(0) }
    switch replayed[position].choice {
    case .job(let place): return .job(min(place, ready.count - 1))
    case .time: return hasTimer && !isQuiet ? .time : .job(0)
    case .stop: return .stop
    case .stopAtIdle: return .job(0)
    }
  }
}
