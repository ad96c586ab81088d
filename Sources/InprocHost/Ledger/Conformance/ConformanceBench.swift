internal import MessageFSM

/// What a check works with: an empty ledger, and a chain that fills it.
struct ConformanceBench: ~Copyable, Sendable {
  struct Mismatch: Error {
    let message: String
  }

  let version: FabricVersion
  let ledger: any PeerLedger
  private let chain = Locked(TestChain())

  init(version: FabricVersion, ledger: any PeerLedger) {
    self.version = version
    self.ledger = ledger
  }

  // MARK: Expectations

  func expect<Value: Equatable>(_ actual: Value, is expected: Value, _ what: String) throws {
    if actual != expected { throw Mismatch(message: "\(what): got \(actual), not \(expected)") }
  }

  func expect(_ condition: Bool, _ what: String) throws {
    if !condition { throw Mismatch(message: what) }
  }

  /// Expects an error with this text.
  func expectError(_ text: String, _ what: String, _ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch {
      let found = (error as? LedgerError)?.message.string ?? "\(error)"
      if found != text { throw Mismatch(message: "\(what): failed with \"\(found)\", not \"\(text)\"") }
      return
    }
    throw Mismatch(message: "\(what): was not refused")
  }

  /// Expects any error.
  func expectRefusal(_ what: String, _ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch {
      return
    }
    throw Mismatch(message: "\(what): was not refused")
  }

  // MARK: Commits

  /// The next block with these transactions.
  func block(_ transactions: [(txid: String, results: [UInt8])], codes: [TxValidationCode]? = nil) -> Block {
    chain.withLock { chain in
      chain.block(
        transactions.map { chain.envelope(txid: WireString($0.txid), results: $0.results) }, codes: codes)
    }
  }

  /// Commits a block and gives the verdicts.
  @discardableResult
  func commit(_ block: Block, _ privateData: [PrivateWriteSet] = []) async throws -> [TxValidationCode] {
    let committed = try await ledger.commit(block, privateData: privateData, missing: [])
    chain.withLock { $0.advance(past: block) }
    let metadata = committed.metadata?.metadata ?? []
    guard metadata.count > BlockMetadataIndex.transactionsFilter else { return [] }
    return metadata[BlockMetadataIndex.transactionsFilter].map { TxValidationCode(rawValue: $0) }
  }

  @discardableResult
  func commit(
    _ transactions: [(txid: String, results: [UInt8])], codes: [TxValidationCode]? = nil
  ) async throws -> [TxValidationCode] {
    try await commit(block(transactions, codes: codes))
  }

  /// Commits a block with one transaction that does this; gives the verdicts.
  @discardableResult
  func transact(
    _ txid: String, _ body: (any TxSimulator) async throws -> Void
  ) async throws -> [TxValidationCode] {
    let results = try await simulate(txid, body)
    let privateData = results.privateBytes.map { [PrivateWriteSet(sequence: 0, writeSet: $0)] } ?? []
    return try await commit(block([(txid, results.publicBytes)]), privateData)
  }

  /// The results of a transaction that does this.
  func simulate(_ txid: String, _ body: (any TxSimulator) async throws -> Void) async throws
    -> TxSimulationResults
  {
    let simulator = try await ledger.newTxSimulator(txid: WireString(txid))
    try await body(simulator)
    let results = try await simulator.simulationResults()
    simulator.done()
    return results
  }

  /// Commits block 0 with these keys in the namespace `cc`.
  func seed(_ keys: [(String, String)]) async throws {
    try await transact("seed") { simulator in
      for (key, value) in keys {
        try await simulator.setState(namespace: "cc", key: WireString(key), value: Array(value.utf8))
      }
    }
  }

  /// Commits block 0 that defines the chaincode `cc` with the collection `coll`.
  func seedCollection(blockToLive: UInt64 = 0) async throws {
    let member = MSPPrincipal(principal: MSPRole(mspIdentifier: "Org").wireBytes())
    let rule = SignaturePolicy(nOutOf: NOutOf(n: 1, rules: [SignaturePolicy(signedBy: 0)]))
    let policy = CollectionPolicyConfig(
      signaturePolicy: SignaturePolicyEnvelope(rule: rule, identities: [member]))
    let collection = StaticCollectionConfig(
      name: "coll", memberOrgsPolicy: policy, maximumPeerCount: 1, blockToLive: blockToLive)
    let package = CollectionConfigPackage(collections: [CollectionConfig(fixed: collection)])
    try await transact("seed") { simulator in
      try await simulator.setState(
        namespace: "lscc", key: "cc", value: ChaincodeData(name: "cc", version: "1").wireBytes())
      try await simulator.setState(namespace: "lscc", key: "cc~collection", value: package.wireBytes())
    }
  }

  /// A committed value as text; `nil` if there is none.
  func value(_ key: WireString) async throws -> String? {
    let executor = try await ledger.newQueryExecutor()
    defer { executor.done() }
    return try await executor.getState(namespace: "cc", key: key).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Keys and values of an iterator, as `key=value`.
  func drain(_ iterator: any ResultsIterator) async throws -> [String] {
    var found: [String] = []
    while let result = try await iterator.next() {
      guard found.count < 100_000 else { throw Mismatch(message: "an iterator has no end") }
      switch result {
      case .kv(let kv): found.append("\(kv.key)=\(String(decoding: kv.value, as: UTF8.self))")
      case .modification(let change):
        let value = change.isDelete ? "deleted" : String(decoding: change.value, as: UTF8.self)
        found.append("\(change.txid)=\(value)")
      case .bytes(let bytes): found.append("bytes \(bytes.count)")
      }
    }
    return found
  }

  /// The read-write set of one namespace in results.
  func set(_ namespace: WireString, of results: TxSimulationResults) throws -> KVRWSet {
    let found = try TxReadWriteSet(wireBytes: results.publicBytes).namespaces.first {
      $0.namespace == namespace
    }
    return try KVRWSet(wireBytes: found?.rwset ?? [])
  }
}
