import MessageFSM
import Testing

@testable import InprocHost

/// Every case of Fabric 1.4's loop table whose real side is the shim, against the real handler.
@Suite("The shim's loop, case by case as Fabric 1.4 answered", .timeLimit(.minutes(5)))
struct ShimLoopTests {
  static let cases = LoopCase.v1_4.filter { $0.side == "shim" }

  /// Which cases differ, and by which promise; everything else has to be equal.
  static func difference(_ loop: LoopCase) -> LoopDifference {
    switch loop.name {
    case let name where name.contains("nil message"): return .notExpressible
    case let name where name.contains("divided otherwise"): return .pairOfKeys
    case "RESPONSE" where loop.state == "ready", "RESPONSE with another channel id",
      "a late RESPONSE after the transaction completed":
      return .surplus
    case let name where name.hasPrefix("two RESPONSE messages for one request without a pause"):
      return .surplus
    case "a second TRANSACTION with the same txid while the first waits for an answer": return .queued
    case "the channel to the peer is closed before REGISTER",
      "the channel to the peer is closed, then the chaincode makes a request",
      "the peer end closes its channel while the chaincode waits for an answer",
      "both channels are closed while the chaincode waits for an answer (as InprocVM.Stop does)",
      "both channels are closed while the chaincode works; it finishes afterwards",
      "only the channel from the peer is closed while the chaincode works; it finishes afterwards":
      return .streamEnd
    case _: break
    }
    guard loop.error.contains("cannot handle message") else { return .equal }
    // The message is answered and the stream ends, as in Fabric; the launch, which is the peer's, is what differs.
    return loop.state == "ready" ? .shimViolation : .equal
  }

  @Test("each of the 174 cases has its difference, and no other")
  func countOfDifferences() {
    let counts = Dictionary(grouping: Self.cases, by: Self.difference).mapValues(\.count)
    #expect(Self.cases.count == 174)
    #expect(
      counts == [
        .equal: 122, .shimViolation: 37, .surplus: 4, .queued: 1, .pairOfKeys: 1, .streamEnd: 6,
        .notExpressible: 3,
      ])
  }

  // MARK: start

  @Test("the shim's start", arguments: cases.filter { $0.state == "start" })
  func start(_ loop: LoopCase) async throws {
    switch loop.name {
    case "StartInProc sends REGISTER":
      // The rig takes REGISTER and compares it; there is nothing else.
      try await withShimRig(phase: .created) { rig in
        #expect(await rig.untilEcho().isEmpty)
      }
    case "no CORE_CHAINCODE_ID_NAME in the environment", "CORE_CHAINCODE_ID_NAME is empty":
      let environment = loop.name.hasPrefix("no") ? [:] : ["CORE_CHAINCODE_ID_NAME": ""]
      try await withPeerRig { rig in
        let container = InprocContainer(
          PeerRig.id, chaincode: ScriptedChaincode(clock: rig.clock), support: rig.support)
        await container.launchInProc(
          StartContainerRequest(id: PeerRig.id, arguments: [], environment: environment))
        let exit = await container.waitForExit()
        #expect(exit.cause == .chaincode)
        #expect(exit.error?.message == loop.error)
      }
    case "the channel to the peer is closed before REGISTER":
      let environment = HostEnvironment(
        HostConfiguration(version: .v1_4, ledgers: TestLedger(), clock: ManualClock()))
      let (peer, chaincode) = InprocStream.makePair()
      peer.finish()
      let end = await ShimHandler(
        ScriptedChaincode(clock: ManualClock()), id: "raw:1.0", stream: chaincode, environment: environment
      ).run()
      // The same but for what Go says of a closed channel.
      #expect(end.message == "error sending chaincode REGISTER: send of REGISTER on a finished stream")
      #expect(loop.error.hasPrefix("error sending chaincode REGISTER: "))
    case let name: Issue.record("unknown case \(name)")
    }
  }

  // MARK: created, established

  @Test("before READY", arguments: cases.filter { $0.state == "created" || $0.state == "established" })
  func beforeReady(_ loop: LoopCase) async throws {
    guard Self.difference(loop) != .notExpressible else { return }
    let phase = try #require(ShimPhase(rawValue: loop.state))
    try await withShimRig(phase: phase) { rig in
      for input in loop.input { rig.wire.send(try #require(input.message())) }
      if loop.input.isEmpty { rig.wire.stream.finish() }
      if loop.streamEnds {
        #expect(await rig.wire.rest().map { Shown($0) } == loop.replies.map { Shown($0) })
        #expect(await rig.end.value()?.message == loop.error)
        #expect(rig.count(.violations) == (loop.input.isEmpty ? 0 : 1))
      } else {
        #expect(await rig.untilEcho().map { Shown($0) } == loop.replies.map { Shown($0) })
        #expect(rig.end.current == nil)
      }
    }
  }

  // MARK: ready

  private static let special: Set<String> = [
    "the peer end closes its channel",
    "a second TRANSACTION with the same txid while the first waits for an answer",
    "the channel to the peer is closed, then the chaincode makes a request",
    "the peer end closes its channel while the chaincode waits for an answer",
    "both channels are closed while the chaincode waits for an answer (as InprocVM.Stop does)",
    "both channels are closed while the chaincode works; it finishes afterwards",
    "only the channel from the peer is closed while the chaincode works; it finishes afterwards",
    "the peer end does not receive and sends a message that the shim refuses: the loop is stuck in sending the ERROR",
  ]

  private static let regular = cases.filter { loop in
    loop.state == "ready" && !special.contains(loop.name) && difference(loop) != .notExpressible
  }

  @Test("in ready", arguments: regular)
  func ready(_ loop: LoopCase) async throws {
    let difference = Self.difference(loop)
    let garbage = loop.name.hasSuffix("garbage in the proposal")
    let proposal = garbage ? SignedProposal(proposalBytes: [0xff], signature: []) : nil
    try await withShimRig(phase: .ready) { rig in
      var expected = loop.replies.map { Shown($0) }
      switch difference {
      case .shimViolation:
        // Fabric's answer has no channel.
        let last = try #require(loop.input.last)
        expected[expected.count - 1].channel = last.channel ?? ""
      case .surplus where loop.replies.last?.type == "ERROR": expected.removeLast()
      case .surplus where loop.name.hasPrefix("two RESPONSE"):
        let response = Response.success(Array("get=7631\n".utf8))
        expected.append(Shown(.completed, txid: "tx1", channel: "ch1", payload: response.wireBytes()))
      case .pairOfKeys: expected.removeLast()
      case _: break
      }
      // Each input goes out when what the table has before it has come, since an answer is to a request that was made.
      var answers: [ChaincodeMessage] = []
      for (index, input) in loop.input.enumerated() {
        rig.wire.send(try #require(input.message(proposal: proposal)))
        if index + 1 < loop.input.count, !loop.name.contains("without a pause") || index == 0 {
          answers += await Self.answers(to: input, rig, loop)
        }
      }
      answers += await rig.wire.next(expected.count - answers.count)
      answers += await rig.untilEcho()
      #expect(answers.map { Shown($0) } == expected)
      #expect(rig.count(.violations) == (difference == .shimViolation ? 1 : 0))
      let isStray =
        difference == .surplus || difference == .pairOfKeys || loop.name == "ERROR"
        || loop.name == "ERROR for another transaction"
        || loop.name == "a late ERROR after the transaction completed"
      #expect(rig.count(.surplusMessages) == (isStray ? 1 : 0))
      // The stream goes on.
      #expect(rig.end.current == nil)
    }
  }

  /// What has to have come before the next input: one message for each that makes the chaincode send something.
  private static func answers(
    to input: LoopCase.Message, _ rig: ShimRig, _ loop: LoopCase
  ) async -> [ChaincodeMessage] {
    switch input.type {
    case "TRANSACTION", "INIT", "RESPONSE", "KEEPALIVE": await rig.wire.next(1)
    case "ERROR" where input.txid == "other": []
    case _: await rig.wire.next(1)
    }
  }

  // MARK: the rest

  @Test("two transactions of one txid are both served, the answers go to the first that waits")
  func sameTxid() async throws {
    let loop = try Self.named("a second TRANSACTION with the same txid while the first waits for an answer")
    try await withShimRig(phase: .ready) { rig in
      rig.wire.send(try #require(loop.input[0].message()))
      #expect(await rig.wire.next(1).map { Shown($0) } == [Shown(loop.replies[0])])
      rig.wire.send(try #require(loop.input[1].message()))
      // Fabric's second fails all its calls with "channel exists"; here its first call goes out.
      let second = GetState(key: "second").wireBytes()
      #expect(
        await rig.wire.next(1).map { Shown($0) } == [
          Shown(.getState, txid: "tx1", channel: "ch1", payload: second)
        ])
      rig.wire.send(try #require(loop.input[2].message()))
      #expect(await rig.wire.next(1).map { Shown($0) } == [Shown(try #require(loop.replies.last))])
      #expect(rig.count(.surplusMessages) == 0)
    }
  }

  @Test("the end of the stream in ready")
  func endInReady() async throws {
    let loop = try #require(
      Self.cases.first { $0.state == "ready" && $0.name == "the peer end closes its channel" })
    try await withShimRig(phase: .ready) { rig in
      #expect(await rig.untilEcho().isEmpty)
      rig.wire.stream.finish()
      #expect(await rig.end.value()?.message == loop.error)
    }
  }

  @Test(
    "a stream that ends releases a chaincode that waits for an answer",
    arguments: [
      "the peer end closes its channel while the chaincode waits for an answer",
      "both channels are closed while the chaincode waits for an answer (as InprocVM.Stop does)",
    ])
  func endWhileWaiting(_ name: String) async throws {
    let loop = try Self.named(name)
    try await withShimRig(phase: .ready) { rig in
      rig.wire.send(try #require(loop.input[0].message()))
      #expect(await rig.wire.next(1).map { Shown($0) } == loop.replies.map { Shown($0) })
      rig.wire.stream.finish()
      // The shim ends only when the transaction's task has; in Fabric that one is left for ever.
      #expect(await rig.end.value()?.message == loop.error)
      #expect(rig.count(.tasksStarted) == 1 && rig.count(.tasksEnded) == 1)
      #expect(rig.count(.tasksAbandoned) == 0)
    }
  }

  @Test(
    "a stream that ends while the chaincode works: it is cancelled, and what it does afterwards harms nobody",
    arguments: [
      "the channel to the peer is closed, then the chaincode makes a request",
      "both channels are closed while the chaincode works; it finishes afterwards",
      "only the channel from the peer is closed while the chaincode works; it finishes afterwards",
    ])
  func endWhileWorking(_ name: String) async throws {
    let loop = try Self.named(name)
    try await withShimRig(phase: .ready) { rig in
      rig.wire.send(try #require(loop.input[0].message()))
      await rig.clock.waitForSleeper(until: .milliseconds(300))
      rig.wire.stream.finish()
      #expect(await rig.end.value()?.message == "receive failed: channel is closed")
      #expect(rig.count(.tasksStarted) == 1 && rig.count(.tasksEnded) == 1)
      #expect(await rig.wire.rest().isEmpty)
    }
  }

  @Test("a peer that does not read does not hold up the loop")
  func peerDoesNotRead() async throws {
    let loop = try Self.named(
      "the peer end does not receive and sends a message that the shim refuses: "
        + "the loop is stuck in sending the ERROR")
    try await withShimRig(phase: .ready) { rig in
      for input in loop.input { rig.wire.send(try #require(input.message())) }
      #expect(await rig.untilEcho().map { Shown($0) } == [Shown(loop.replies[0])])
      await rig.clock.waitForSleeper(until: .milliseconds(60))
      rig.clock.advance(by: .milliseconds(60))
      #expect(await rig.wire.next(1).map { Shown($0) } == [Shown(loop.replies[1])])
      #expect(rig.count(.violations) == 1)
      #expect(rig.end.current == nil)
    }
  }

  private static func named(_ name: String) throws -> LoopCase {
    try #require(cases.first { $0.name == name })
  }
}
