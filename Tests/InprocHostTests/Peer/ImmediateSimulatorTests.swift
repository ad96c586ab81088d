import MessageFSM
import Testing

@testable import InprocHost

@Suite("Ledgers with plain functions")
struct ImmediateSimulatorTests {
  /// What one transaction answers, and reads and writes, with or without the plain functions.
  private func outcome(
    isImmediate: Bool, isDone: Bool = false,
    _ body: @escaping @Sendable (ChaincodeStub) async throws -> [UInt8]
  ) async throws -> (response: Response?, results: TxSimulationResults?) {
    let ledgers = InMemoryLedgerProvider()
    let ledger = ledgers.makeLedger(channel: "ch1")
    var outcome: (Response?, TxSimulationResults?) = (nil, nil)
    try await withHost(version: .v3_1) { configuration in
      configuration.ledgers = ledgers
      if !isImmediate { configuration.metrics = IgnoringMetrics() }
    } _: { host, _ in
      try host.register(
        ClosureChaincode { .success(try await body($0)) }, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      let simulator = ledger.newTxSimulator(txid: "tx1")
      #expect(simulator.immediate === simulator)
      if isDone { simulator.done() }
      let result = try await host.execute(
        "cc", input: ChaincodeInput(),
        params: TransactionParams(channelID: "ch1", txid: "tx1", simulator: simulator))
      outcome = (result.response, isDone ? nil : try await simulator.simulationResults())
      simulator.done()
    }
    return outcome
  }

  @Test("they read, write and note the same as the asynchronous methods")
  func same() async throws {
    let body: @Sendable (ChaincodeStub) async throws -> [UInt8] = { stub in
      try await stub.putState("b", [1])
      try await stub.withWriteBatch {
        try await stub.putState("d", [2])
        try await stub.putState("c", [3])
        try await stub.delState("a")
      }
      let several = try await stub.getMultipleStates(["x", "y", "b"])
      return [UInt8(several.count), try await stub.getState("z") == nil ? 1 : 0]
    }
    let plain = try await outcome(isImmediate: true, body)
    let slow = try await outcome(isImmediate: false, body)
    #expect(plain.response == .success([3, 1]))
    #expect(plain.response == slow.response)
    #expect(plain.results == slow.results)
  }

  @Test(
    "their refusals reach the chaincode word for word", arguments: ["get", "multiple", "put", "batch"])
  func refusals(_ call: String) async throws {
    let body: @Sendable (ChaincodeStub) async throws -> [UInt8] = { stub in
      switch call {
      case "get": _ = try await stub.getState("a")
      case "multiple": _ = try await stub.getMultipleStates(["a", "b"])
      case "put": try await stub.putState("a", [1])
      default: try await stub.withWriteBatch { try await stub.putState("a", [1]) }
      }
      return []
    }
    let plain = try await outcome(isImmediate: true, isDone: true, body).response
    let slow = try await outcome(isImmediate: false, isDone: true, body).response
    #expect(plain?.status == Response.error)
    let text = "failed: transaction ID: tx1: this instance should not be used"
    #expect(plain?.message.string.contains(text) == true)
    #expect(plain == slow)
  }
}
