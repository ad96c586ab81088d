import InprocHost
import Testing

@Suite("Simulation, exhausted")
struct ExhaustiveSearchTests {
  private static func search(
    _ scenario: HostScenario, departures: Int, stops: Bool, runsMax: Int = .max
  ) -> ExhaustiveSearch<HostScenario> {
    var options = SimulationWorld.Options(seed: 0, strategy: .fifo, faults: .none)
    options.timePressure = 0
    return ExhaustiveSearch(
      scenario, script: scenario.script(seed: 0), options: options, departuresMax: departures, stops: stops,
      runsMax: runsMax)
  }

  @Test(arguments: HostScenario.small.map(\.name))
  func `no order that departs once from first come, first served fails, and no stop of the host at any step`(
    _ name: String
  ) throws {
    let scenario = try #require(HostScenario.small.first { $0.name == name })
    #expect(scenario.script(seed: 0).count == 4)
    for (departures, stops) in [(1, false), (0, true)] {
      let outcome = Self.search(scenario, departures: departures, stops: stops).run()
      #expect(outcome.isExhausted)
      #expect(outcome.runs == outcome.known)
      #expect(outcome.failure == nil, "\(outcome.failure.map { "\($0)" } ?? "")")
      #expect(outcome.runs > 20)
    }
  }

  @Test func `a search that is given up says so, and of how many`() {
    let outcome = Self.search(.small[0], departures: 1, stops: false, runsMax: 5).run()
    #expect(!outcome.isExhausted)
    #expect(outcome.runs == 5)
    #expect(outcome.known > 20)
  }

  @Test func `a stop comes at its step, and nowhere else`() throws {
    // One of its calls waits, so that there is an instant at which nothing is ready.
    let scenario = try #require(HostScenario.small.first { $0.name == "small-iterators" })
    func run(_ schedule: String) throws -> SimulationResult {
      try scenario.replay(
        seed: 0, strategy: schedule, script: scenario.script(seed: 0).map { "\($0)" }, faults: [])
    }
    let never = try run("fifo+{1000000:stop}")
    #expect(never.schedule == Schedule())
    let middle = try run("fifo+{30:stop}")
    #expect(middle.violation == nil)
    #expect(middle.trace[30].task == "scheduled stop")
    #expect(middle.trace.prefix(30) == never.trace.prefix(30))
    #expect(middle.schedule.description == "fifo+{30:stop}")
    let idle = try #require(never.trace.lastIndex { $0.isAfterIdle && $0.mayStop })
    let atIdle = try run("fifo+{\(idle):idle-stop}")
    #expect(atIdle.violation == nil)
    #expect(atIdle.trace[idle].task == "scheduled stop")
    #expect(atIdle.trace[idle].time < never.trace[idle].time)
    #expect(atIdle.schedule.description == "fifo+{\(idle):idle-stop}")
  }

  @Test func `a schedule's text says where the host is stopped`() throws {
    for text in ["fifo+{3:stop,12:2}", "fifo+{1:1,7:idle-stop,9:t}"] {
      let schedule = try #require(Schedule(text))
      #expect(schedule.description == text)
      #expect(schedule.stop != nil)
    }
    #expect(Schedule("fifo+{3:1}")?.stop == nil)
    #expect(Schedule("fifo+{3:halt}") == nil)
  }

  @Test func `the search meets a bug that only one departure brings about`() throws {
    var options = SimulationWorld.Options(seed: 0, strategy: .fifo, faults: .none)
    options.timePressure = 0
    options.planted = .without(.unlockChaincode)
    let scenario = try #require(HostScenario.small.first { $0.name == "small-relaunch" })
    let outcome = ExhaustiveSearch(
      scenario, script: scenario.script(seed: 0), options: options, departuresMax: 1, stops: true
    ).run()
    #expect(outcome.failure != nil)
    #expect(!outcome.isExhausted)
  }
}
