import MessageFSM

/// A transaction's simulator that can be late, throw, and betray what a planted bug would.
///
/// Everything else is the wrapped simulator's. Who does not close it, or an iterator of it, is noted in the world.
final class SimulatedSimulator: TxSimulator {
  private let base: any TxSimulator
  private let ledger: SimulatedLedger
  private let txid: WireString
  private let isClosed = Locked(false)
  let answersAtOnce: Bool

  init(_ base: any TxSimulator, ledger: SimulatedLedger, txid: WireString) {
    self.base = base
    self.ledger = ledger
    self.txid = txid
    self.answersAtOnce = base.answersAtOnce && !ledger.isSlow
    ledger.world.openSimulators.withLock { $0 += 1 }
  }

  func done() {
    let closes = isClosed.withLock { closed in
      defer { closed = true }
      return !closed
    }
    if closes { ledger.world.openSimulators.withLock { $0 -= 1 } }
    base.done()
  }

  private func results(_ iterator: any ResultsIterator) -> any ResultsIterator {
    SimulatedIterator(iterator, world: ledger.world)
  }

  // MARK: Reads

  func getState(namespace: WireString, key: WireString) async throws -> [UInt8]? {
    try await ledger.disturb(txid)
    return try await ledger.betrayed(
      try await base.getState(namespace: namespace, key: key), namespace: namespace, key: key, txid: txid)
  }

  func getStateMultiple(namespace: WireString, keys: [WireString]) async throws -> [[UInt8]?] {
    try await ledger.disturb(txid)
    return try await base.getStateMultiple(namespace: namespace, keys: keys)
  }

  func getStateMetadata(namespace: WireString, key: WireString) async throws -> [StateMetadata] {
    try await ledger.disturb(txid)
    return try await base.getStateMetadata(namespace: namespace, key: key)
  }

  func getStateRange(namespace: WireString, startKey: WireString, endKey: WireString) async throws
    -> any ResultsIterator
  {
    try await ledger.disturb(txid)
    return results(try await base.getStateRange(namespace: namespace, startKey: startKey, endKey: endKey))
  }

  func getStateRange(namespace: WireString, startKey: WireString, endKey: WireString, pageSize: Int32)
    async throws -> any ResultsIterator
  {
    try await ledger.disturb(txid)
    return results(
      try await base.getStateRange(
        namespace: namespace, startKey: startKey, endKey: endKey, pageSize: pageSize))
  }

  func executeQuery(namespace: WireString, query: WireString) async throws -> any ResultsIterator {
    try await ledger.disturb(txid)
    return results(try await base.executeQuery(namespace: namespace, query: query))
  }

  func executeQuery(namespace: WireString, query: WireString, page: QueryMetadata) async throws
    -> any ResultsIterator
  {
    try await ledger.disturb(txid)
    return results(try await base.executeQuery(namespace: namespace, query: query, page: page))
  }

  func getPrivateData(namespace: WireString, collection: WireString, key: WireString) async throws -> [UInt8]?
  {
    try await ledger.disturb(txid)
    return try await base.getPrivateData(namespace: namespace, collection: collection, key: key)
  }

  func getPrivateDataMultiple(namespace: WireString, collection: WireString, keys: [WireString]) async throws
    -> [[UInt8]?]
  {
    try await ledger.disturb(txid)
    return try await base.getPrivateDataMultiple(namespace: namespace, collection: collection, keys: keys)
  }

  func getPrivateDataHash(namespace: WireString, collection: WireString, key: WireString) async throws
    -> [UInt8]?
  {
    try await ledger.disturb(txid)
    return try await base.getPrivateDataHash(namespace: namespace, collection: collection, key: key)
  }

  func getPrivateDataMetadata(namespace: WireString, collection: WireString, key: WireString) async throws
    -> [StateMetadata]
  {
    try await ledger.disturb(txid)
    return try await base.getPrivateDataMetadata(namespace: namespace, collection: collection, key: key)
  }

  func getPrivateDataRange(
    namespace: WireString, collection: WireString, startKey: WireString, endKey: WireString
  ) async throws -> any ResultsIterator {
    try await ledger.disturb(txid)
    return results(
      try await base.getPrivateDataRange(
        namespace: namespace, collection: collection, startKey: startKey, endKey: endKey))
  }

  func executeQueryOnPrivateData(namespace: WireString, collection: WireString, query: WireString)
    async throws -> any ResultsIterator
  {
    try await ledger.disturb(txid)
    return results(
      try await base.executeQueryOnPrivateData(namespace: namespace, collection: collection, query: query))
  }

  // MARK: Writes

  func setState(namespace: WireString, key: WireString, value: [UInt8]) async throws {
    try await ledger.disturb(txid)
    if ledger.loses(key) { return }
    try await base.setState(namespace: namespace, key: key, value: value)
  }

  func deleteState(namespace: WireString, key: WireString) async throws {
    try await ledger.disturb(txid)
    try await base.deleteState(namespace: namespace, key: key)
  }

  func setStateMetadata(namespace: WireString, key: WireString, metadata: [StateMetadata]) async throws {
    try await ledger.disturb(txid)
    try await base.setStateMetadata(namespace: namespace, key: key, metadata: metadata)
  }

  func setPrivateData(namespace: WireString, collection: WireString, key: WireString, value: [UInt8])
    async throws
  {
    try await ledger.disturb(txid)
    try await base.setPrivateData(namespace: namespace, collection: collection, key: key, value: value)
  }

  func deletePrivateData(namespace: WireString, collection: WireString, key: WireString) async throws {
    try await ledger.disturb(txid)
    try await base.deletePrivateData(namespace: namespace, collection: collection, key: key)
  }

  func purgePrivateData(namespace: WireString, collection: WireString, key: WireString) async throws {
    try await ledger.disturb(txid)
    try await base.purgePrivateData(namespace: namespace, collection: collection, key: key)
  }

  func setPrivateDataMetadata(
    namespace: WireString, collection: WireString, key: WireString, metadata: [StateMetadata]
  ) async throws {
    try await ledger.disturb(txid)
    try await base.setPrivateDataMetadata(
      namespace: namespace, collection: collection, key: key, metadata: metadata)
  }

  func applyWrites(_ writes: [StateWrite]) async throws {
    try await ledger.disturb(txid)
    try await base.applyWrites(writes)
  }

  func simulationResults() async throws -> TxSimulationResults {
    let results = try await base.simulationResults()
    return ledger.world.planted == .skipReadCheck ? results.withoutReads : results
  }
}

/// Results of which the world knows whether they were closed.
final class SimulatedIterator: ResultsIterator {
  private let base: any ResultsIterator
  private let world: SimulationWorld
  private let isClosed = Locked(false)

  init(_ base: any ResultsIterator, world: SimulationWorld) {
    self.base = base
    self.world = world
    world.openIterators.withLock { $0 += 1 }
  }

  func next() async throws -> QueryResult? { try await base.next() }

  func next(atMost count: Int) async throws -> [QueryResult] {
    let results = try await base.next(atMost: count)
    return world.planted == .shortRange && results.count < count ? Array(results.dropLast()) : results
  }

  func bookmark() -> WireString { base.bookmark() }

  func close() {
    let closes = isClosed.withLock { closed in
      defer { closed = true }
      return !closed
    }
    if closes { world.openIterators.withLock { $0 -= 1 } }
    base.close()
  }
}

extension TxSimulationResults {
  /// The same writes, as if nothing had been read.
  fileprivate var withoutReads: TxSimulationResults {
    guard var set = try? TxReadWriteSet(wireBytes: publicBytes) else { return self }
    for index in set.namespaces.indices {
      guard var own = try? KVRWSet(wireBytes: set.namespaces[index].rwset) else { continue }
      own.reads = []
      own.rangeQueries = []
      set.namespaces[index].rwset = own.wireBytes()
    }
    return TxSimulationResults(publicBytes: set.wireBytes(), privateBytes: privateBytes)
  }
}
