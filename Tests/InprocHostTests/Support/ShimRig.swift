import MessageFSM
import Testing

@testable import InprocHost

/// The chaincode's end for real, the peer's end by hand.
final class ShimRig: Sendable {
  let environment: HostEnvironment
  let wire: Wire
  let clock: ManualClock
  /// Why the shim has ended.
  var end: Promise<HostError> { wire.end }

  fileprivate init(environment: HostEnvironment, wire: Wire, clock: ManualClock) {
    self.environment = environment
    self.wire = wire
    self.clock = clock
  }

  func count(_ counter: HostCounter) -> Int { environment.counters.value(counter) }

  /// Sends a message and takes what comes until the echo of a KEEPALIVE, as far as the loop answers by itself.
  func untilEcho() async -> [ChaincodeMessage] {
    let barrier: WireString = "the barrier of a test"
    wire.send(.keepalive, txid: barrier)
    var messages: [ChaincodeMessage] = []
    while let message = await wire.next(), message.txid != barrier { messages.append(message) }
    return messages
  }
}

/// The states of the shim's connection, as the tables call them.
enum ShimPhase: String {
  case created, established, ready
}

/// Runs `body` with a shim whose REGISTER was taken, and checks that nothing is left afterwards.
func withShimRig(
  version: FabricVersion = .v1_4, phase: ShimPhase, ready: [UInt8] = [],
  chaincode: (ManualClock) -> any Chaincode = { ScriptedChaincode(clock: $0) },
  configure: (inout HostConfiguration) -> Void = { _ in },
  _ body: (ShimRig) async throws -> Void
) async throws {
  let clock = ManualClock()
  var configuration = HostConfiguration(version: version, ledgers: TestLedger(), clock: clock)
  configure(&configuration)
  let environment = HostEnvironment(configuration)
  let (peer, chaincodeEnd) = InprocStream.makePair()
  let wire = Wire(stream: peer)
  let rig = ShimRig(environment: environment, wire: wire, clock: clock)
  let shim = ShimHandler(
    chaincode(clock), id: PeerRig.registrationID, stream: chaincodeEnd, environment: environment)
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { await environment.timers.run() }
    group.addTask { wire.end.fulfil(await shim.run()) }
    defer { group.cancelAll() }
    let result: Result<Void, any Error>
    do {
      let register = await wire.next()
      #expect(register.map { Shown($0) } == Shown(.register, payload: Array("\u{12}\u{7}raw:1.0".utf8)))
      if phase != .created { wire.send(.registered) }
      if phase == .ready { wire.send(ChaincodeMessage(Payload(type: .ready, wireBytes: ready))) }
      result = .success(try await body(rig))
    } catch {
      result = .failure(error)
    }
    wire.stream.finish()
    _ = await wire.end.value()
    try result.get()
  }
  #expect(environment.timers.count == 0)
  #expect(rig.count(.tasksStarted) == rig.count(.tasksEnded))
}
