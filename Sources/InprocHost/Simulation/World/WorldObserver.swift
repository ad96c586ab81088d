import MessageFSM

/// Shows every message of a world's hosts to its invariants.
final class WorldObserver: MessageObserver {
  /// Outlives its hosts.
  private unowned let world: SimulationWorld
  let invariants: [any SimulationInvariant]

  init(_ world: SimulationWorld, invariants: [any SimulationInvariant]) {
    self.world = world
    self.invariants = invariants
  }

  func received(_ message: ChaincodeMessage, by end: StreamEnd, chaincode: WireString) {
    world.simulator.note(UInt64(bitPattern: Int64(message.type.number)) &+ message.run &* 64)
    if world.options.records {
      let ends = ["peer", "\(chaincode)"]
      world.note(
        "\(message.type) \(message.txid)", from: end == .peer ? ends[1] : ends[0],
        to: end == .peer ? ends[0] : ends[1])
    }
    for invariant in invariants {
      if let text = invariant.received(message, by: end, chaincode: chaincode, in: world) {
        world.fail(invariant.name, text)
      }
    }
  }
}
