import Dispatch
import InprocHost
import Testing

/// What was written down, in order.
private final class Names: Sendable {
  private let names = Locked<[String]>([])
  var all: [String] { names.withLock { $0 } }
  func add(_ name: String) { names.withLock { $0.append(name) } }
}

@Suite("Simulator")
struct SimulatorTests {
  /// Three tasks that write their names down, each after a wait.
  private func order(_ options: Simulator.Options) -> (names: [String], hash: UInt64, schedule: Schedule) {
    let simulator = Simulator(options)
    let names = Names()
    let end = simulator.run {
      await withDiscardingTaskGroup { group in
        for name in ["a", "b", "c"] {
          simulator.taskStarts(name)
          group.addTask {
            for _ in 0..<3 { await simulator.pause(steps: 1) }
            names.add(name)
          }
        }
      }
    }
    #expect(end == .finished)
    return (names.all, simulator.traceHash, simulator.schedule)
  }

  @Test func `the same seed gives the same run, other seeds give others`() {
    var orders: Set<[String]> = []
    for seed in UInt64(0)..<40 {
      let options = Simulator.Options(seed: seed)
      let (first, second) = (order(options), order(options))
      #expect(first.hash == second.hash)
      #expect(first.names == second.names)
      orders.insert(first.names)
    }
    #expect(orders.count == 6, "every order of three tasks comes up")
  }

  @Test(arguments: [SimulationStrategy.keyed, .uniform, .pct(depth: 3), .delay(3)])
  func `a schedule replays what a strategy has chosen`(_ strategy: SimulationStrategy) {
    for seed in UInt64(0)..<20 {
      let found = order(Simulator.Options(seed: seed, strategy: strategy))
      let again = order(Simulator.Options(seed: seed, strategy: .replay(found.schedule)))
      #expect(again.names == found.names)
      #expect(again.hash == found.hash)
    }
  }

  @Test func `first come, first served departs nowhere`() {
    let run = order(Simulator.Options(seed: 1, strategy: .fifo))
    #expect(run.names == ["a", "b", "c"])
    #expect(run.schedule.departures.isEmpty)
  }

  @Test func `a schedule's text can be read`() {
    for text in ["fifo+{}", "fifo+{3:1,7:t,12:2}"] {
      #expect(Schedule(text)?.description == text)
    }
    #expect(Schedule("fifo") == Schedule())
    for text in ["", "fifo+", "fifo+{1}", "fifo+{1:-1}", "fifo+{a:b}", "other"] {
      #expect(Schedule(text) == nil)
    }
    for text in ["keyed", "uniform", "fifo", "pct:3", "delay:2", "fifo+{3:1}"] {
      #expect(SimulationStrategy(text)?.description == text)
    }
    for text in ["pct", "pct:0", "delay:x", "random"] { #expect(SimulationStrategy(text) == nil) }
  }

  @Test func `an hour of virtual time costs nothing`() {
    let simulator = Simulator(Simulator.Options(seed: 1))
    let end = simulator.run { try? await simulator.clock.sleep(for: .seconds(3600)) }
    #expect(end == .finished)
    #expect(simulator.clock.now.offset == .seconds(3600))
  }

  @Test func `a wait for nobody is a deadlock that names the task`() {
    let simulator = Simulator(Simulator.Options(seed: 1))
    let end = simulator.run {
      await withDiscardingTaskGroup { group in
        simulator.taskStarts("waiter")
        group.addTask { _ = await Promise<Void>().value() }
      }
    }
    guard case .deadlock(let tasks) = end else {
      Issue.record("\(end)")
      return
    }
    #expect(tasks.contains("waiter"))
    simulator.abandon()
  }

  @Test func `a run without an end is a livelock`() {
    let simulator = Simulator(Simulator.Options(seed: 1, stepLimit: 100))
    let end = simulator.run { while !Task.isCancelled { await simulator.pause(steps: 1) } }
    guard case .livelock = end else {
      Issue.record("\(end)")
      return
    }
    simulator.abandon()
  }

  @Test func `a task that another thread resumes is an escape`() {
    let simulator = Simulator(Simulator.Options(seed: 1, stepLimit: .max))
    let executor = DedicatedExecutor(name: "elsewhere")
    defer { executor.shutDown() }
    // The other thread waits until somebody waits for it; otherwise nobody would be resumed.
    let isAwaited = DispatchSemaphore(value: 0)
    @Sendable func wait() { isAwaited.wait() }
    let end = simulator.run {
      let arrived = Promise<Void>()
      await withDiscardingTaskGroup { group in
        group.addTask(executorPreference: executor) {
          wait()
          arrived.fulfil(())
        }
        // There is always something to do, so that the simulator does not take the wait for a deadlock.
        group.addTask {
          isAwaited.signal()
          while !Task.isCancelled { await simulator.pause(steps: 1) }
        }
        _ = await arrived.value()
      }
    }
    simulator.abandon()
    guard case .escape = end else {
      Issue.record("\(end)")
      return
    }
  }

  @Test func `simulators on several threads at once do not disturb each other`() async {
    let alone = (UInt64(0)..<4).map { order(Simulator.Options(seed: $0)).hash }
    let together = await withTaskGroup(of: (Int, UInt64).self) { group in
      for seed in 0..<4 {
        group.addTask { (seed, self.order(Simulator.Options(seed: UInt64(seed))).hash) }
      }
      return await group.reduce(into: [Int: UInt64]()) { $0[$1.0] = $1.1 }
    }
    #expect((0..<4).map { together[$0] } == alone)
  }

  @Test func `a draw depends on its seed and its key alone`() {
    var first = Draw(seed: 7, key: "a")
    var again = Draw(seed: 7, key: "a")
    var other = Draw(seed: 7, key: "b")
    let numbers = (0..<50).map { _ in first.next() }
    #expect(numbers == (0..<50).map { _ in again.next() })
    #expect(numbers != (0..<50).map { _ in other.next() })
    // How much was drawn before makes no difference to a part.
    var part = first.keyed("part")
    var samePart = Draw(seed: 7, key: "a").keyed("part")
    #expect(part.next() == samePart.next())
    #expect((0..<1000).allSatisfy { _ in (0..<10).contains(first.below(10)) })
  }
}
