import MessageFSM
import Testing

@testable import InprocHost

/// Allows everything.
struct AllowAll: ACLProvider {
  func checkACL(resource: String, channel: WireString, proposal: SignedProposal?) async throws {}
}

/// What a transaction came to, as the tables tell it.
enum Told {
  static func outcome(_ result: Result<ExecuteResult, TransactionError>) -> String {
    switch result {
    case .success(let result):
      let payload = String(decoding: result.response.payload, as: UTF8.self)
      return "returned status \(result.response.status), message \"\(result.response.message)\", "
        + "payload \"\(payload)\"" + event(result.event)
    case .failure(let error): return "returned error: \(error.message)" + event(error.event)
    }
  }

  private static func event(_ event: ChaincodeEvent?) -> String {
    event.map { ", event \($0.goText)" } ?? ""
  }
}

/// The peer's end for real, the chaincode's end by hand.
final class PeerRig: Sendable {
  static let id = ChaincodeVersion(name: "raw", version: "1.0")
  static let registrationID: WireString = "raw:1.0"

  let environment: HostEnvironment
  let chaincodes = Registry()
  let support: ChaincodeSupport
  let ledger: TestLedger
  let clock: ManualClock
  private let wires = Locked<[Wire]>([])

  fileprivate init(configuration: HostConfiguration, ledger: TestLedger, clock: ManualClock) {
    self.environment = HostEnvironment(configuration)
    self.support = ChaincodeSupport(environment: environment, chaincodes: chaincodes)
    self.ledger = ledger
    self.clock = clock
  }

  /// Connects a hand-driven chaincode.
  func connect(launchID: WireString? = PeerRig.registrationID) -> Wire {
    let (peer, chaincode) = InprocStream.makePair()
    let wire = Wire(stream: chaincode)
    wires.withLock { $0.append(wire) }
    _ = environment.work.add("stream") { [support] in
      wire.end.fulfil(await support.handleChaincodeStream(peer, launchID: launchID))
    }
    return wire
  }

  /// A chaincode that has registered and is ready.
  func connectReady() async -> Wire {
    let launch = support.registry.launch(Self.registrationID).launch
    let wire = connect()
    await wire.register()
    // READY goes out before the handler is handed out; the launch tells when it is.
    try? await launch.wait(
      isFirst: true, id: Self.registrationID, until: .seconds(1 << 20), timers: environment.timers)
    return wire
  }

  /// Runs a transaction of the hand-driven chaincode.
  func begin(
    txid: WireString = "tx1", channel: WireString = "ch1", withSimulator: Bool = true,
    timeout: Duration? = nil
  ) -> Execution {
    let execution = Execution(simulator: withSimulator && !channel.isEmpty ? ledger.simulator() : nil)
    var params = TransactionParams(
      channelID: channel, txid: txid, signedProposal: SignedProposal(), proposal: Proposal(),
      simulator: execution.simulator, historyQueryExecutor: withSimulator ? ledger.history : nil,
      timeout: timeout)
    if !withSimulator { params.historyQueryExecutor = nil }
    let final = params
    _ = environment.work.add("execute \(txid)") { [support] in
      let result: Result<ExecuteResult, TransactionError>
      do throws(TransactionError) {
        result = .success(
          try await support.execute(Self.id, input: ChaincodeInput(args: []), params: final))
      } catch {
        result = .failure(error)
      }
      execution.simulator?.done()
      execution.outcome.fulfil(Told.outcome(result))
    }
    return execution
  }

  fileprivate func finishAll() {
    for wire in wires.withLock({ $0 }) { wire.stream.finish() }
  }

  func count(_ counter: HostCounter) -> Int { environment.counters.value(counter) }

  /// Checks that nothing is left.
  fileprivate func expectNothingLeft() {
    #expect(support.registry.handlers.isEmpty)
    #expect(environment.timers.count == 0)
    #expect(count(.tasksStarted) == count(.tasksEnded))
    #expect(count(.transactionsBegun) == count(.transactionsEnded))
    #expect(ledger.openIteratorCount == 0)
    #expect(ledger.openSimulatorCount == 0)
  }
}

/// A transaction that a test runs.
final class Execution: Sendable {
  let simulator: TestSimulator?
  let outcome = Promise<String>()

  init(simulator: TestSimulator?) { self.simulator = simulator }
}

/// The hand-driven end of a stream.
final class Wire: Sendable {
  let stream: InprocStream
  /// Why the other end has ended.
  let end = Promise<HostError>()
  private let buffer = Locked<[ChaincodeMessage]>([])

  init(stream: InprocStream) { self.stream = stream }

  func send(_ message: ChaincodeMessage) { try? stream.send(message) }

  func send(_ payload: Payload, txid: WireString = "", channel: WireString = "") {
    send(ChaincodeMessage(payload, txid: txid, channelID: channel))
  }

  /// The next message; `nil` at the end of the stream.
  func next() async -> ChaincodeMessage? {
    while true {
      if let message = buffer.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return message }
      var messages: [ChaincodeMessage] = []
      guard await stream.receive(into: &messages) else { return nil }
      buffer.withLock { $0 = messages }
    }
  }

  /// The next messages, so many.
  func next(_ count: Int) async -> [ChaincodeMessage] {
    var messages: [ChaincodeMessage] = []
    while messages.count < count, let message = await next() { messages.append(message) }
    return messages
  }

  /// What comes until the end of the stream.
  func rest() async -> [ChaincodeMessage] {
    var messages: [ChaincodeMessage] = []
    while let message = await next() { messages.append(message) }
    return messages
  }

  /// Sends REGISTER and takes REGISTERED and READY.
  func register(_ name: WireString = PeerRig.registrationID) async {
    send(.register(ChaincodeID(name: name)))
    let answers = await next(2)
    #expect(answers.map(\.type) == [.registered, .ready])
  }

  /// What the peer's loop has answered up to here, as far as the loop answers by itself.
  func untilBarrier() async -> [ChaincodeMessage] {
    let barrier: WireString = "the barrier of a test"
    send(.getState(GetState(key: "")), txid: barrier, channel: barrier)
    var messages: [ChaincodeMessage] = []
    while let message = await next(), message.txid != barrier { messages.append(message) }
    return messages
  }
}

/// Runs `body` with a peer whose timers and work run, and checks that nothing is left afterwards.
func withPeerRig(
  version: FabricVersion = .v1_4, ledger: TestLedger = TestLedger(),
  configure: (inout HostConfiguration) -> Void = { _ in },
  _ body: (PeerRig) async throws -> Void
) async throws {
  let clock = ManualClock()
  var configuration = HostConfiguration(version: version, ledgers: ledger, clock: clock)
  configuration.accessControl = AllowAll()
  configure(&configuration)
  let rig = PeerRig(configuration: configuration, ledger: ledger, clock: clock)
  try await withThrowingTaskGroup(of: Void.self) { group in
    let work = rig.environment.work
    let timers = rig.environment.timers
    let worked = Promise<Void>()
    group.addTask { await timers.run() }
    group.addTask {
      await work.run()
      worked.fulfil(())
    }
    defer { group.cancelAll() }
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(rig))
    } catch {
      result = .failure(error)
    }
    ledger.gate.open()
    rig.finishAll()
    work.close()
    _ = await worked.value()
    try result.get()
  }
  rig.expectNothingLeft()
}
