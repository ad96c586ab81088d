import MessageFSM
import Testing

@testable import InprocHost

/// Says that every package is there.
private struct AllInstalled: ChaincodeLifecycle {
  let definitions = DefinedLifecycle()

  func definition(
    of name: WireString, channel: WireString, executor: any QueryExecutor
  ) async throws -> ChaincodeDefinition {
    try await definitions.definition(of: name, channel: channel, executor: executor)
  }

  func checkInstalled(_ name: WireString, _ definition: ChaincodeDefinition) async throws {}
}

/// Fabric 2.0 and later: a definition in `_lifecycle` may ask for an initialization (golden trace v3_1 n008 for system chaincodes).
@Suite("Definitions that ask for an initialization", .timeLimit(.minutes(1)))
struct InitRequiredTests {
  private static let marker: WireString = "\u{0}\u{10FFFF}initialized"

  /// A ledger on which version 7 of `user` is defined, and was initialized for that version or for another.
  private static func ledger(initRequired: Bool = true, initialized: String? = nil) -> TestLedger {
    let info: [UInt8] = [0x0A, 1, UInt8(ascii: "7")] + (initRequired ? [0x10, 1] : [])
    var state: [WireString: [WireString: [UInt8]]] = [
      "_lifecycle": [
        "namespaces/fields/user/Sequence": [0x08, 1],
        "namespaces/fields/user/EndorsementInfo": [0x12, UInt8(info.count)] + info,
      ]
    ]
    if let initialized { state["user"] = [marker: Array(initialized.utf8)] }
    return TestLedger(state: state)
  }

  /// Calls `user`, or has it called by a system chaincode, which names no version.
  private static func call(
    _ ledger: TestLedger, isInit: Bool, isNested: Bool = false
  ) async throws -> (response: Response?, error: String?, writes: [StateWrite]) {
    var called: (Response?, String?, [StateWrite]) = (nil, nil, [])
    try await withHost(version: .v3_1, ledger: ledger, configure: { $0.lifecycle = AllInstalled() }) {
      host, _ in
      var user = ClosureChaincode { _ in .success(Array("invoked".utf8)) }
      user.onInitialize = { _ in .success(Array("initialized".utf8)) }
      try host.offer(user, as: ChaincodeVersion(name: "user", version: "7"))
      let caller = ClosureChaincode { stub in
        await stub.invokeChaincode("user", args: [Array("f".utf8)])
      }
      try host.register(caller, as: SystemChaincodeDescriptor(name: "caller"))
      try await host.deploy()
      let simulator = ledger.simulator()
      defer { simulator.done() }
      do {
        let result = try await host.execute(
          isNested ? "caller" : "user", input: ChaincodeInput(args: [], isInit: isInit),
          params: TransactionParams(
            channelID: "ch1", txid: "tx1", signedProposal: SignedProposal(),
            simulator: simulator))
        called = (result.response, nil, simulator.writes)
      } catch {
        called = (nil, (error as? TransactionError)?.message.string, simulator.writes)
      }
    }
    return called
  }

  private static func refusal(_ text: String) -> String {
    "failed to execute transaction tx1: invalid invocation: chaincode 'user' \(text)"
  }

  @Test("before its initialization the chaincode is not called")
  func notInitialized() async throws {
    for initialized in [nil, "6", "syscc"] {
      let called = try await Self.call(Self.ledger(initialized: initialized), isInit: false)
      #expect(
        called.error == Self.refusal("has not been initialized for this version, must call as init first"))
    }
  }

  @Test("the initialization is an INIT, and writes the definition's version")
  func initialization() async throws {
    let called = try await Self.call(Self.ledger(), isInit: true)
    #expect(called.response?.text == "initialized", "\(called.error ?? "")")
    #expect(
      called.writes == [
        StateWrite(namespace: "user", collection: "", key: Self.marker, operation: .set(Array("7".utf8)))
      ])
  }

  @Test("afterwards it is called, also by a chaincode that names no version, and not initialized again")
  func initialized() async throws {
    let ledger = Self.ledger(initialized: "7")
    #expect(try await Self.call(ledger, isInit: false).response?.text == "invoked")
    #expect(try await Self.call(ledger, isInit: false, isNested: true).response?.text == "invoked")
    #expect(
      try await Self.call(ledger, isInit: true).error
        == Self.refusal("is already initialized but called as init"))
  }

  @Test("a chaincode whose definition asks for none is not initialized")
  func notRequired() async throws {
    let ledger = Self.ledger(initRequired: false)
    #expect(try await Self.call(ledger, isInit: false).response?.text == "invoked")
    #expect(
      try await Self.call(ledger, isInit: true).error
        == Self.refusal("does not require initialization but called as init"))
  }
}
