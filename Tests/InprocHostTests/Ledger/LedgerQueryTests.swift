import InprocHost
import MessageFSM
import Testing

@Suite("Ledger with rich queries")
struct LedgerQueryTests {
  private func ledger(_ options: InMemoryLedger.Options) async throws -> InMemoryLedger {
    let ledger = InMemoryLedger(channel: "rich", options: options)
    let chain = TestChain(channel: "rich")
    let simulator = ledger.newTxSimulator(txid: "seed")
    for (key, size) in [("a", 1), ("b", 5), ("c", 7), ("d", 9)] {
      let value = Array("{\"size\":\(size)}".utf8)
      try await simulator.setState(namespace: "cc", key: WireString(key), value: value)
      try await simulator.setState(namespace: "other", key: WireString(key), value: value)
    }
    let results = try await simulator.simulationResults()
    try ledger.commit(chain.block([chain.envelope(txid: "seed", results: results.publicBytes)]))
    return ledger
  }

  private func keys(_ iterator: any ResultsIterator) async throws -> [WireString] {
    var keys: [WireString] = []
    while case .kv(let kv)? = try await iterator.next() {
      #expect(kv.namespace == "cc")
      keys.append(kv.key)
    }
    return keys
  }

  @Test("a selector finds values of its namespace, and what was taken is in the read set")
  func query() async throws {
    let simulator = try await ledger(InMemoryLedger.Options(richQueries: true)).newTxSimulator(txid: "t")
    let iterator = try await simulator.executeQuery(
      namespace: "cc", query: "{\"selector\":{\"size\":{\"$gt\":4}}}")
    guard case .kv(let first)? = try await iterator.next() else { throw LedgerError("no result") }
    #expect(first.key == "b")
    let results = try await simulator.simulationResults()
    let namespaces = try TxReadWriteSet(wireBytes: results.publicBytes).namespaces
    #expect(namespaces.map(\.namespace) == ["cc"])
    let set = try KVRWSet(wireBytes: namespaces.first?.rwset ?? [])
    #expect(set == KVRWSet(reads: [KVRead(key: "b", version: Version(blockNumber: 0, txNumber: 0))]))
  }

  @Test("pages of a selector follow one another by their bookmarks")
  func pages() async throws {
    let executor = try await ledger(InMemoryLedger.Options(richQueries: true)).newQueryExecutor()
    let query: WireString = "{\"selector\":{\"size\":{\"$gt\":2}}}"
    let first = try await executor.executeQuery(
      namespace: "cc", query: query, page: QueryMetadata(pageSize: 2, bookmark: ""))
    #expect(try await keys(first) == ["b", "c"])
    let second = try await executor.executeQuery(
      namespace: "cc", query: query, page: QueryMetadata(pageSize: 2, bookmark: first.bookmark()))
    #expect(try await keys(second) == ["d"])
  }

  @Test("no more results come than the limit of all queries allows")
  func limit() async throws {
    let options = InMemoryLedger.Options(richQueries: true, totalQueryLimit: 2)
    let executor = try await ledger(options).newQueryExecutor()
    let iterator = try await executor.executeQuery(namespace: "cc", query: "{\"selector\":{}}")
    #expect(try await keys(iterator) == ["a", "b"])
  }

  @Test("without rich queries the texts are LevelDB's", arguments: FabricVersion.allCases)
  func refused(version: FabricVersion) async throws {
    let executor = try await ledger(InMemoryLedger.Options(fabricVersion: version)).newQueryExecutor()
    await #expect(throws: LedgerError("ExecuteQuery not supported for leveldb")) {
      _ = try await executor.executeQuery(namespace: "cc", query: "{}")
    }
    let paged: WireString =
      version == .v1_4
      ? "ExecuteQueryWithMetadata not supported for leveldb"
      : "ExecuteQueryWithPagination not supported for leveldb"
    await #expect(throws: LedgerError(paged)) {
      _ = try await executor.executeQuery(
        namespace: "cc", query: "{}", page: QueryMetadata(pageSize: 1, bookmark: ""))
    }
  }

  @Test("a paginated rich query is refused after a write, and a write after it")
  func rules() async throws {
    let ledger = try await ledger(InMemoryLedger.Options(richQueries: true))
    let page = QueryMetadata(pageSize: 1, bookmark: "")
    let writer = ledger.newTxSimulator(txid: "w")
    try await writer.setState(namespace: "cc", key: "a", value: [1])
    await #expect(throws: LedgerError.self) {
      _ = try await writer.executeQuery(namespace: "cc", query: "{\"selector\":{}}", page: page)
    }
    let reader = ledger.newTxSimulator(txid: "r")
    _ = try await reader.executeQuery(namespace: "cc", query: "{\"selector\":{}}", page: page)
    await #expect(throws: LedgerError.self) {
      try await reader.setState(namespace: "cc", key: "a", value: [1])
    }
  }
}
