/// What happens when a timer fires.
///
/// Called outside of every lock, on the task of ``TimerQueue/run()``.
protocol TimerTarget: AnyObject, Sendable {
  func timerFired()
}

/// Names one timer of a ``TimerQueue``.
///
/// A slot is used again; the generation tells its uses apart.
struct TimerID: Sendable, Hashable {
  fileprivate let slot: Int
  fileprivate let generation: UInt64
}

/// All deadlines of a host: one heap, and one task that sleeps until the earliest.
///
/// A deadline is set and taken back for every transaction, so neither allocates: slots are used again, and taking back removes
/// from the heap at once. Fabric starts a timer of the runtime per transaction and leaves it until it fires.
final class TimerQueue: Sendable {
  private struct Slot {
    var generation: UInt64 = 0
    var target: (any TimerTarget)?
    /// Where in the heap; -1 when it is not there.
    var position = -1
  }

  /// A timer in the heap, with all that is compared.
  private struct Entry {
    let deadline: Duration
    let order: UInt64
    let slot: Int

    func precedes(_ other: Entry) -> Bool {
      deadline == other.deadline ? order < other.order : deadline < other.deadline
    }
  }

  private struct State {
    var slots: [Slot] = []
    var free: [Int] = []
    var heap: [Entry] = []
    var order: UInt64 = 0
    /// Until when the sleeper sleeps; `nil` while it waits for a first timer.
    var sleepsUntil: Duration?
    /// The deadline that the sleeper was woken for: it sleeps until then though that timer may be gone already, or the next
    /// transaction would wake it again, in vain.
    var wokenFor: Duration?
    var wakeUp: Promise<Void>?

    mutating func place(_ entry: Entry, at position: Int) {
      heap[position] = entry
      slots[entry.slot].position = position
    }

    mutating func siftUp(_ start: Int) {
      var position = start
      let entry = heap[position]
      while position > 0 {
        let parent = (position - 1) / 2
        guard entry.precedes(heap[parent]) else { break }
        place(heap[parent], at: position)
        position = parent
      }
      place(entry, at: position)
    }

    mutating func siftDown(_ start: Int) {
      var position = start
      let entry = heap[position]
      while true {
        var child = 2 * position + 1
        guard child < heap.count else { break }
        if child + 1 < heap.count && heap[child + 1].precedes(heap[child]) { child += 1 }
        guard heap[child].precedes(entry) else { break }
        place(heap[child], at: position)
        position = child
      }
      place(entry, at: position)
    }

    mutating func insert(_ entry: Entry) {
      heap.append(entry)
      siftUp(heap.count - 1)
    }

    mutating func remove(_ slot: Int) {
      let position = slots[slot].position
      guard position >= 0 else { return }
      let last = heap.removeLast()
      if last.slot != slot {
        place(last, at: position)
        siftUp(position)
        siftDown(slots[last.slot].position)
      }
      slots[slot].position = -1
    }
  }

  private let clock: HostClock
  private let seam: (any HostSeam)?
  private let state = Locked(State())

  init(clock: HostClock, seam: (any HostSeam)? = nil) {
    self.clock = clock
    self.seam = seam
  }

  /// The time since the host was made.
  var now: Duration { clock.now() }

  /// How many timers are set.
  var count: Int { state.withLock { $0.heap.count } }

  /// Lets `target` know when `delay` has passed; at once if it is zero or less, but never inside this call.
  func schedule(after delay: Duration, _ target: any TimerTarget) -> TimerID {
    schedule(at: deadline(after: delay), target)
  }

  /// The time when `delay` will have passed.
  ///
  /// A delay of more than a century counts as a century: sums of durations trap when they overflow, and so do the clocks of the
  /// system when they sleep for too long.
  func deadline(after delay: Duration) -> Duration {
    clock.now() + min(delay, .seconds(100 * 365 * 86_400))
  }

  /// Lets `target` know when the host's time is `deadline`.
  func schedule(at deadline: Duration, _ target: any TimerTarget) -> TimerID {
    let (id, wakeUp) = state.withLock { state -> (TimerID, Promise<Void>?) in
      let slot: Int
      if let free = state.free.popLast() {
        slot = free
      } else {
        slot = state.slots.count
        state.slots.append(Slot())
      }
      state.order &+= 1
      state.slots[slot].generation &+= 1
      state.slots[slot].target = target
      state.insert(Entry(deadline: deadline, order: state.order, slot: slot))
      let id = TimerID(slot: slot, generation: state.slots[slot].generation)
      if let until = state.sleepsUntil, until <= deadline { return (id, nil) }
      state.wokenFor = min(deadline, state.wokenFor ?? deadline)
      return (id, state.wakeUp)
    }
    wakeUp?.fulfil(())
    return id
  }

  /// Takes a timer back.
  ///
  /// Nothing if it has fired.
  func cancel(_ id: TimerID) {
    state.withLock { state in
      guard state.slots[id.slot].generation == id.generation, state.slots[id.slot].position >= 0 else {
        return
      }
      state.remove(id.slot)
      state.slots[id.slot].target = nil
      state.free.append(id.slot)
    }
  }

  /// Whether the timer has fired or was taken back.
  func hasFired(_ id: TimerID) -> Bool {
    state.withLock { state in
      state.slots[id.slot].generation != id.generation || state.slots[id.slot].position < 0
    }
  }

  /// Fires timers as they come due.
  ///
  /// Returns when its task is cancelled.
  func run() async {
    while !Task.isCancelled {
      for target in due() { target.timerFired() }
      let wakeUp = Promise<Void>()
      let until = state.withLock { state -> Duration? in
        state.wakeUp = wakeUp
        let first = state.heap.first?.deadline
        state.sleepsUntil = state.wokenFor.map { min($0, first ?? $0) } ?? first
        state.wokenFor = nil
        return state.sleepsUntil
      }
      guard let until else {
        _ = await wakeUp.value()
        continue
      }
      await withDiscardingTaskGroup { group in
        seam?.taskStarts("timer")
        group.addTask(name: "timer") { [clock, seam] in
          try? await clock.sleep(until)
          wakeUp.fulfil(())
          seam?.taskEnds()
        }
        _ = await wakeUp.value()
        group.cancelAll()
      }
    }
  }

  /// Takes the timers out whose time has come.
  private func due() -> [any TimerTarget] {
    let now = clock.now()
    return state.withLock { state in
      var targets: [any TimerTarget] = []
      while let first = state.heap.first, first.deadline <= now {
        let slot = first.slot
        state.remove(slot)
        if let target = state.slots[slot].target.take() { targets.append(target) }
        state.free.append(slot)
      }
      return targets
    }
  }
}
