/// The tasks that a simulator has seen, each with a name that is the same in every run.
struct SimulatorTasks: Sendable {
  struct Record: Sendable {
    let name: String
    /// A number for the name under the simulator's seed.
    let key: UInt64
    var wakeUps: UInt64 = 0
    var lastStep = 0
    var ended = false
    /// Lower runs first, when tasks have priorities.
    var priority: UInt64
  }

  private let seed: UInt64
  private(set) var all: [Record] = []
  /// By the number that the runtime gives a task, which differs from run to run.
  private var indices: [UInt64: Int] = [:]
  private var uses: [String: Int] = [:]
  /// The name of the task that is about to be made.
  var announced: String?
  /// The task whose job runs; -1 outside of every job.
  var running = -1

  init(seed: UInt64) {
    self.seed = seed
  }

  subscript(_ index: Int) -> Record {
    get { all[index] }
    set { all[index] = newValue }
  }

  /// The task with this number, entered if it is new.
  ///
  /// A job without a number belongs to the task that runs.
  mutating func index(of id: UInt64) -> Int {
    if id == 0 && running >= 0 { return running }
    if let known = indices[id] { return known }
    let base: String
    if let name = announced.take() {
      base = name
    } else {
      base = running >= 0 ? "child of \(all[running].name)" : "task"
    }
    let use = uses[base, default: 0] + 1
    uses[base] = use
    let name = use == 1 ? base : "\(base) #\(use)"
    let key = Draw.mixed(seed ^ Draw.hash(name))
    all.append(Record(name: name, key: key, priority: Draw.mixed(key) >> 1))
    indices[id] = all.count - 1
    return all.count - 1
  }

  /// A number for the next wake-up of a task.
  mutating func wakeUp(_ index: Int) -> UInt64 {
    all[index].wakeUps &+= 1
    return Draw.mixed(all[index].key &+ all[index].wakeUps &* 0x9E37_79B9_7F4A_7C15)
  }
}
