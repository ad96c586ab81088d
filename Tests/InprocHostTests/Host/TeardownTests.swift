import MessageFSM
import Testing

@testable import InprocHost

/// A transaction with open iterators and a nested call, cut at every message: everybody who waits has an answer, nothing is left.
@Suite("Teardown at every message", .timeLimit(.minutes(5)))
struct TeardownTests {
  /// Which end is cut, or that everything is stopped.
  enum Cut: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case callerByPeer, callerByShim, calleeByPeer, calleeByShim, stopAll

    var testDescription: String { rawValue }
  }

  private static let inner = #"[["get","k"],["rangeOpen","m","n",120],["put","a","b"],["range","m","n"]]"#
  private static let outer = """
    [["get","k"],["rangeOpen","m","n",3],["call","cc2","",\(inner.debugDescription)],["rangeOpen","m","n",130],\
    ["history","k"],["put","a","b"],["get","k"]]
    """

  /// Two chaincodes, each with both handlers for real, on streams whose ends the test holds.
  private final class World: Sendable {
    let observer: CountingObserver
    let rig: PeerRig
    let streams: [(peer: InprocStream, chaincode: InprocStream)]

    init(_ rig: PeerRig, _ observer: CountingObserver, _ streams: [(InprocStream, InprocStream)]) {
      self.rig = rig
      self.observer = observer
      self.streams = streams.map { ($0.0, $0.1) }
    }

    func cut(_ cut: Cut) {
      switch cut {
      case .callerByPeer: streams[0].peer.finish()
      case .callerByShim: streams[0].chaincode.finish()
      case .calleeByPeer: streams[1].peer.finish()
      case .calleeByShim: streams[1].chaincode.finish()
      case .stopAll:
        rig.environment.work.close()
        for stream in streams { stream.peer.finish() }
        rig.support.stopAll()
      }
    }
  }

  private func withWorld(
    answersAtOnce: Bool, _ body: (World) async throws -> Void
  ) async throws {
    let observer = CountingObserver()
    let ledger = TestLedger(
      answersAtOnce: answersAtOnce,
      state: ["cc1": TestLedger.seed["raw"] ?? [:], "cc2": TestLedger.seed["raw"] ?? [:]])
    try await withPeerRig(
      ledger: ledger,
      configure: {
        $0.allowsUnsolicitedRegistration = true
        $0.observer = observer
      }
    ) { rig in
      var streams: [(InprocStream, InprocStream)] = []
      let ends = [Promise<Void>(), Promise<Void>(), Promise<Void>(), Promise<Void>()]
      for (index, name) in ["cc1", "cc2"].enumerated() {
        let (peer, chaincode) = InprocStream.makePair()
        streams.append((peer, chaincode))
        let id = WireString("\(name):latest")
        try rig.support.systemChaincodes.add(SystemChaincodeDescriptor(name: WireString(name)), fabric: .v1_4)
        let launch = rig.support.registry.launch(id).launch
        _ = rig.environment.work.add("peer") {
          _ = await rig.support.handleChaincodeStream(peer, launchID: id)
          ends[2 * index].fulfil(())
        }
        let shim = ShimHandler(
          ScriptedChaincode(clock: rig.clock), id: id, stream: chaincode, environment: rig.environment)
        _ = rig.environment.work.add("shim") {
          _ = await shim.run()
          ends[2 * index + 1].fulfil(())
        }
        try await launch.wait(
          isFirst: true, id: id, until: .seconds(1 << 20), timers: rig.environment.timers)
      }
      let world = World(rig, observer, streams)
      // The handshake is over when a first transaction is.
      for name in ["cc1", "cc2"] as [WireString] {
        #expect(await execute(world, name, "[]").response?.status == 200)
      }
      try await body(world)
      for stream in streams { stream.0.finish() }
      for end in ends { _ = await end.value() }
    }
  }

  private func execute(
    _ world: World, _ chaincode: WireString = "cc1", _ operations: String = TeardownTests.outer
  ) async -> Result<ExecuteResult, TransactionError> {
    let simulator = world.rig.ledger.simulator()
    defer { simulator.done() }
    let params = TransactionParams(
      channelID: "ch1", txid: "tx1", simulator: simulator, historyQueryExecutor: world.rig.ledger.history)
    do throws(TransactionError) {
      return .success(
        try await world.rig.support.execute(
          ChaincodeVersion(name: chaincode, version: "latest"),
          input: ScriptedChaincode.input(operations), params: params))
    } catch {
      return .failure(error)
    }
  }

  /// How many messages the transaction has.
  private static let length = 36

  @Test(
    "without a cut the transaction succeeds, and has as many messages as the other tests cut",
    arguments: [true, false])
  func whole(answersAtOnce: Bool) async throws {
    try await withWorld(answersAtOnce: answersAtOnce) { world in
      world.observer.start()
      let response = try #require(await execute(world).response)
      #expect(response.status == 200)
      #expect(response.text.contains("call=200"))
      #expect(world.observer.count == Self.length, "\(world.observer.log)")
    }
  }

  @Test("cut at a message", arguments: Cut.allCases, [true, false])
  func cut(_ cut: Cut, answersAtOnce: Bool) async throws {
    for index in 0..<Self.length {
      try await withWorld(answersAtOnce: answersAtOnce) { world in
        let happened = Promise<Void>()
        world.observer.start(at: index) {
          happened.fulfil(())
          world.cut(cut)
        }
        let result = await execute(world)
        #expect(happened.current != nil)
        switch cut {
        case .callerByPeer, .callerByShim, .stopAll:
          // What was sent before a stream ends is still received: the last answer, in the last step.
          if index < Self.length - 1 {
            #expect(result.error?.code == .streamEnded, "message \(index): \(result)")
          }
        case .calleeByPeer, .calleeByShim:
          // Only the callee is gone: the caller goes on with the error, or had its answer before.
          let response = try #require(result.response, "message \(index): \(result)")
          #expect(response.status == 200)
          #expect(response.text.contains("call=500|") || response.text.contains("call=200|"))
        }
      }
    }
  }

  @Test("the host is stopped at a message", arguments: [true, false])
  func stopHost(answersAtOnce: Bool) async throws {
    let seed = TestLedger.seed["raw"] ?? [:]
    for index in 0..<Self.length {
      let observer = CountingObserver()
      let ledger = TestLedger(answersAtOnce: answersAtOnce, state: ["cc1": seed, "cc2": seed])
      try await withHost(ledger: ledger, configure: { $0.observer = observer }) { host, clock in
        for name in ["cc1", "cc2"] as [WireString] {
          try host.register(ScriptedChaincode(clock: clock), as: SystemChaincodeDescriptor(name: name))
        }
        try await host.deploy()
        let stop = Promise<Void>()
        observer.start(at: index) { stop.fulfil(()) }
        await withTaskGroup(of: Void.self) { group in
          group.addTask {
            _ = await stop.value()
            await host.stop()
            let left = host.openWork
            #expect(left.isNothing, "\(left)")
          }
          let result = await host.run("cc1", ["run", Self.outer], ledger: ledger)
          // The stop runs beside the transaction, which may be faster.
          #expect(result.error?.code == .streamEnded || result.response?.status == 200, "\(result)")
        }
        #expect(stop.current != nil)
      }
      #expect(ledger.openSimulatorCount == 0)
    }
  }
}
