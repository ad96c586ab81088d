import MessageFSM
import Testing

@testable import InprocHost

@Suite("Timers", .timeLimit(.minutes(5)))
struct TimerQueueTests {
  private final class Target: TimerTarget {
    let number: Int
    let fired: Firings

    init(_ number: Int, _ fired: Firings) {
      self.number = number
      self.fired = fired
    }

    func timerFired() { fired.add(number) }
  }

  private final class Firings: Sendable {
    private let numbers = Locked<[Int]>([])
    private let waiting = Locked<(number: Int, promise: Promise<Void>)?>(nil)

    var all: [Int] { numbers.withLock { $0 } }

    func add(_ number: Int) {
      numbers.withLock { $0.append(number) }
      waiting.withLock { $0 }.map { if $0.number == number { $0.promise.fulfil(()) } }
    }

    /// Calls `schedule`, and waits until that number has fired.
    func wait(for number: Int, _ schedule: () -> Void) async {
      let promise = Promise<Void>()
      waiting.withLock { $0 = (number, promise) }
      schedule()
      _ = await promise.value()
    }
  }

  private func withTimers(_ body: (TimerQueue, ManualClock, Firings) async throws -> Void) async throws {
    let clock = ManualClock()
    let timers = TimerQueue(clock: HostClock(clock))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await timers.run() }
      defer { group.cancelAll() }
      try await body(timers, clock, Firings())
    }
  }

  @Test("timers fire in the order of their deadlines, of one deadline in the order in which they were set")
  func order() async throws {
    try await withTimers { timers, clock, fired in
      let targets = (0..<6).map { Target($0, fired) }
      for (target, seconds) in zip(targets, [3, 1, 2, 1, 3, 9]) {
        _ = timers.schedule(after: .seconds(seconds), target)
      }
      clock.advance(by: .seconds(3))
      await fired.wait(for: 100) { _ = timers.schedule(after: .zero, Target(100, fired)) }
      #expect(fired.all == [1, 3, 2, 0, 4, 100])
      #expect(timers.count == 1)
    }
  }

  @Test("a timer that is due already fires, and not inside the call")
  func dueAlready() async throws {
    try await withTimers { timers, _, fired in
      await fired.wait(for: 1) {
        _ = timers.schedule(after: .seconds(-5), Target(0, fired))
        _ = timers.schedule(after: .zero, Target(1, fired))
      }
      #expect(fired.all == [0, 1])
    }
  }

  @Test("a timer that is taken back does not fire, and its name does not take back a later one")
  func cancel() async throws {
    try await withTimers { timers, clock, fired in
      let first = timers.schedule(after: .seconds(1), Target(0, fired))
      timers.cancel(first)
      #expect(timers.hasFired(first))
      let second = timers.schedule(after: .seconds(1), Target(1, fired))
      timers.cancel(first)
      #expect(!timers.hasFired(second))
      clock.advance(by: .seconds(1))
      await fired.wait(for: 100) { _ = timers.schedule(after: .zero, Target(100, fired)) }
      #expect(fired.all == [1, 100])
      timers.cancel(second)
      #expect(timers.count == 0)
    }
  }

  @Test("a timer that is earlier than the one that is slept for fires in time")
  func earlier() async throws {
    try await withTimers { timers, clock, fired in
      _ = timers.schedule(after: .seconds(10), Target(0, fired))
      await clock.waitForSleeper(until: .seconds(10))
      await fired.wait(for: 1) {
        _ = timers.schedule(after: .seconds(1), Target(1, fired))
        clock.advance(by: .seconds(1))
      }
      #expect(fired.all == [1])
      #expect(timers.count == 1)
    }
  }

  @Test("whatever is set and taken back, what is left fires in order", arguments: 0..<10)
  func random(_ seed: UInt64) async throws {
    var generator = SplitMix(state: seed)
    try await withTimers { timers, clock, fired in
      var open: [(number: Int, deadline: Int, id: TimerID)] = []
      var expected: [Int] = []
      var now = 0
      var number = 0
      for _ in 0..<400 {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<6:
          let delay = Int.random(in: 1...20, using: &generator)
          open.append((number, now + delay, timers.schedule(after: .seconds(delay), Target(number, fired))))
          number += 1
        case 6..<9 where !open.isEmpty:
          let index = Int.random(in: 0..<open.count, using: &generator)
          timers.cancel(open.remove(at: index).id)
        case _:
          let step = Int.random(in: 1...10, using: &generator)
          now += step
          clock.advance(by: .seconds(step))
          let sentinel = number
          number += 1
          await fired.wait(for: sentinel) { _ = timers.schedule(after: .zero, Target(sentinel, fired)) }
          let due = open.filter { $0.deadline <= now }
            .sorted { ($0.deadline, $0.number) < ($1.deadline, $1.number) }
          open.removeAll { $0.deadline <= now }
          expected += due.map(\.number) + [sentinel]
        }
      }
      #expect(fired.all == expected)
      #expect(timers.count == open.count)
    }
  }

  @Test("who waits for a promise has its own time limit, and is told once")
  func promiseWithin() async throws {
    try await withTimers { timers, clock, _ in
      let promise = Promise<Int>()
      await withTaskGroup(of: Int?.self) { group in
        group.addTask { await promise.value(within: .seconds(1), timers: timers) }
        await clock.waitForSleeper(until: .seconds(1))
        clock.advance(by: .seconds(1))
        #expect(await group.next() == .some(nil))
        #expect(promise.fulfil(7))
        #expect(!promise.fulfil(8))
        #expect(await promise.value(within: .seconds(1), timers: timers) == 7)
        #expect(await promise.value(within: .seconds(-1), timers: timers) == 7)
      }
      #expect(timers.count == 0)
    }
  }

  @Test("a promise releases all who wait, and who is cancelled at once")
  func promise() async throws {
    let promise = Promise<Int>()
    await withTaskGroup(of: Int?.self) { group in
      for _ in 0..<100 { group.addTask { await promise.value() } }
      group.addTask {
        await withTaskGroup(of: Int?.self) { inner in
          inner.cancelAll()
          inner.addTask { await promise.value() }
          let value = await inner.next() ?? nil
          promise.fulfil(3)
          return value ?? -1
        }
      }
      var sum = 0
      for await value in group { sum += value ?? 0 }
      #expect(sum == 299)
    }
  }
}

/// A number that many change.
private final class Tally: Sendable {
  private let state = Locked((value: 0, most: 0))
  var value: Int { state.withLock { $0.value } }
  var most: Int { state.withLock { $0.most } }
  func add(_ amount: Int) {
    state.withLock { state in
      state.value += amount
      state.most = max(state.most, state.value)
    }
  }
}

@Suite("Locks and queues", .timeLimit(.minutes(5)))
struct QueueTests {
  @Test("a keyed lock lets one through at a time, first come first served, each key by itself")
  func keyedLock() async throws {
    let lock = KeyedLock()
    let (one, two) = (ChaincodeVersion(name: "a", version: "1"), ChaincodeVersion(name: "a", version: "2"))
    let inside = Tally()
    let total = Tally()
    await lock.withLock(two) {
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<200 {
          group.addTask {
            await lock.withLock(one) {
              inside.add(1)
              await Task.yield()
              inside.add(-1)
              total.add(1)
            }
          }
        }
      }
    }
    #expect(inside.most == 1)
    #expect(total.value == 200)
    #expect(lock.count == 0)
  }

  @Test("a lock is free again when its body throws")
  func keyedLockThrows() async throws {
    let lock = KeyedLock()
    let key = ChaincodeVersion(name: "a", version: "")
    for _ in 0..<2 {
      await #expect(throws: HostError.self) {
        try await lock.withLock(key) { () async throws(HostError) in throw HostError(.notFound, "") }
      }
    }
    #expect(lock.count == 0)
  }

  @Test("a work queue runs what it has taken before it was closed, and takes nothing afterwards")
  func workQueue() async throws {
    let queue = WorkQueue()
    let ran = Tally()
    for _ in 0..<10 { #expect(queue.add("early") { ran.add(1) }) }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await queue.run() }
      let added = await withTaskGroup(of: Bool.self) { adders in
        for _ in 0..<100 {
          adders.addTask {
            queue.add("late") {
              _ = queue.add("from inside") { ran.add(1) }
              ran.add(1)
            }
          }
        }
        var added = 0
        for await isAdded in adders where isAdded { added += 1 }
        return added
      }
      #expect(added == 100)
      let last = Promise<Void>()
      #expect(queue.add("last") { last.fulfil(()) })
      _ = await last.value()
      queue.close()
      #expect(!queue.add("too late") { ran.add(1000) })
    }
    #expect((110...210).contains(ran.value))
  }

  @Test("an abandoned task is counted, one that ends in its grace period is not")
  func runningTasks() async throws {
    try await withPeerRig { rig in
      let tasks = RunningTasks(environment: rig.environment)
      let gate = Gate()
      tasks.start("stubborn", .question { await gate.pass() })
      tasks.start("obedient", .question { _ = await Promise<Void>().value() })
      await gate.waitForArrival()
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await tasks.close() }
        await rig.clock.waitForSleeper(until: .seconds(5))
        rig.clock.advance(by: .seconds(5))
      }
      #expect(rig.count(.tasksAbandoned) == 1)
      let late = tasks.start("too late", .question { Issue.record("this ran") })
      #expect(late == 0)
      gate.open()
      await tasks.close()
      #expect(rig.count(.tasksAbandoned) == 1)
    }
  }
}
