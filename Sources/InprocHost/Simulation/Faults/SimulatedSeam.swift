import MessageFSM

/// The seam of a simulated host: names tasks, lets faults happen at the host's points, and leaves out what a planted bug leaves out.
final class SimulatedSeam: HostSeam {
  /// Outlives its hosts.
  private unowned let world: SimulationWorld
  private let simulator: Simulator
  private let faults: FaultInjector
  private let missing: HostStep?
  let lendsTurns: Bool

  init(_ world: SimulationWorld) {
    self.world = world
    self.simulator = world.simulator
    self.faults = world.faults
    var draw = world.draw("lending")
    // By the seed alone: which faults are left must not change the way of the messages. One that takes a lent turn is never late.
    self.lendsTurns = draw.chance(1, in: 3)
    if case .without(let step) = world.planted { self.missing = step } else { self.missing = nil }
  }

  func taskStarts(_ name: String) { simulator.taskStarts(name) }

  func taskEnds() { simulator.taskEnds() }

  func handles(_ type: MessageType, by end: StreamEnd, in state: String) {
    world.record.withLock { $0.coverage.meet(end, state, type) }
  }

  func performs(_ step: HostStep) -> Bool { step != missing }

  func reached(
    _ point: HostPoint, by chaincode: WireString, in state: @autoclosure () -> MachineState
  ) async -> Bool {
    switch point {
    case .peerReceives: return await receives("peer \(chaincode)", in: state())
    case .shimReceives: return await receives("shim \(chaincode)", in: state())
    case .launchBegins, .launchEnded, .executeBegins, .containerEnds, .answerIsReady:
      if let amount = faults.fires(.sectionSplit, at: "\(point.rawValue) \(chaincode)", in: state()) {
        await simulator.pause(steps: 1 + amount / 16)
      }
      return true
    }
  }

  private func receives(
    _ site: @autoclosure () -> String, in state: @autoclosure () -> MachineState
  ) async -> Bool {
    guard faults.mayDisturbStreams else { return true }
    let site = site()
    let state = state()
    if faults.fires(.chaincodeExits, at: site, in: state) != nil {
      world.note("the stream ends: \(site)")
      return false
    }
    if let amount = faults.fires(.slowConsumer, at: site, in: state) {
      await simulator.pause(steps: 1 + amount / 32)
    }
    if let amount = faults.fires(.delayedDelivery, at: site, in: state) { await sleep(1 + amount % 6) }
    if let amount = faults.fires(.clog, at: site, in: state) { await sleep(20 + amount / 4) }
    return true
  }

  /// Ends early when the task is cancelled, as the wait for a message would.
  private func sleep(_ milliseconds: Int) async {
    try? await simulator.clock.sleep(until: simulator.clock.now.advanced(by: .milliseconds(milliseconds)))
  }
}
