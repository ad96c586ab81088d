internal import MessageFSM

extension LedgerConformance {
  /// How Fabric's text of a refusal begins; from 2.0 on it says what kind of error it is.
  private static func refusal(_ version: FabricVersion, _ txid: String, _ text: String) -> String {
    "txid [\(txid)]: " + (version == .v1_4 ? "" : "unsuppored transaction. ") + text
  }

  static var ruleChecks: [Check] {
    [
      Check(name: "after done() everything is refused") { bench in
        try await bench.seed([("a", "1")])
        let simulator = try await bench.ledger.newTxSimulator(txid: "t")
        simulator.done()
        simulator.done()
        let text = "this instance should not be used after calling Done()"
        try await bench.expectError(text, "getState") {
          _ = try await simulator.getState(namespace: "cc", key: "a")
        }
        try await bench.expectError(text, "setState") {
          try await simulator.setState(namespace: "cc", key: "a", value: [1])
        }
      },
      Check(name: "no write after a paginated query") { bench in
        let simulator = try await bench.ledger.newTxSimulator(txid: "t")
        _ = try await simulator.getStateRange(namespace: "cc", startKey: "", endKey: "", pageSize: 1)
        let text = "Transaction has already performed a paginated query. Writes are not allowed"
        try await bench.expectError(Self.refusal(bench.version, "t", text), "setState") {
          try await simulator.setState(namespace: "cc", key: "a", value: [1])
        }
      },
      Check(name: "no paginated query after a write") { bench in
        let simulator = try await bench.ledger.newTxSimulator(txid: "t")
        try await simulator.setState(namespace: "cc", key: "a", value: [1])
        let text = "Paginated queries are supported only in a read-only transaction"
        try await bench.expectError(Self.refusal(bench.version, "t", text), "getStateRange") {
          _ = try await simulator.getStateRange(namespace: "cc", startKey: "", endKey: "", pageSize: 1)
        }
      },
      Check(name: "no write after a query on private data") { bench in
        try await bench.seedCollection()
        let simulator = try await bench.ledger.newTxSimulator(txid: "t")
        _ = try await simulator.getPrivateDataRange(
          namespace: "cc", collection: "coll", startKey: "", endKey: "")
        let text = "Transaction has already performed queries on pvt data. Writes are not allowed"
        try await bench.expectError(Self.refusal(bench.version, "t", text), "setState") {
          try await simulator.setState(namespace: "cc", key: "a", value: [1])
        }
      },
      Check(name: "no query on private data after a write") { bench in
        try await bench.seedCollection()
        let simulator = try await bench.ledger.newTxSimulator(txid: "t")
        try await simulator.setState(namespace: "cc", key: "a", value: [1])
        let text = "Queries on pvt data is supported only in a read-only transaction"
        try await bench.expectError(Self.refusal(bench.version, "t", text), "getPrivateDataRange") {
          _ = try await simulator.getPrivateDataRange(
            namespace: "cc", collection: "coll", startKey: "", endKey: "")
        }
      },
      Check(name: "a simulator gives its results once") { bench in
        let simulator = try await bench.ledger.newTxSimulator(txid: "t")
        _ = try await simulator.simulationResults()
        try await bench.expectRefusal("the second simulationResults") {
          _ = try await simulator.simulationResults()
        }
      },
      Check(name: "applyWrites notes all writes in order") { bench in
        let results = try await bench.simulate("t") { simulator in
          try await simulator.applyWrites([
            StateWrite(namespace: "cc", collection: "", key: "b", operation: .set([1])),
            StateWrite(namespace: "cc", collection: "", key: "b", operation: .set([2])),
            StateWrite(namespace: "cc", collection: "", key: "a", operation: .delete),
          ])
        }
        let expected = [KVWrite(key: "a", isDelete: true), KVWrite(key: "b", value: [2])]
        try bench.expect(try bench.set("cc", of: results).writes, is: expected, "writes")
      },
      Check(name: "applyWrites notes nothing if one write is refused") { bench in
        let simulator = try await bench.ledger.newTxSimulator(txid: "t")
        try await bench.expectRefusal("a private write of a chaincode without collections") {
          try await simulator.applyWrites([
            StateWrite(namespace: "cc", collection: "", key: "a", operation: .set([1])),
            StateWrite(namespace: "cc", collection: "no", key: "b", operation: .set([2])),
          ])
        }
        let results = try await simulator.simulationResults()
        try bench.expect(try bench.set("cc", of: results).writes, is: [], "writes")
      },
    ]
  }
}
