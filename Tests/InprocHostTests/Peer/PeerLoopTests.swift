import MessageFSM
import Testing

@testable import InprocHost

/// Every case of Fabric 1.4's loop table whose real side is the peer, against the real handler.
@Suite("The peer's loop, case by case as Fabric 1.4 answered", .timeLimit(.minutes(5)))
struct PeerLoopTests {
  static let cases = LoopCase.v1_4.filter { $0.side == "peer" }

  /// Which cases differ, and by which promise; everything else has to be equal.
  static func difference(_ loop: LoopCase) -> LoopDifference {
    if loop.name.contains("nil message") || loop.name.hasPrefix("Recv of the stream") {
      return .notExpressible
    }
    switch loop.state {
    case "created":
      switch loop.name {
      case "REGISTER", "KEEPALIVE", "KEEPALIVE, then REGISTER", "the chaincode end closes its channel",
        "REGISTER of a chaincode that is not being launched, in dev mode (user runs chaincode)":
        return .equal
      case "sending REGISTERED fails", "sending READY fails": return .streamEnd
      case let name where name.hasPrefix("REGISTER with") || name.hasPrefix("REGISTER of"):
        return .refusedRegistration
      case _: return .beforeReady
      }
    case "established": return loop.name == "KEEPALIVE" ? .equal : .beforeReady
    case _: break
    }
    switch loop.name {
    case "GET_STATE with channel and txid divided otherwise (ch1t + x1)": return .pairOfKeys
    case let name where name.hasSuffix("of the same transaction while the first is being worked on"),
      let name where name.hasSuffix("of the same transaction while a GET_STATE is being worked on"):
      return .queued
    case let name
    where name.contains("being sent (as InprocVM.Stop does)") || name.contains("cannot be sent"):
      return .streamEnd
    case _:
      return loop.streamEnds && !loop.input.isEmpty && loop.error.contains("cannot handle message")
        ? .peerViolation : .equal
    }
  }

  @Test("each of the 199 cases has its difference, and no other")
  func countOfDifferences() {
    let counts = Dictionary(grouping: Self.cases, by: Self.difference).mapValues(\.count)
    #expect(Self.cases.count == 199)
    #expect(
      counts == [
        .equal: 109, .beforeReady: 43, .refusedRegistration: 7, .peerViolation: 17, .queued: 13,
        .pairOfKeys: 1, .streamEnd: 5, .notExpressible: 4,
      ])
  }

  // MARK: created

  @Test("before REGISTER", arguments: cases.filter { $0.state == "created" })
  func created(_ loop: LoopCase) async throws {
    let difference = Self.difference(loop)
    guard difference != .notExpressible else { return }
    let isDevelopment = loop.name.contains("dev mode")
    let isUnsolicited = loop.name.contains("not being launched")
    try await withPeerRig(configure: { $0.allowsUnsolicitedRegistration = isDevelopment }) { rig in
      if loop.name == "REGISTER of a name that another stream has registered" {
        return try await duplicate(rig, loop)
      }
      let launch = isUnsolicited ? nil : rig.support.registry.launch(PeerRig.registrationID).launch
      let wire: Wire
      if difference == .streamEnd {
        // The chaincode's end is finished before the peer reads REGISTER, so that REGISTERED cannot be sent.
        let (peer, chaincode) = InprocStream.makePair()
        wire = Wire(stream: chaincode)
        for input in loop.input { wire.send(try #require(input.message())) }
        chaincode.finish()
        wire.end.fulfil(
          await rig.support.handleChaincodeStream(peer, launchID: PeerRig.registrationID))
      } else {
        wire = rig.connect(launchID: isUnsolicited ? nil : PeerRig.registrationID)
        for input in loop.input { wire.send(try #require(input.message())) }
      }
      switch difference {
      case .equal where loop.streamEnds:
        wire.stream.finish()
        #expect(await wire.end.value()?.message == loop.error)
      case .equal where loop.replies.isEmpty:
        // Nothing came: what comes next is the answer to a good REGISTER.
        await wire.register()
      case .equal:
        #expect(await wire.next(loop.replies.count).map { Shown($0) } == loop.replies.map { Shown($0) })
        if let launch { #expect(await Self.failure(of: launch, rig) == nil) }
        #expect(rig.support.registry.handler(PeerRig.registrationID)?.isReady == true)
        #expect(await wire.untilBarrier().isEmpty)
      case .beforeReady:
        let text = String(loop.error.dropFirst("error handling message, ending stream: ".count))
        let first = try #require(loop.input.first)
        #expect(
          await wire.rest().map { Shown($0) } == [
            Shown(error: text, txid: first.txid ?? "", channel: first.channel ?? "")
          ])
        #expect(await wire.end.value()?.message == loop.error)
        #expect(rig.count(.violations) == 1)
        if let launch {
          #expect(await Self.failure(of: launch, rig) == "chaincode registration failed: " + loop.error)
        }
      case .refusedRegistration:
        let text = Self.refusal(loop)
        #expect(await wire.rest().map { Shown($0) } == [Shown(error: text)])
        #expect(await wire.end.value()?.message == text)
        #expect(rig.count(.refusedRegistrations) == 1)
        if let launch {
          #expect(await Self.failure(of: launch, rig) == "chaincode registration failed: " + text)
        }
      case .streamEnd:
        let end = try #require(await wire.end.value())
        #expect(end.code == .streamFinished)
        if let launch {
          #expect(
            await Self.failure(of: launch, rig) == "chaincode registration failed: \(end.message)")
        }
      case .peerViolation, .shimViolation, .surplus, .queued, .pairOfKeys, .notExpressible:
        Issue.record("\(difference) cannot be here")
      }
      if difference != .equal { #expect(rig.support.registry.handlers.isEmpty) }
    }
  }

  private func duplicate(_ rig: PeerRig, _ loop: LoopCase) async throws {
    let first = await rig.connectReady()
    let second = rig.connect(launchID: nil)
    for input in loop.input { second.send(try #require(input.message())) }
    let text = "duplicate chaincodeID: raw:1.0"
    #expect(await second.rest().map { Shown($0) } == [Shown(error: text)])
    #expect(await second.end.value()?.message == text)
    // The first is as it was, and works.
    let execution = rig.begin()
    #expect(await first.next()?.type == .transaction)
    first.send(.completed(.success()), txid: "tx1", channel: "ch1")
    #expect(await execution.outcome.value() == "returned status 200, message \"\", payload \"\"")
  }

  /// With which text a launch has failed; `nil` if it has not.
  private static func failure(of launch: LaunchState, _ rig: PeerRig) async -> String? {
    do throws(HostError) {
      try await launch.wait(
        isFirst: true, id: PeerRig.registrationID, until: .seconds(1 << 20), timers: rig.environment.timers)
      return nil
    } catch {
      return error.message
    }
  }

  private static func refusal(_ loop: LoopCase) -> String {
    switch loop.name {
    case let name where name.hasPrefix("REGISTER with a garbage payload"):
      "error in received REGISTER, could not unmarshal registration info: unexpected EOF"
    case "REGISTER with an empty payload":
      "error in handling register chaincode, chaincodeID name is empty"
    case "REGISTER of another name than the one being launched":
      "peer will not accept external chaincode connection other:1.0 (except in dev mode)"
    case _: "peer will not accept external chaincode connection raw:1.0 (except in dev mode)"
    }
  }

  // MARK: established

  /// Between REGISTERED and READY the handler reads nothing, so no message reaches it in that state: the machine has to say it.
  @Test("between REGISTERED and READY", arguments: cases.filter { $0.state == "established" })
  func established(_ loop: LoopCase) throws {
    var machine = PeerStateMachine(version: .v1_4)
    let isEstablished = machine.registered()
    #expect(isEstablished)
    let message = try #require(loop.input.first?.message())
    let action = machine.received(message.type, txid: message.txid)
    switch Self.difference(loop) {
    case .equal:
      #expect(action == .ignore)
      #expect(machine.state == .established)
    case _:
      guard case .refuseAndEnd(let violation) = action else {
        Issue.record("\(action)")
        return
      }
      #expect("error handling message, ending stream: \(violation)" == loop.error)
      #expect(machine.state == .ended)
    }
  }

  // MARK: ready

  private static let special: Set<String> = [
    "an iterator of more than 100 results, closed in between (namespace raw has 150 keys)",
    "QUERY_STATE_NEXT of an iterator of another transaction",
    "a second GET_STATE of the same transaction while the first is being worked on",
    "GET_STATE of another transaction while the first is being worked on",
    "COMPLETED while a GET_STATE is being worked on",
    "KEEPALIVE and REGISTER while a GET_STATE is being worked on",
    "the TRANSACTION cannot be sent (the channel to the chaincode is closed)",
    "execute timeout, then the late COMPLETED", "execute timeout, then a late GET_STATE",
    "a second transaction with the same txid while the first runs",
    "the peer sends KEEPALIVE (every 60 ms, watched for about 200 ms; the number is a matter of time)",
    "the peer sends KEEPALIVE and the chaincode end does not receive",
  ]

  private static let regular = cases.filter { loop in
    loop.state == "ready" && !special.contains(loop.name) && difference(loop) != .queued
      && difference(loop) != .notExpressible
  }

  @Test("in ready", arguments: regular)
  func ready(_ loop: LoopCase) async throws {
    let difference = Self.difference(loop)
    try await withPeerRig { rig in
      let wire = await rig.connectReady()
      let execution = try await Self.begin(loop, rig, wire)
      for input in loop.input { wire.send(try #require(input.message())) }
      if loop.streamEnds && difference != .peerViolation {
        wire.stream.finish()
        #expect(await wire.end.value()?.message == "receive failed: channel is closed")
        if difference == .equal { #expect(loop.error == "receive failed: channel is closed") }
        #expect(
          await execution?.outcome.value()
            == "returned error: failed to execute transaction tx1: error sending: chaincode stream terminated"
        )
        #expect(rig.support.registry.handlers.isEmpty)
        return
      }
      var replies = loop.replies.map { Shown($0) }
      var outcome = Self.outcome(loop)
      switch difference {
      case .peerViolation:
        let text = String(loop.error.dropFirst("error handling message, ending stream: ".count))
        let last = try #require(loop.input.last)
        replies.append(Shown(error: text, txid: last.txid ?? "", channel: last.channel ?? ""))
        if execution != nil {
          outcome =
            last.txid == "tx1"
            ? "returned error: failed to execute transaction tx1: error sending: \(text)" : "still waits"
        }
      case .pairOfKeys:
        replies = [
          Shown(error: "GET_STATE failed: transaction ID: x1: no ledger context", txid: "x1", channel: "ch1t")
        ]
      case _: break
      }
      var answers = await wire.next(replies.count)
      answers += await wire.untilBarrier()
      #expect(answers.map { Shown($0) } == replies)
      if let outcome, let execution { try await Self.expect(execution, outcome) }
      #expect(rig.count(.violations) == (difference == .peerViolation ? 1 : 0))
      if execution == nil, loop.name.hasPrefix("COMPLETED") || loop.name.hasPrefix("ERROR") {
        #expect(rig.count(.surplusMessages) == 1)
      }
      // The stream goes on.
      #expect(wire.end.current == nil)
      #expect(rig.support.registry.handler(PeerRig.registrationID) != nil)
    }
  }

  private static func begin(_ loop: LoopCase, _ rig: PeerRig, _ wire: Wire) async throws -> Execution? {
    if loop.name.hasSuffix("no such transaction") { return nil }
    let execution = rig.begin(
      channel: loop.name.hasSuffix("running without a channel") ? "" : "ch1",
      withSimulator: !loop.name.hasSuffix("without a simulator"))
    #expect(await wire.next()?.type == .transaction)
    return execution
  }

  /// What the notes tell of the transaction.
  private static func outcome(_ loop: LoopCase) -> String? {
    for note in loop.notes {
      if let range = note.firstRange(of: "Execute ") { return String(note[range.upperBound...]) }
    }
    return nil
  }

  private static func expect(_ execution: Execution, _ outcome: String) async throws {
    if outcome == "still waits" {
      #expect(execution.outcome.current == nil)
    } else {
      // The table was written with bytes that are not UTF-8 replaced, and with some of them escaped.
      let told = try #require(await execution.outcome.value()).replacing("\u{8}", with: "\\x08")
        .replacing("\u{1}\u{1a}\u{3}", with: "\\x01\\x1a\\x03")
      #expect(told == outcome || execution.outcome.current == outcome)
    }
  }

  // MARK: requests while one is open

  @Test(
    "a request while another is open waits for its turn",
    arguments: cases.filter { difference($0) == .queued })
  func queued(_ loop: LoopCase) async throws {
    try await withPeerRig(ledger: TestLedger(answersAtOnce: false)) { rig in
      let wire = await rig.connectReady()
      let execution = rig.begin()
      #expect(await wire.next()?.type == .transaction)
      wire.send(try #require(loop.input.first?.message()))
      await rig.ledger.gate.waitForArrival()
      for input in loop.input.dropFirst() { wire.send(try #require(input.message())) }
      // The loop has taken them, and has answered none of them.
      #expect(await wire.untilBarrier().isEmpty)
      rig.ledger.gate.open()
      // Fabric answers the first one only; what it says to the others when they come alone is in the table too.
      var expected = [Shown(loop.replies[0])]
      for input in loop.input.dropFirst() {
        let alone = Self.cases.first { $0.name == "\(input.type), transaction running" }
        expected += try #require(alone).replies.map { Shown($0) }
      }
      #expect(await wire.next(loop.input.count).map { Shown($0) } == expected)
      #expect(execution.outcome.current == nil)
    }
  }

  @Test("another transaction is answered while one waits for the ledger")
  func anotherTransaction() async throws {
    let loop = try Self.named("GET_STATE of another transaction while the first is being worked on")
    try await withPeerRig(ledger: TestLedger(answersAtOnce: false)) { rig in
      let wire = await rig.connectReady()
      _ = rig.begin()
      #expect(await wire.next()?.txid == "tx1")
      _ = rig.begin(txid: "tx2")
      #expect(await wire.next()?.txid == "tx2")
      for input in loop.input { wire.send(try #require(input.message())) }
      await rig.ledger.gate.waitForArrival()
      let first = await wire.next(1)
      rig.ledger.gate.open()
      let answers = first + (await wire.next(1))
      #expect(answers.map { Shown($0) } == loop.replies.map { Shown($0) })
    }
  }

  @Test("COMPLETED ends the transaction at once; the request that is open is answered all the same")
  func completedWhileServing() async throws {
    let loop = try Self.named("COMPLETED while a GET_STATE is being worked on")
    try await withPeerRig(ledger: TestLedger(answersAtOnce: false)) { rig in
      let wire = await rig.connectReady()
      let execution = rig.begin()
      #expect(await wire.next()?.type == .transaction)
      for input in loop.input { wire.send(try #require(input.message())) }
      await rig.ledger.gate.waitForArrival()
      #expect(await execution.outcome.value() == Self.outcome(loop))
      rig.ledger.gate.open()
      #expect(await wire.next(1).map { Shown($0) } == loop.replies.map { Shown($0) })
    }
  }

  @Test("KEEPALIVE and REGISTER while a request is open: the second is answered, the request too")
  func registerWhileServing() async throws {
    let loop = try Self.named("KEEPALIVE and REGISTER while a GET_STATE is being worked on")
    try await withPeerRig(ledger: TestLedger(answersAtOnce: false)) { rig in
      let wire = await rig.connectReady()
      let execution = rig.begin()
      #expect(await wire.next()?.type == .transaction)
      for input in loop.input { wire.send(try #require(input.message())) }
      await rig.ledger.gate.waitForArrival()
      #expect(
        await wire.untilBarrier().map { Shown($0) } == [
          Shown(error: "[] Fabric side handler cannot handle message (REGISTER) while in ready state")
        ])
      rig.ledger.gate.open()
      #expect(await wire.next(1).map { Shown($0) } == [Shown(.response, txid: "tx1", channel: "ch1")])
      #expect(execution.outcome.current == nil)
    }
  }

  // MARK: iterators

  @Test("an iterator that was closed gives no more results")
  func closedIterator() async throws {
    let loop = try Self.named(
      "an iterator of more than 100 results, closed in between (namespace raw has 150 keys)")
    try await withPeerRig { rig in
      let wire = await rig.connectReady()
      _ = rig.begin()
      #expect(await wire.next()?.type == .transaction)
      for input in loop.input { wire.send(try #require(input.message())) }
      let answers = await wire.next(1 + loop.replies.count)
      let batch = try QueryResponse(wireBytes: try #require(answers.first).payload.wireBytes())
      #expect(batch.results.count == 100 && batch.hasMore)
      #expect(answers.dropFirst().map { Shown($0) } == loop.replies.map { Shown($0) })
    }
  }

  @Test("an iterator belongs to its transaction")
  func foreignIterator() async throws {
    let loop = try Self.named("QUERY_STATE_NEXT of an iterator of another transaction")
    try await withPeerRig { rig in
      let wire = await rig.connectReady()
      _ = rig.begin()
      _ = rig.begin(txid: "tx2")
      _ = await wire.next(2)
      for input in loop.input { wire.send(try #require(input.message())) }
      #expect(await wire.next(2).dropFirst().map { Shown($0) } == loop.replies.map { Shown($0) })
      // It is still open, and closed at the end of tx1.
      #expect(rig.ledger.openIteratorCount == 1)
    }
  }

  // MARK: time, duplicates, streams

  @Test(
    "after the deadline, what the chaincode still sends harms nobody",
    arguments: cases.filter { $0.name.hasPrefix("execute timeout") })
  func deadline(_ loop: LoopCase) async throws {
    try await withPeerRig { rig in
      let wire = await rig.connectReady()
      let execution = rig.begin()
      #expect(await wire.next()?.type == .transaction)
      rig.clock.advance(by: .seconds(30))
      #expect(await execution.outcome.value() == Self.outcome(loop))
      for input in loop.input { wire.send(try #require(input.message())) }
      #expect(await wire.untilBarrier().map { Shown($0) } == loop.replies.map { Shown($0) })
      #expect(rig.count(.surplusMessages) == (loop.replies.isEmpty ? 1 : 0))
      #expect(rig.count(.deadlinesExceeded) == 1)
    }
  }

  @Test("a second transaction with the same txid is refused, and the first goes on")
  func sameTxid() async throws {
    let loop = try Self.named("a second transaction with the same txid while the first runs")
    try await withPeerRig { rig in
      let wire = await rig.connectReady()
      _ = rig.begin()
      #expect(await wire.next()?.type == .transaction)
      #expect(await rig.begin().outcome.value() == Self.outcome(loop))
      for input in loop.input { wire.send(try #require(input.message())) }
      #expect(await wire.untilBarrier().map { Shown($0) } == loop.replies.map { Shown($0) })
    }
  }

  @Test("a TRANSACTION that cannot be sent ends its execution")
  func transactionCannotBeSent() async throws {
    _ = try Self.named("the TRANSACTION cannot be sent (the channel to the chaincode is closed)")
    try await withPeerRig { rig in
      let wire = await rig.connectReady()
      _ = rig.begin(txid: "tx0")
      _ = await wire.next(1)
      // The loop is kept busy inside the ledger, so that it does not see the end of the stream.
      wire.send(.getState(GetState(key: "block")), txid: "tx0", channel: "ch1")
      await rig.ledger.gate.waitForArrival()
      wire.stream.finish()
      let text = "[tx1] error sending TRANSACTION: send of TRANSACTION on a finished stream"
      #expect(
        await rig.begin().outcome.value()
          == "returned error: failed to execute transaction tx1: error sending: \(text)")
      rig.ledger.gate.open()
    }
  }

  @Test("KEEPALIVE is sent at its interval, bare, and piles up for a chaincode that does not read")
  func keepalive() async throws {
    _ = try Self.named(
      "the peer sends KEEPALIVE (every 60 ms, watched for about 200 ms; the number is a matter of time)")
    _ = try Self.named("the peer sends KEEPALIVE and the chaincode end does not receive")
    try await withPeerRig(configure: { $0.keepalive = .milliseconds(60) }) { rig in
      let wire = await rig.connectReady()
      for round in 1...4 {
        await rig.clock.waitForSleeper(until: .milliseconds(60 * round))
        rig.clock.advance(by: .milliseconds(60))
      }
      #expect(await wire.next(4).map { Shown($0) } == Array(repeating: Shown(.keepalive), count: 4))
    }
  }

  private static func named(_ name: String) throws -> LoopCase {
    try #require(cases.first { $0.name == name })
  }
}
