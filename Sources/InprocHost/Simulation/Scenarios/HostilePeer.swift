import MessageFSM

/// A peer's end that speaks nonsense to the real end of a chaincode, which must end in order and leave nothing behind.
struct HostilePeer: Sendable {
  let name: String
  let numbers: [Int]
  let scenario: HostScenarioRun

  func run() async {
    let world = scenario.world
    world.disturb("\(name) connects")
    world.record.withLock { $0.isHostile = true }
    let environment = HostEnvironment(scenario.host.configuration)
    let (peer, end) = InprocStream.makePair()
    let shim = ShimHandler(
      ProgramChaincode(world: world), id: WireString(name), stream: end, environment: environment)
    await withTaskGroup(of: Void.self) { group in
      world.simulator.taskStarts("timers \(name)")
      group.addTask(name: "timers \(name)") {
        await environment.timers.run()
        world.simulator.taskEnds()
      }
      world.simulator.taskStarts("shim \(name)")
      group.addTask(name: "shim \(name)") {
        _ = await world.call("shim of \(name)") { await shim.run() }
        world.simulator.taskEnds()
      }
      var state = ShimStateMachine.State.created
      for number in numbers {
        if number % 3 == 0 { await world.simulator.pause(steps: 1 + number % 11) }
        let message = message(number)
        let reaction = ShimStateMachine.reaction(in: state, to: message.type)
        if let kind = Self.kind(number, reaction) { world.faults.happened(kind, in: MachineState(state)) }
        guard (try? peer.send(message)) != nil else { break }
        switch reaction {
        case .establish: state = .established
        case .becomeReady: state = .ready
        case .refuseAndEnd: state = .ended
        case .initialize, .invoke, .answer, .echo, .ignore, .refuse: break
        }
      }
      await world.simulator.pause(steps: 30)
      peer.finish()
      // The shim first; the timers end when they are told to.
      await world.simulator.pause(steps: 30)
      while environment.counters.value(.tasksStarted) > environment.counters.value(.tasksEnded) {
        // The run may have failed, and everything is cancelled.
        guard (try? await world.clock.sleep(until: world.clock.now.advanced(by: .milliseconds(100)))) != nil
        else { break }
      }
      group.cancelAll()
    }
  }

  /// What sort of nonsense a number stands for, where it is not what a peer would send.
  private static func kind(_ number: Int, _ reaction: ShimStateMachine.Reaction) -> FaultKind? {
    switch (number % 32, reaction) {
    case (6, _), (7, _): .strayResponse
    case (8, _), (9, _): .garbage
    case (_, .establish), (_, .becomeReady), (_, .initialize), (_, .invoke), (_, .echo): nil
    case (_, .answer): .strayResponse
    case (_, .ignore), (_, .refuse), (_, .refuseAndEnd): .illegalMessage
    }
  }

  private func message(_ number: Int) -> ChaincodeMessage {
    let txid = WireString(["", "tx0", "tx1"][(number >> 5) % 3])
    let channel = WireString(["", "ch0"][(number >> 7) % 2])
    let run = UInt64([0, 1, 2][(number >> 8) % 3])
    let types = MessageType.known
    switch number % 32 {
    case 1: return ChaincodeMessage(.registered)
    case 2: return ChaincodeMessage(.ready(nil))
    case 3, 4:
      return ChaincodeMessage(
        .transaction(ChaincodeInput(args: [Array("get k0; put k1 v".utf8)])), txid: txid, channelID: channel,
        run: run)
    case 5:
      return ChaincodeMessage(.initialize(ChaincodeInput(args: [])), txid: txid, channelID: channel, run: run)
    case 6: return ChaincodeMessage(.response(.bytes([1])), txid: txid, channelID: channel, run: run)
    case 7: return ChaincodeMessage(.error("no"), txid: txid, channelID: channel, run: run)
    case 8: return ChaincodeMessage(.raw(.unrecognized(77), [1]), txid: txid, channelID: channel, run: run)
    case 9:
      return ChaincodeMessage(.raw(.transaction, [0x0A, 0xFF]), txid: txid, channelID: channel, run: run)
    case let other:
      let type = types[(number / 32 + other) % types.count]
      return ChaincodeMessage(.raw(type, []), txid: txid, channelID: channel, run: run)
    }
  }
}
