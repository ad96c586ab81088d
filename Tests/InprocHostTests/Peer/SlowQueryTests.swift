import MessageFSM
import Testing

@testable import InprocHost

/// A history of 150 entries, whose second batch comes when the test says so.
private final class SlowHistory: HistoryQueryExecutor, ResultsIterator {
  let gate = Gate()
  private let left = Locked(150)

  var answersAtOnce: Bool { false }

  func getHistoryForKey(namespace: WireString, key: WireString) async throws -> any ResultsIterator { self }

  func next() async throws -> QueryResult? {
    let ordinal = left.withLock { left in
      left -= 1
      return left
    }
    // One result more than a batch is taken.
    if ordinal == 150 - 102 { await gate.pass() }
    return ordinal < 0
      ? nil : .modification(KeyModification(txid: "t", value: [1], timestamp: nil, isDelete: false))
  }

  func bookmark() -> WireString { .empty }
  func close() {}
}

@Suite("Slow queries", .timeLimit(.minutes(1)))
struct SlowQueryTests {
  private static let chaincode = ClosureChaincode { stub in
    switch stub.stringArgs.first {
    case "history":
      let history = try await stub.getHistoryForKey("k")
      var count = 0
      while history.hasNext {
        _ = try await history.next()
        count += 1
      }
      return .success(Array("\(count)".utf8))
    case "query": return .success(try await stub.getQueryResult("{}").hasNext ? [1] : [])
    case _: return .success(try await stub.getState("k") ?? [])
    }
  }

  private static func withChaincode(
    _ ledger: TestLedger, _ body: (ChaincodeHost) async throws -> Void
  ) async throws {
    try await withHost(ledger: ledger) { host, _ in
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      try await body(host)
    }
  }

  @Test("the second batch of a slow history holds up its own transaction only")
  func history() async throws {
    let ledger = TestLedger(state: ["cc": ["k": Array("v".utf8)]])
    let slow = SlowHistory()
    try await Self.withChaincode(ledger) { host in
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          let simulator = ledger.simulator()
          defer { simulator.done() }
          let result = try? await host.execute(
            "cc", input: ChaincodeInput(args: [Array("history".utf8)]),
            params: TransactionParams(
              channelID: "ch1", txid: "tx1", simulator: simulator, historyQueryExecutor: slow))
          #expect(result?.response.text == "150")
        }
        await slow.gate.waitForArrival()
        #expect(await host.run("cc", txid: "tx2", ledger: ledger).response?.text == "v")
        slow.gate.open()
      }
    }
  }

  @Test(
    "a query in the state database's language holds up its own transaction only, whatever the ledger says")
  func richQuery() async throws {
    let gate = Gate()
    let ledger = TestLedger(state: ["cc": ["k": Array("v".utf8)]], queryGate: gate)
    try await Self.withChaincode(ledger) { host in
      await withTaskGroup(of: Void.self) { group in
        group.addTask { #expect(await host.run("cc", ["query"], ledger: ledger).response?.status == 500) }
        await gate.waitForArrival()
        #expect(await host.run("cc", txid: "tx2", ledger: ledger).response?.text == "v")
        gate.open()
      }
    }
  }
}
