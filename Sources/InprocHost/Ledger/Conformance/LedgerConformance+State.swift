internal import MessageFSM

extension LedgerConformance {
  static var stateChecks: [Check] {
    [
      Check(name: "a ledger without blocks has height 0") { bench in
        try bench.expect(await bench.ledger.blockchainInfo().height, is: 0, "height")
      },
      Check(name: "a committed value is read, a key that was never written is nil") { bench in
        try await bench.seed([("a", "1")])
        try bench.expect(await bench.value("a"), is: "1", "a")
        try bench.expect(await bench.value("b"), is: nil, "b")
      },
      Check(name: "keys are bytes: two spellings of one character are two keys") { bench in
        try await bench.seed([("\u{e9}", "composed"), ("e\u{301}", "decomposed")])
        try bench.expect(await bench.value("\u{e9}"), is: "composed", "composed key")
        try bench.expect(await bench.value("e\u{301}"), is: "decomposed", "decomposed key")
      },
      Check(name: "several keys are answered in the order of the request") { bench in
        try await bench.seed([("a", "1"), ("b", "2")])
        let executor = try await bench.ledger.newQueryExecutor()
        let values = try await executor.getStateMultiple(namespace: "cc", keys: ["b", "x", "a", "b"])
        try bench.expect(values, is: [[0x32], nil, [0x31], [0x32]], "values")
      },
      Check(name: "a transaction does not see its own writes") { bench in
        try await bench.seed([("a", "1")])
        let simulator = try await bench.ledger.newTxSimulator(txid: "t")
        try await simulator.setState(namespace: "cc", key: "a", value: [0x32])
        try bench.expect(try await simulator.getState(namespace: "cc", key: "a"), is: [0x31], "a")
      },
      Check(name: "a simulator keeps the state it began with") { bench in
        try await bench.seed([("a", "1")])
        let simulator = try await bench.ledger.newTxSimulator(txid: "t")
        try await bench.transact("u") { try await $0.setState(namespace: "cc", key: "a", value: [0x32]) }
        try bench.expect(try await simulator.getState(namespace: "cc", key: "a"), is: [0x31], "a")
      },
      Check(name: "an iterator keeps the state it began with") { bench in
        try await bench.seed([("a", "1"), ("b", "1")])
        let executor = try await bench.ledger.newQueryExecutor()
        let iterator = try await executor.getStateRange(namespace: "cc", startKey: "", endKey: "")
        _ = try await iterator.next()
        try await bench.transact("u") { try await $0.deleteState(namespace: "cc", key: "b") }
        try bench.expect(try await bench.drain(iterator), is: ["b=1"], "the rest")
      },
      Check(name: "reads are noted in the order of the keys, with their versions") { bench in
        try await bench.seed([("b", "1")])
        let results = try await bench.simulate("t") { simulator in
          for key: WireString in ["b", "a", "b"] {
            _ = try await simulator.getState(namespace: "cc", key: key)
          }
        }
        let reads = try bench.set("cc", of: results).reads
        let expected = [
          KVRead(key: "a"), KVRead(key: "b", version: Version(blockNumber: 0, txNumber: 0)),
        ]
        try bench.expect(reads, is: expected, "reads")
      },
      Check(name: "the last write of a key counts, and an empty value is a deletion") { bench in
        try await bench.seed([("a", "1"), ("b", "1")])
        let results = try await bench.simulate("t") { simulator in
          try await simulator.setState(namespace: "cc", key: "b", value: [1])
          try await simulator.setState(namespace: "cc", key: "b", value: [2])
          try await simulator.setState(namespace: "cc", key: "a", value: [])
        }
        let expected = [KVWrite(key: "a", isDelete: true), KVWrite(key: "b", value: [2])]
        try bench.expect(try bench.set("cc", of: results).writes, is: expected, "writes")
        try await bench.commit([("t", results.publicBytes)])
        try bench.expect(await bench.value("a"), is: nil, "a")
      },
      Check(name: "namespaces do not see each other") { bench in
        try await bench.seed([("a", "1")])
        let executor = try await bench.ledger.newQueryExecutor()
        try bench.expect(try await executor.getState(namespace: "cc2", key: "a"), is: nil, "cc2 a")
      },
      Check(name: "metadata is read back, and stays when the value is written") { bench in
        try await bench.seed([("a", "1")])
        let entry = StateMetadata(metakey: "m", value: [7])
        try await bench.transact("t") {
          try await $0.setStateMetadata(namespace: "cc", key: "a", metadata: [entry])
        }
        try bench.expect(await bench.value("a"), is: "1", "the value after a metadata write")
        try await bench.transact("u") { try await $0.setState(namespace: "cc", key: "a", value: [0x32]) }
        let executor = try await bench.ledger.newQueryExecutor()
        let found = try await executor.getStateMetadata(namespace: "cc", key: "a")
        try bench.expect(found, is: [entry], "metadata")
      },
      Check(name: "history has every write of a valid transaction, in Fabric's order") { bench in
        try await bench.seed([("a", "1"), ("ab", "x")])
        try await bench.transact("t") { try await $0.deleteState(namespace: "cc", key: "a") }
        try await bench.transact("u") { try await $0.setState(namespace: "cc", key: "a", value: [0x33]) }
        let executor = try await bench.ledger.newHistoryQueryExecutor()
        let found = try await bench.drain(try await executor.getHistoryForKey(namespace: "cc", key: "a"))
        let oldestFirst = ["seed=1", "t=deleted", "u=3"]
        try bench.expect(
          found, is: bench.version == .v1_4 ? oldestFirst : oldestFirst.reversed(), "history")
      },
    ]
  }
}
