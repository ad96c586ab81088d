import Dispatch
import InprocHost
import Testing

/// A run whose only step waits until it is let go.
private struct Blocking: SimulationScenario {
  let name = "blocking"
  let isHeld = DispatchSemaphore(value: 0)
  let isBlocked = Promise<Void>()

  func script(_ draw: Draw) -> [HostOperation] { [] }

  func run(_ script: [HostOperation], in world: SimulationWorld) async throws {
    await world.clients(1) { _ in
      isBlocked.fulfil(())
      block()
    }
  }

  private func block() { isHeld.wait() }
}

private final class Reports: Sendable {
  private let steps = Locked<[SimulationWatchdog.BlockedStep]>([])
  var all: [SimulationWatchdog.BlockedStep] { steps.withLock { $0 } }
  func add(_ step: SimulationWatchdog.BlockedStep) { steps.withLock { $0.append(step) } }
}

@Suite("Simulation watchdog")
struct WatchdogTests {
  @Test func `a step that does not come back is named, and fails its run when it does`() async throws {
    let reports = Reports()
    let watchdog = SimulationWatchdog { reports.add($0) }
    let scenario = Blocking()
    let executor = DedicatedExecutor(name: "blocked")
    defer { executor.shutDown() }
    var plan = SimulationPlan(seeds: 7..<8, faults: .none)
    plan.watchdog = watchdog
    let run = Task(executorPreference: executor) { [plan] in
      #expect(throws: SimulationFailure.self) { try scenario.simulate(plan) }
    }
    await scenario.isBlocked.value()
    watchdog.look()
    #expect(reports.all.isEmpty, "one look cannot tell a step that is blocked from one that goes on")
    watchdog.look()
    watchdog.look()
    #expect(reports.all.map(\.task) == ["client-0"])
    #expect(reports.all.map(\.seed) == [7])
    scenario.isHeld.signal()
    let failure = try #require(await run.value)
    #expect(failure.violation.kind == .blocked)
    #expect(failure.violation.text.contains("client-0"))
    #expect(failure.shrinkingRuns == 0)
  }

  @Test func `a run that goes on between two looks is not blocked`() {
    let reports = Reports()
    let watchdog = SimulationWatchdog { reports.add($0) }
    var plan = SimulationPlan(seeds: 0..<3)
    plan.watchdog = watchdog
    for seed in plan.seeds {
      watchdog.look()
      _ = HostScenario.traffic.run(seed: seed, plan)
      watchdog.look()
    }
    #expect(reports.all.isEmpty)
  }

  @Test func `a watchdog that was started looks by itself`() async {
    let told = Promise<Void>()
    let scenario = Blocking()
    let watchdog = SimulationWatchdog { _ in
      told.fulfil(())
      scenario.isHeld.signal()
    }
    watchdog.start(every: .milliseconds(1))
    let executor = DedicatedExecutor(name: "blocked")
    defer { executor.shutDown() }
    var plan = SimulationPlan(seeds: 0..<1, faults: .none)
    plan.watchdog = watchdog
    let run = Task(executorPreference: executor) { [plan] in scenario.run(seed: 0, plan).violation?.kind }
    await told.value()
    #expect(await run.value == .blocked)
    watchdog.stop()
  }
}
