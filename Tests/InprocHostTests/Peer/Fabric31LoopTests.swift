import MessageFSM
import Testing

@testable import InprocHost

/// Every case of Fabric 3.1.5's loop table, against the real handlers.
@Suite("The loops, case by case as Fabric 3.1.5 answered", .timeLimit(.minutes(5)))
struct Fabric31LoopTests {
  static let cases = LoopCase.v3_1.cases

  static func difference(_ loop: LoopCase) -> LoopDifference {
    if loop.side == "peer", loop.state == "created" {
      if loop.name.hasPrefix("REGISTER with") && !loop.name.hasSuffix("expected name") {
        return .refusedRegistration
      }
      return loop.streamEnds ? .beforeReady : .equal
    }
    guard loop.streamEnds else { return .equal }
    if loop.side == "peer" { return .peerViolation }
    // Before READY the shim answers and ends, as in Fabric.
    return loop.state == "created" ? .equal : .shimViolation
  }

  @Test("each of the 56 cases has its difference, and no other")
  func countOfDifferences() {
    let counts = Dictionary(grouping: Self.cases, by: Self.difference).mapValues(\.count)
    #expect(Self.cases.count == 56)
    #expect(
      counts == [
        .equal: 32, .refusedRegistration: 3, .beforeReady: 5, .peerViolation: 10, .shimViolation: 6,
      ])
  }

  // MARK: the peer

  @Test("the peer before REGISTER", arguments: cases.filter { $0.side == "peer" && $0.state == "created" })
  func peerCreated(_ loop: LoopCase) async throws {
    try await withPeerRig(version: .v3_1) { rig in
      let launch = rig.support.registry.launch(PeerRig.registrationID).launch
      let wire = rig.connect()
      let isExpected = loop.name == "REGISTER with the expected name"
      // The table has NAME in the place of the name.
      let register = ChaincodeMessage(.register(ChaincodeID(name: PeerRig.registrationID)))
      for input in loop.input { wire.send(isExpected ? register : try #require(input.message())) }
      let difference = Self.difference(loop)
      switch difference {
      case .equal where loop.replies.isEmpty:
        await wire.register()
      case .equal:
        #expect(await wire.next(2).map { Shown($0) } == loop.replies.map { Shown($0) })
      case .beforeReady:
        let text = String(loop.error.dropFirst("error handling message, ending stream: ".count))
        #expect(await wire.rest().map { Shown($0) } == [Shown(error: text, txid: "tx1")])
        #expect(await wire.end.value()?.message == loop.error)
      case _:
        let answers = await wire.rest()
        #expect(answers.map(\.type) == [.error])
        #expect(rig.count(.refusedRegistrations) == 1)
        await #expect {
          try await launch.wait(
            isFirst: true, id: PeerRig.registrationID, until: .seconds(1 << 20),
            timers: rig.environment.timers)
        } throws: { ($0 as? HostError)?.message.hasPrefix("chaincode registration failed: ") == true }
      }
      #expect(rig.support.registry.handlers.isEmpty == (difference != .equal))
    }
  }

  @Test("the peer in ready", arguments: cases.filter { $0.side == "peer" && $0.state == "ready" })
  func peerReady(_ loop: LoopCase) async throws {
    try await withPeerRig(version: .v3_1) { rig in
      let wire = await rig.connectReady()
      for input in loop.input { wire.send(try #require(input.message())) }
      var expected = loop.replies.map { Shown($0) }
      if Self.difference(loop) == .peerViolation {
        let text = String(loop.error.dropFirst("error handling message, ending stream: ".count))
        expected.append(Shown(error: text, txid: "tx1"))
      }
      #expect(await wire.untilBarrier().map { Shown($0) } == expected)
      #expect(wire.end.current == nil)
      #expect(rig.count(.violations) == (loop.streamEnds ? 1 : 0))
    }
  }

  // MARK: the shim

  @Test("the shim", arguments: cases.filter { $0.side == "shim" })
  func shim(_ loop: LoopCase) async throws {
    let phase: ShimPhase = loop.state == "created" ? .created : .established
    try await withShimRig(version: .v3_1, phase: phase) { rig in
      var answers: [ChaincodeMessage] = []
      for (index, input) in loop.input.enumerated() {
        rig.wire.send(try #require(input.message()))
        // What the chaincode asks has to be there before it is answered.
        if input.type == "TRANSACTION", index + 1 < loop.input.count { answers += await rig.wire.next(1) }
      }
      if Self.difference(loop) == .equal && loop.streamEnds {
        answers += await rig.wire.rest()
        #expect(await rig.end.value()?.message == loop.error)
      } else {
        answers += await rig.wire.next(loop.replies.count - answers.count)
        answers += await rig.untilEcho()
        #expect(rig.end.current == nil)
      }
      #expect(answers.map { Shown($0) } == loop.replies.map { Shown($0) })
      #expect(rig.count(.violations) == (loop.streamEnds ? 1 : 0))
    }
  }

  @Test("what READY offers decides what is sent, and in what segments", arguments: LoopCase.v3_1.limits)
  func limits(_ limit: LoopCase.Table.Limit) async throws {
    let rows = [
      (#"[["startBatch"],["putN","k",130,"v"],["finishBatch"]]"#, limit.putOf130InABatch),
      (#"[["getMultipleN","k",130]]"#, limit.getMultipleOf130),
    ]
    for (operations, expected) in rows {
      try await withShimRig(version: .v3_1, phase: .ready, ready: bytes(hex: limit.readyPayload)) { rig in
        rig.wire.send(.transaction(ScriptedChaincode.input(operations)), txid: "tx1")
        let first = try #require(await rig.wire.next())
        let told =
          switch try first.payload.typed() {
          case .writeBatchState(let batch): "\(first.type) with \(batch.records.count) records"
          case .getStateMultiple(let get): "\(first.type) with \(get.keys.count) keys"
          case _: "\(first.type)"
          }
        #expect(told == expected)
      }
    }
  }

  @Test("there are 15 rows of limits")
  func countOfLimits() {
    #expect(LoopCase.v3_1.limits.count == 15)
  }

  // MARK: READY

  struct ReadyTable: Decodable {
    struct Row: Decodable {
      struct Params: Decodable {
        let useWriteBatch: Bool?
        let maxSizeWriteBatch: UInt32?
        let useGetMultipleKeys: Bool?
        let maxSizeGetMultipleKeys: UInt32?
      }

      let config: String
      let runtimeParams: Params?
      let message: String
    }

    let rows: [Row]
  }

  @Test("READY carries what is configured; a size that is not set is 1000")
  func ready() async throws {
    let table = try Golden.decode(ReadyTable.self, "v3_1/tables/ready.json")
    #expect(table.rows.count == 13)
    for row in table.rows {
      try await withPeerRig(
        version: .v3_1,
        configure: { configuration in
          guard let params = row.runtimeParams else { return }
          configuration.runtimeParams = ChaincodeAdditionalParams(
            useWriteBatch: params.useWriteBatch ?? false, maxSizeWriteBatch: params.maxSizeWriteBatch ?? 0,
            useGetMultipleKeys: params.useGetMultipleKeys ?? false,
            maxSizeGetMultipleKeys: params.maxSizeGetMultipleKeys ?? 0)
        }
      ) { rig in
        _ = rig.support.registry.launch(PeerRig.registrationID)
        let wire = rig.connect()
        wire.send(.register(ChaincodeID(name: PeerRig.registrationID)))
        #expect(await wire.next(2).last?.wireBytes() == bytes(hex: row.message), "\(row.config)")
      }
    }
  }

  @Test(
    "a host that offers nothing sends READY without a payload, as peers before 3.1 do",
    arguments: [FabricVersion.v1_4, .v3_1])
  func noOffer(_ version: FabricVersion) async throws {
    try await withPeerRig(version: version, configure: { $0.runtimeParams = nil }) { rig in
      _ = rig.support.registry.launch(PeerRig.registrationID)
      let wire = rig.connect()
      wire.send(.register(ChaincodeID(name: PeerRig.registrationID)))
      #expect(await wire.next(2).map { Shown($0) } == [Shown(.registered), Shown(.ready)])
    }
  }
}
