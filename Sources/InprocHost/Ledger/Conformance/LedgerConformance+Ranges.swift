internal import MessageFSM

extension LedgerConformance {
  static var rangeChecks: [Check] {
    [
      Check(name: "a range is in the order of the bytes, without its end key") { bench in
        try await bench.seed([("b", "2"), ("a", "1"), ("\u{ff}", "4"), ("c", "3")])
        let executor = try await bench.ledger.newQueryExecutor()
        let some = try await executor.getStateRange(namespace: "cc", startKey: "a", endKey: "c")
        try bench.expect(try await bench.drain(some), is: ["a=1", "b=2"], "a to c")
        let all = try await executor.getStateRange(namespace: "cc", startKey: "", endKey: "")
        try bench.expect(
          try await bench.drain(all), is: ["a=1", "b=2", "c=3", "\u{ff}=4"], "the whole namespace")
      },
      Check(name: "a range that was read to its end is noted with the end that was asked for") { bench in
        try await bench.seed([("a", "1"), ("b", "2")])
        let results = try await bench.simulate("t") { simulator in
          let iterator = try await simulator.getStateRange(namespace: "cc", startKey: "a", endKey: "x")
          _ = try await bench.drain(iterator)
        }
        let version = Version(blockNumber: 0, txNumber: 0)
        let query = RangeQueryInfo(
          startKey: "a", endKey: "x", exhausted: true,
          rawReads: QueryReads(reads: [
            KVRead(key: "a", version: version), KVRead(key: "b", version: version),
          ]))
        try bench.expect(try bench.set("cc", of: results).rangeQueries, is: [query], "range queries")
      },
      Check(name: "a range that was left is noted up to the last key that was seen") { bench in
        try await bench.seed([("a", "1"), ("b", "2")])
        let results = try await bench.simulate("t") { simulator in
          let iterator = try await simulator.getStateRange(namespace: "cc", startKey: "a", endKey: "x")
          _ = try await iterator.next()
          iterator.close()
        }
        let query = RangeQueryInfo(
          startKey: "a", endKey: "a", exhausted: false,
          rawReads: QueryReads(reads: [KVRead(key: "a", version: Version())]))
        try bench.expect(try bench.set("cc", of: results).rangeQueries, is: [query], "range queries")
      },
      Check(name: "more than 50 keys of a range are noted as hashes") { bench in
        try await bench.seed((0..<120).map { ("k\(1000 + $0)", "v") })
        let results = try await bench.simulate("t") { simulator in
          let iterator = try await simulator.getStateRange(namespace: "cc", startKey: "", endKey: "")
          _ = try await bench.drain(iterator)
        }
        let query = try bench.set("cc", of: results).rangeQueries.first
        try bench.expect(query?.rawReads, is: nil, "raw reads")
        try bench.expect(query?.merkleSummary?.maxDegree, is: 50, "degree")
        try bench.expect(query?.merkleSummary?.maxLevelHashes.count, is: 3, "hashes")
      },
      Check(name: "a page has as many results as asked for, and a bookmark to the next") { bench in
        try await bench.seed([("a", "1"), ("b", "2"), ("c", "3")])
        let executor = try await bench.ledger.newQueryExecutor()
        let first = try await executor.getStateRange(
          namespace: "cc", startKey: "a", endKey: "", pageSize: 2)
        try bench.expect(try await bench.drain(first), is: ["a=1", "b=2"], "the first page")
        let bookmark = first.bookmark()
        try bench.expect(bookmark, is: "c", "bookmark")
        let second = try await executor.getStateRange(
          namespace: "cc", startKey: bookmark, endKey: "", pageSize: 2)
        try bench.expect(try await bench.drain(second), is: ["c=3"], "the second page")
        try bench.expect(second.bookmark(), is: "", "bookmark at the end")
      },
      Check(name: "a closed iterator gives nothing more, and may be closed again") { bench in
        try await bench.seed([("a", "1"), ("b", "2")])
        let executor = try await bench.ledger.newQueryExecutor()
        let iterator = try await executor.getStateRange(namespace: "cc", startKey: "", endKey: "")
        iterator.close()
        iterator.close()
        try bench.expect(try await iterator.next(), is: nil, "next after close")
      },
    ]
  }
}
