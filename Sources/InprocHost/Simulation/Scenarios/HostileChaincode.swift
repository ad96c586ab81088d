import MessageFSM

/// A chaincode end that speaks nonsense over a stream of its own, beside well-behaved ones.
///
/// Whatever it sends, its host must go on serving everybody else.
struct HostileChaincode: Sendable {
  let name: String
  let numbers: [Int]
  let scenario: HostScenarioRun

  func run() async {
    let world = scenario.world
    let (peer, chaincode) = InprocStream.makePair()
    world.disturb("\(name) connects")
    world.record.withLock { $0.isHostile = true }
    await withDiscardingTaskGroup { group in
      world.simulator.taskStarts("peer \(name)")
      group.addTask(name: "peer \(name)") {
        _ = await world.call("stream of \(name)") { await scenario.host.handleChaincodeStream(peer) }
        world.simulator.taskEnds()
      }
      world.simulator.taskStarts(name)
      group.addTask(name: name) {
        let state = await speak(chaincode)
        chaincode.finish()
        world.faults.happened(.sendAfterFinish, in: MachineState(state))
        // After the end: refused, and nobody hears it.
        let refused = (try? chaincode.send(ChaincodeMessage(.keepalive))) == nil
        world.always("sendAfterFinishThrows", refused, "\(name) could send after its stream was finished")
        world.simulator.taskEnds()
      }
    }
  }

  /// Sends everything; returns the state in which the peer's end will be when it has taken that.
  private func speak(_ stream: InprocStream) async -> PeerStateMachine.State {
    var state = PeerStateMachine.State.created
    let version = scenario.host.configuration.version
    for number in numbers {
      if number % 4 == 0 { await scenario.world.simulator.pause(steps: 1 + number % 13) }
      let message = message(number)
      guard (try? stream.send(message)) != nil else { return .ended }
      if let kind = Self.kind(number) { scenario.world.faults.happened(kind, in: MachineState(state)) }
      switch PeerStateMachine.reaction(in: state, to: message.type, version: version) {
      // Any other REGISTER of these is refused.
      case .register: state = number % 32 <= 2 ? .ready : .ended
      case .refuseAndEnd: state = .ended
      case .serve, .complete, .ignore, .refuse: break
      }
      // Answers are read now and then, and ignored.
      if number % 7 == 0 {
        var messages: [ChaincodeMessage] = []
        _ = await stream.receive(into: &messages, steps: 20, world: scenario.world)
      }
    }
    return state
  }

  /// What sort of nonsense a number stands for; the first REGISTER is none.
  private static func kind(_ number: Int) -> FaultKind? {
    switch number % 32 {
    case 0, 14: nil
    case 6, 7: .replyTwice
    case 8: .strayResponse
    case 5, 12, 13, 15: .garbage
    case _: .illegalMessage
    }
  }

  private func message(_ number: Int) -> ChaincodeMessage {
    let types = MessageType.known
    let txid: WireString = ["", "tx0", "tx1", "nobody"][(number >> 3) % 4].wireString
    let channel: WireString = ["", "ch0", "elsewhere"][(number >> 5) % 3].wireString
    let run = UInt64([0, 1, 2, 99][(number >> 7) % 4])
    switch number % 32 {
    case 0, 1, 2: return ChaincodeMessage(.register(ChaincodeID(name: WireString(name))))
    case 3: return ChaincodeMessage(.register(ChaincodeID(name: .empty)))
    case 4: return ChaincodeMessage(.register(ChaincodeID(name: "cc0:latest")))
    case 5: return ChaincodeMessage(.raw(.register, [0xFF, 0x01, 0x80]))
    case 6: return ChaincodeMessage(.completed(.success([1])), txid: txid, channelID: channel, run: run)
    case 7: return ChaincodeMessage(.error("no"), txid: txid, channelID: channel, run: run)
    case 8: return ChaincodeMessage(.response(.bytes([7])), txid: txid, channelID: channel, run: run)
    case 9: return ChaincodeMessage(.getState(GetState(key: "k0")), txid: txid, channelID: channel, run: run)
    case 10:
      return ChaincodeMessage(
        .putState(PutState(key: "k0", value: [0x39])), txid: txid, channelID: channel, run: run)
    case 11:
      return ChaincodeMessage(.queryStateNext(QueryStateNext(id: "iter-1")), txid: txid, channelID: channel)
    case 12: return ChaincodeMessage(.raw(.unrecognized(99), [1, 2, 3]), txid: txid, channelID: channel)
    case 13: return ChaincodeMessage(.raw(.getState, [0x0A, 0xFF]), txid: txid, channelID: channel, run: run)
    case 14: return ChaincodeMessage(.keepalive)
    case 15:
      return ChaincodeMessage(
        .invokeChaincode(ChaincodeSpec(chaincodeID: ChaincodeID(name: "cc0"), input: nil)), txid: txid,
        channelID: channel)
    case let other:
      let type = types[(number / 32 + other) % types.count]
      return ChaincodeMessage(
        .raw(type, number % 3 == 0 ? [] : [0x0A, 0x02, 0x6B, 0x30]), txid: txid, channelID: channel)
    }
  }
}

extension String {
  fileprivate var wireString: WireString { WireString(self) }
}

extension InprocStream {
  /// Takes what comes within so many steps, or nothing.
  fileprivate func receive(
    into messages: inout [ChaincodeMessage], steps: Int, world: SimulationWorld
  ) async -> Bool {
    await withTaskGroup(of: [ChaincodeMessage]?.self) { group in
      world.simulator.taskStarts("reader")
      group.addTask(name: "reader") {
        var iterator = self.incoming.makeAsyncIterator()
        let message = await iterator.next()
        world.simulator.taskEnds()
        return message.map { [$0] }
      }
      await world.simulator.pause(steps: steps)
      group.cancelAll()
      guard let read = await group.next() ?? nil else { return false }
      messages = read
      return true
    }
  }
}
