import InprocHost
import Testing

/// Counts at which moments it was asked.
private final class Moments: SimulationInvariant {
  let name = "moments"
  private let counts = Locked<[String: Int]>([:])
  var all: [String: Int] { counts.withLock { $0 } }
  private func count(_ moment: String) -> String? {
    counts.withLock { $0[moment, default: 0] += 1 }
    return nil
  }

  func began(_ call: SimulatedCall, in world: SimulationWorld) -> String? { count("began") }
  func ended(_ call: SimulatedCall, in world: SimulationWorld) -> String? { count("ended") }
  func afterStep(in world: SimulationWorld) -> String? { count("step") }
  func atIdle(in world: SimulationWorld) -> String? { count("idle") }
  func atEnd(in world: SimulationWorld) -> String? { count("end") }
}

/// One call that takes a second.
private struct Slow: SimulationScenario {
  let name = "slow"
  let moments = Moments()
  let fails: String?

  var invariants: [any SimulationInvariant] { [moments, Fails(at: fails)] }

  func script(_ draw: Draw) -> [HostOperation] { [] }

  func run(_ script: [HostOperation], in world: SimulationWorld) async throws {
    await world.transaction("tx", channel: "ch") {
      try? await world.clock.sleep(until: world.clock.now.advanced(by: .seconds(1)))
    }
  }
}

/// Does not hold at one moment.
private final class Fails: SimulationInvariant {
  let name = "fails"
  private let moment: String?
  init(at moment: String?) { self.moment = moment }

  func began(_ call: SimulatedCall, in world: SimulationWorld) -> String? {
    moment == "began" ? "\(call)" : nil
  }
  func ended(_ call: SimulatedCall, in world: SimulationWorld) -> String? {
    moment == "ended" ? "\(call)" : nil
  }
  func atIdle(in world: SimulationWorld) -> String? { moment == "idle" ? "at idle" : nil }
}

@Suite("Simulation invariants")
struct SimulationInvariantTests {
  @Test func `an invariant is asked at a call's beginning and end, after steps, at idle and at the end`() {
    let scenario = Slow(fails: nil)
    let result = scenario.run([], SimulationWorld.Options(seed: 1, faults: .none))
    #expect(result.violation == nil)
    #expect(result.transactions == 1)
    let moments = scenario.moments.all
    #expect(moments["began"] == 1)
    #expect(moments["ended"] == 1)
    #expect(moments["end"] == 1)
    #expect(moments["idle"] == 2, "while the call waits for its second, and when all is done")
    #expect(moments["step"] == result.steps)
  }

  @Test(arguments: ["began", "ended", "idle"])
  func `what does not hold at one of these moments fails the run`(_ moment: String) {
    let result = Slow(fails: moment).run([], SimulationWorld.Options(seed: 1, faults: .none))
    #expect(result.violation?.kind == .invariant("fails"))
  }

  @Test func `a call that ends twice, or never, is seen`() {
    let world = SimulationWorld(SimulationWorld.Options(seed: 1))
    let call = SimulatedCall(number: 1, txid: "tx", channel: "ch")
    let invariant = EveryExecuteEndsOnce()
    #expect(invariant.ended(call, in: world) != nil, "it has never begun")
    #expect(invariant.began(call, in: world) == nil)
    #expect(invariant.began(call, in: world) != nil, "it has begun already")
    #expect(invariant.atEnd(in: world) != nil, "it is open")
    #expect(invariant.ended(call, in: world) == nil)
    #expect(invariant.atEnd(in: world) == nil)
    #expect(invariant.ended(call, in: world) != nil, "it has ended already")
  }

  @Test(arguments: [
    (HostStep.releaseContext, "nothingOutlivesItsTransaction"),
    (.watchDeadline, "transactionsAreCounted"), (.shrinkDeadline, "callsEndWithTheirCaller"),
  ])
  func `what is left out of the host is named by the invariant that needs it`(
    _ step: HostStep, _ name: String
  ) throws {
    var plan = SimulationPlan(seeds: 0..<50, planted: .without(step))
    plan.shrinkingRunsMax = 0
    let failure = try #require(throws: SimulationFailure.self) { try HostScenario.calls.simulate(plan) }
    #expect(failure.violation.kind == .invariant(name))
  }
}
