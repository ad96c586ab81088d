internal import MessageFSM

extension LedgerConformance {
  static var commitChecks: [Check] {
    [
      Check(name: "a block is found by number, hash and txid, and UInt64.max is the last") { bench in
        try await bench.seed([("a", "1")])
        try await bench.transact("t") { try await $0.setState(namespace: "cc", key: "a", value: [2]) }
        let info = try await bench.ledger.blockchainInfo()
        try bench.expect(info.height, is: 2, "height")
        let block = try await bench.ledger.block(number: 1)
        try bench.expect(block.header?.number, is: 1, "number")
        try bench.expect(block.header?.hash, is: info.currentBlockHash, "hash of the last header")
        try bench.expect(block.header?.previousHash, is: info.previousBlockHash, "previous hash")
        try bench.expect(try await bench.ledger.block(hash: info.currentBlockHash), is: block, "by hash")
        try bench.expect(try await bench.ledger.block(txid: "t"), is: block, "by txid")
        try bench.expect(try await bench.ledger.block(number: .max), is: block, "the last")
        let transaction = try await bench.ledger.transaction(txid: "t")
        try bench.expect(transaction.envelope?.wireBytes(), is: block.data?.envelopes.first, "envelope")
        try bench.expect(transaction.validationCode, is: 0, "validation code")
        try await bench.expectRefusal("a block that is not there") {
          _ = try await bench.ledger.block(number: 2)
        }
        try await bench.expectRefusal("a transaction that is not there") {
          _ = try await bench.ledger.transaction(txid: "u")
        }
      },
      Check(name: "a read of a version that is gone is MVCC_READ_CONFLICT and changes nothing") { bench in
        try await bench.seed([("a", "1")])
        let results = try await bench.simulate("t") { simulator in
          _ = try await simulator.getState(namespace: "cc", key: "a")
          try await simulator.setState(namespace: "cc", key: "b", value: [0x32])
        }
        try await bench.transact("u") { try await $0.setState(namespace: "cc", key: "a", value: [2]) }
        let codes = try await bench.commit([("t", results.publicBytes)])
        try bench.expect(codes, is: [.mvccReadConflict], "codes")
        try bench.expect(await bench.value("b"), is: nil, "b")
      },
      Check(name: "a transaction sees the writes of those before it in the block") { bench in
        try await bench.seed([("a", "1")])
        let write = try await bench.simulate("t") {
          try await $0.setState(namespace: "cc", key: "a", value: [2])
        }
        let read = try await bench.simulate("u") { _ = try await $0.getState(namespace: "cc", key: "a") }
        let codes = try await bench.commit([("t", write.publicBytes), ("u", read.publicBytes)])
        try bench.expect(codes, is: [.valid, .mvccReadConflict], "codes")
      },
      Check(name: "a key that appeared in a range is PHANTOM_READ_CONFLICT") { bench in
        try await bench.seed([("a", "1"), ("c", "1")])
        let results = try await bench.simulate("t") { simulator in
          let iterator = try await simulator.getStateRange(namespace: "cc", startKey: "", endKey: "")
          _ = try await bench.drain(iterator)
        }
        try await bench.transact("u") { try await $0.setState(namespace: "cc", key: "b", value: [2]) }
        try bench.expect(
          try await bench.commit([("t", results.publicBytes)]), is: [.phantomReadConflict], "codes")
      },
      Check(name: "a key that vanished from a hashed range is PHANTOM_READ_CONFLICT") { bench in
        try await bench.seed((0..<60).map { ("k\(100 + $0)", "v") })
        let results = try await bench.simulate("t") { simulator in
          let iterator = try await simulator.getStateRange(namespace: "cc", startKey: "", endKey: "")
          _ = try await bench.drain(iterator)
        }
        try bench.expect(
          try await bench.commit([("t1", results.publicBytes)]), is: [.valid], "codes without a change")
        try await bench.transact("u") { try await $0.deleteState(namespace: "cc", key: "k130") }
        try bench.expect(
          try await bench.commit([("t", results.publicBytes)]), is: [.phantomReadConflict], "codes")
      },
      Check(name: "a verdict that a block brings along stays, and the transaction changes nothing") { bench in
        try await bench.seed([("a", "1")])
        let results = try await bench.simulate("t") {
          try await $0.setState(namespace: "cc", key: "b", value: [2])
        }
        let codes = try await bench.commit([("t", results.publicBytes)], codes: [.duplicateTxid])
        try bench.expect(codes, is: [.duplicateTxid], "codes")
        try bench.expect(await bench.value("b"), is: nil, "b")
        let executor = try await bench.ledger.newHistoryQueryExecutor()
        let history = try await executor.getHistoryForKey(namespace: "cc", key: "b")
        try bench.expect(try await bench.drain(history), is: [], "history")
      },
      Check(name: "results that cannot be read are a verdict, not an error") { bench in
        try await bench.seed([("a", "1")])
        let codes = try await bench.commit([("t", [0xff, 0xff])])
        try bench.expect(codes, is: [.invalidOtherReason], "codes")
      },
      Check(name: "a block that does not follow the last is refused and changes nothing") { bench in
        try await bench.seed([("a", "1")])
        let results = try await bench.simulate("t") {
          try await $0.setState(namespace: "cc", key: "a", value: [0x32])
        }
        let before = try await bench.ledger.blockchainInfo()
        var gap = bench.block([("t", results.publicBytes)])
        gap.header?.number = 7
        try await bench.expectRefusal("block 7 after block 0") { try await bench.commit(gap) }
        var stranger = bench.block([("t", results.publicBytes)])
        stranger.header?.previousHash = Array(repeating: 7, count: 32)
        try await bench.expectRefusal("a block of another chain") { try await bench.commit(stranger) }
        try bench.expect(try await bench.ledger.blockchainInfo(), is: before, "info")
        try bench.expect(await bench.value("a"), is: "1", "a")
      },
      Check(name: "a block with an envelope that cannot be read is refused and changes nothing") { bench in
        try await bench.seed([("a", "1")])
        let before = try await bench.ledger.blockchainInfo()
        let good = try await bench.simulate("t") {
          try await $0.setState(namespace: "cc", key: "a", value: [0x32])
        }
        var block = bench.block([("t", good.publicBytes), ("u", [])])
        block.data?.envelopes[1] = [0xff]
        try await bench.expectRefusal("the block") { try await bench.commit(block) }
        try bench.expect(try await bench.ledger.blockchainInfo(), is: before, "info")
        try bench.expect(await bench.value("a"), is: "1", "a")
      },
    ]
  }

  static var privateChecks: [Check] {
    [
      Check(name: "an unknown collection is refused with Fabric's text") { bench in
        try await bench.seedCollection()
        let simulator = try await bench.ledger.newTxSimulator(txid: "t")
        let text = "collection [no] not defined in the collection config for chaincode [cc]"
        try await bench.expectError(text, "getPrivateData") {
          _ = try await simulator.getPrivateData(namespace: "cc", collection: "no", key: "a")
        }
      },
      Check(name: "private writes are hashed in public and clear in the private set") { bench in
        try await bench.seedCollection()
        let results = try await bench.simulate("t") {
          try await $0.setPrivateData(namespace: "cc", collection: "coll", key: "a", value: [1])
        }
        let privateSet = try TxPvtReadWriteSet(wireBytes: results.privateBytes ?? [])
        let own = privateSet.namespaces.first?.collections.first
        let keys = try KVRWSet(wireBytes: own?.rwset ?? [])
        try bench.expect(keys.writes, is: [KVWrite(key: "a", value: [1])], "private writes")
        let namespaces = try TxReadWriteSet(wireBytes: results.publicBytes).namespaces
        let hashed = namespaces.first { $0.namespace == "cc" }?.collections.first
        try bench.expect(hashed?.privateHash, is: SHA256.hash(own?.rwset ?? []), "hash of the private set")
        let writes = try HashedRWSet(wireBytes: hashed?.hashedRWSet ?? []).writes
        let expected = KVWriteHash(keyHash: SHA256.hash([0x61]), valueHash: SHA256.hash([1]))
        try bench.expect(writes, is: [expected], "hashed writes")
      },
      Check(name: "private data are read back, with their hash") { bench in
        try await bench.seedCollection()
        try await bench.transact("t") {
          try await $0.setPrivateData(namespace: "cc", collection: "coll", key: "a", value: [1])
        }
        let executor = try await bench.ledger.newQueryExecutor()
        let value = try await executor.getPrivateData(namespace: "cc", collection: "coll", key: "a")
        try bench.expect(value, is: [1], "value")
        let hash = try await executor.getPrivateDataHash(namespace: "cc", collection: "coll", key: "a")
        try bench.expect(hash, is: SHA256.hash([1]), "hash")
        let range = try await executor.getPrivateDataRange(
          namespace: "cc", collection: "coll", startKey: "", endKey: "")
        try bench.expect(try await bench.drain(range), is: ["a=\u{1}"], "range")
      },
      Check(name: "a private value that has not come is told from one that is not there") { bench in
        try await bench.seedCollection()
        let results = try await bench.simulate("t") {
          try await $0.setPrivateData(namespace: "cc", collection: "coll", key: "a", value: [1])
        }
        try await bench.commit([("t", results.publicBytes)])
        let executor = try await bench.ledger.newQueryExecutor()
        let text =
          "private data matching public hash version is not available. Public hash version = {BlockNum: 1, TxNum: 0}, Private data version = <nil>"
        try await bench.expectError(text, "getPrivateData") {
          _ = try await executor.getPrivateData(namespace: "cc", collection: "coll", key: "a")
        }
        let hash = try await executor.getPrivateDataHash(namespace: "cc", collection: "coll", key: "a")
        try bench.expect(hash, is: SHA256.hash([1]), "hash")
        let none = try await executor.getPrivateData(namespace: "cc", collection: "coll", key: "b")
        try bench.expect(none, is: nil, "a key that is not there")
      },
      Check(name: "private data with another hash than the block's are refused") { bench in
        try await bench.seedCollection()
        let results = try await bench.simulate("t") {
          try await $0.setPrivateData(namespace: "cc", collection: "coll", key: "a", value: [1])
        }
        let other = try await bench.simulate("u") {
          try await $0.setPrivateData(namespace: "cc", collection: "coll", key: "a", value: [2])
        }
        let block = bench.block([("t", results.publicBytes)])
        try await bench.expectRefusal("the block") {
          try await bench.commit(block, [PrivateWriteSet(sequence: 0, writeSet: other.privateBytes ?? [])])
        }
        try bench.expect(try await bench.ledger.blockchainInfo().height, is: 1, "height")
      },
      Check(name: "private data end with their block-to-live, hash and all") { bench in
        try await bench.seedCollection(blockToLive: 1)
        try await bench.transact("t") {
          try await $0.setPrivateData(namespace: "cc", collection: "coll", key: "a", value: [1])
        }
        for (txid, expected) in [("u", true), ("v", false)] {
          try await bench.transact(txid) { try await $0.setState(namespace: "cc", key: "x", value: [1]) }
          let executor = try await bench.ledger.newQueryExecutor()
          let value = try await executor.getPrivateData(namespace: "cc", collection: "coll", key: "a")
          try bench.expect(value != nil, is: expected, "the value after \(txid)")
          let hash = try await executor.getPrivateDataHash(namespace: "cc", collection: "coll", key: "a")
          try bench.expect(hash != nil, is: expected, "the hash after \(txid)")
        }
      },
      Check(name: "a purge is noted as one and removes the private value") { bench in
        try await bench.seedCollection()
        try await bench.transact("t") {
          try await $0.setPrivateData(namespace: "cc", collection: "coll", key: "a", value: [1])
        }
        let results = try await bench.simulate("u") {
          try await $0.purgePrivateData(namespace: "cc", collection: "coll", key: "a")
        }
        let namespaces = try TxReadWriteSet(wireBytes: results.publicBytes).namespaces
        let hashed = namespaces.first { $0.namespace == "cc" }?.collections.first?.hashedRWSet
        let expected = KVWriteHash(keyHash: SHA256.hash([0x61]), isDelete: true, isPurge: true)
        try bench.expect(try HashedRWSet(wireBytes: hashed ?? []).writes, is: [expected], "hashed writes")
        try await bench.commit([("u", results.publicBytes)])
        let executor = try await bench.ledger.newQueryExecutor()
        let value = try await executor.getPrivateData(namespace: "cc", collection: "coll", key: "a")
        try bench.expect(value, is: nil, "the value after a purge without private data")
      },
    ]
  }
}
