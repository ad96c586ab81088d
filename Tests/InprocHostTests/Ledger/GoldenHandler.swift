import InprocHost
import MessageFSM

/// What the peer's handler does with requests around the ledger, just enough to ask the ledger what a golden trace asked.
struct GoldenHandler {
  let version: FabricVersion
  let totalQueryLimit: Int32
  let keyLevelEndorsement: Bool
  let purgeEnabled: Bool
  let store: LSCCCollectionStore

  /// One transaction context: a chaincode in a transaction.
  final class Frame {
    let chaincode: WireString
    let channel: WireString
    let isInit: Bool
    let proposal: SignedProposal?
    let simulator: (any TxSimulator)?
    let history: (any HistoryQueryExecutor)?
    let ownsSimulator: Bool
    var readable: Set<WireString> = []
    var writable: Set<WireString> = []
    var iterators: [WireString: any ResultsIterator] = [:]
    var pending: [WireString: [QueryResult]] = [:]
    var counts: [WireString: Int32] = [:]

    init(
      chaincode: WireString, channel: WireString, isInit: Bool, proposal: SignedProposal?,
      simulator: (any TxSimulator)?, history: (any HistoryQueryExecutor)?, ownsSimulator: Bool
    ) {
      self.chaincode = chaincode
      self.channel = channel
      self.isInit = isInit
      self.proposal = proposal
      self.simulator = simulator
      self.history = history
      self.ownsSimulator = ownsSimulator
    }
  }

  /// The answer to a request; throws the text of an ERROR.
  ///
  /// Gives `nil` for what the ledger has no part in.
  func answer(_ payload: Payload, _ frame: Frame, nextIterator: () -> WireString) async throws -> Answer? {
    guard let sim = frame.simulator else { return nil }
    let namespace = frame.chaincode
    switch payload {
    case .getState(let get):
      if get.collection.isEmpty { return bytes(try await sim.getState(namespace: namespace, key: get.key)) }
      try await checkRead(get.collection, frame)
      return bytes(
        try await sim.getPrivateData(namespace: namespace, collection: get.collection, key: get.key))
    case .getStateMultiple(let get):
      let values: [[UInt8]?]
      if get.collection.isEmpty {
        values = try await sim.getStateMultiple(namespace: namespace, keys: get.keys)
      } else {
        try await checkRead(get.collection, frame)
        values = try await sim.getPrivateDataMultiple(
          namespace: namespace, collection: get.collection, keys: get.keys)
      }
      return .multiple(GetStateMultipleResult(values: values.map { $0 ?? [] }))
    case .getPrivateDataHash(let get):
      try checkNotInit(frame)
      return bytes(
        try await sim.getPrivateDataHash(namespace: namespace, collection: get.collection, key: get.key))
    case .getStateMetadata(let get):
      try checkMetadata()
      if get.collection.isEmpty {
        return metadata(try await sim.getStateMetadata(namespace: namespace, key: get.key))
      }
      try await checkRead(get.collection, frame)
      return metadata(
        try await sim.getPrivateDataMetadata(namespace: namespace, collection: get.collection, key: get.key))
    case .putState(let put):
      try await write(put.collection, put.key, .set(put.value), frame)
      return .bytes([])
    case .delState(let del):
      try await write(del.collection, del.key, .delete, frame)
      return .bytes([])
    case .putStateMetadata(let put):
      guard let entry = put.metadata else { return nil }
      try checkMetadata()
      try await write(put.collection, put.key, .setMetadata([entry]), frame)
      return .bytes([])
    case .purgePrivateData(let purge):
      try await self.purge(purge.collection, purge.key, frame)
      return .bytes([])
    case .writeBatchState(let batch):
      for record in batch.records { try await apply(record, frame) }
      return .bytes([])
    case .getStateByRange(let range):
      return try await self.range(range, frame, nextIterator())
    case .getQueryResult(let query):
      return try await self.query(query, frame, nextIterator())
    case .getHistoryForKey(let history):
      let id = nextIterator()
      guard let executor = frame.history else { return nil }
      let iterator = try await executor.getHistoryForKey(namespace: namespace, key: history.key)
      frame.iterators[id] = iterator
      return .query(try await respond(frame, id, iterator, isPaged: false, limit: totalQueryLimit))
    case .queryStateNext(let next):
      guard let iterator = frame.iterators[next.id] else { throw LedgerError("query iterator not found") }
      return .query(try await respond(frame, next.id, iterator, isPaged: false, limit: totalQueryLimit))
    case .queryStateClose(let close):
      cleanUp(frame, close.id)
      return .query(QueryResponse(results: [], hasMore: false, id: close.id))
    default:
      return nil
    }
  }

  private func bytes(_ value: [UInt8]?) -> Answer { .bytes(value ?? []) }

  private func metadata(_ entries: [StateMetadata]) -> Answer {
    .metadata(StateMetadataResult(entries: entries))
  }

  // MARK: Checks

  private func checkNotInit(_ frame: Frame) throws {
    if frame.isInit { throw LedgerError("private data APIs are not allowed in chaincode Init()") }
  }

  private func checkMetadata() throws {
    guard keyLevelEndorsement else {
      throw LedgerError(
        "key level endorsement is not enabled, channel application capability of V1_3 or later is required")
    }
  }

  private func checkRead(_ collection: WireString, _ frame: Frame) async throws {
    try checkNotInit(frame)
    guard !frame.readable.contains(collection), let simulator = frame.simulator else { return }
    let allowed = try await store.hasReadAccess(
      channel: frame.channel, namespace: frame.chaincode, collection: collection, proposal: frame.proposal,
      executor: simulator)
    guard allowed else { throw refusal("read", collection, frame) }
    frame.readable.insert(collection)
  }

  private func checkWrite(_ collection: WireString, _ frame: Frame) async throws {
    try checkNotInit(frame)
    guard version != .v1_4, !frame.writable.contains(collection), let simulator = frame.simulator
    else { return }
    let allowed = try await store.hasWriteAccess(
      channel: frame.channel, namespace: frame.chaincode, collection: collection, proposal: frame.proposal,
      executor: simulator)
    guard allowed else { throw refusal("write", collection, frame) }
    frame.writable.insert(collection)
  }

  private func refusal(_ what: String, _ collection: WireString, _ frame: Frame) -> LedgerError {
    LedgerError(
      "tx creator does not have \(WireString(what)) access permission on privatedata in chaincodeName:\(frame.chaincode) collectionName: \(collection)"
    )
  }

  // MARK: Writes

  private func write(
    _ collection: WireString, _ key: WireString, _ operation: StateWrite.Operation, _ frame: Frame
  ) async throws {
    guard let sim = frame.simulator else { return }
    let ns = frame.chaincode
    if !collection.isEmpty { try await checkWrite(collection, frame) }
    switch (operation, collection.isEmpty) {
    case (.set(let value), true): try await sim.setState(namespace: ns, key: key, value: value)
    case (.set(let value), false):
      try await sim.setPrivateData(namespace: ns, collection: collection, key: key, value: value)
    case (.delete, true): try await sim.deleteState(namespace: ns, key: key)
    case (.delete, false): try await sim.deletePrivateData(namespace: ns, collection: collection, key: key)
    case (.setMetadata(let metadata), true):
      try await sim.setStateMetadata(namespace: ns, key: key, metadata: metadata)
    case (.setMetadata(let metadata), false):
      try await sim.setPrivateDataMetadata(
        namespace: ns, collection: collection, key: key, metadata: metadata)
    case (.purge, _): try await sim.purgePrivateData(namespace: ns, collection: collection, key: key)
    }
  }

  private func purge(_ collection: WireString, _ key: WireString, _ frame: Frame) async throws {
    guard purgeEnabled else {
      throw LedgerError(
        "purge private data is not enabled, channel application capability of V2_5 or later is required")
    }
    guard !collection.isEmpty else { throw LedgerError("only applicable for private data") }
    try await write(collection, key, .purge, frame)
  }

  private func apply(_ record: WriteRecord, _ frame: Frame) async throws {
    switch record.type {
    case 9: try await write(record.collection, record.key, .set(record.value), frame)
    case 10: try await write(record.collection, record.key, .delete, frame)
    case 21:
      try checkMetadata()
      try await write(
        record.collection, record.key, .setMetadata([record.metadata ?? StateMetadata()]), frame)
    case 23: try await purge(record.collection, record.key, frame)
    default: throw LedgerError("unknown operation type")
    }
  }

  // MARK: Queries

  private func isPaged(_ page: QueryMetadata?) -> Bool {
    page.map { $0.pageSize != 0 || !$0.bookmark.isEmpty } ?? false
  }

  private func limit(_ page: QueryMetadata?) -> Int32 {
    guard let size = page?.pageSize, size > 0, size < totalQueryLimit else { return totalQueryLimit }
    return size
  }

  private func range(_ range: GetStateByRange, _ frame: Frame, _ id: WireString) async throws -> Answer? {
    guard let sim = frame.simulator else { return nil }
    let iterator: any ResultsIterator
    var paged = false
    if !range.collection.isEmpty {
      try await checkRead(range.collection, frame)
      iterator = try await sim.getPrivateDataRange(
        namespace: frame.chaincode, collection: range.collection, startKey: range.startKey,
        endKey: range.endKey)
    } else if isPaged(range.metadata), let page = range.metadata {
      paged = true
      iterator = try await sim.getStateRange(
        namespace: frame.chaincode, startKey: page.bookmark.isEmpty ? range.startKey : page.bookmark,
        endKey: range.endKey, pageSize: limit(page))
    } else {
      iterator = try await sim.getStateRange(
        namespace: frame.chaincode, startKey: range.startKey, endKey: range.endKey)
    }
    frame.iterators[id] = iterator
    return .query(try await respond(frame, id, iterator, isPaged: paged, limit: limit(range.metadata)))
  }

  private func query(_ query: GetQueryResult, _ frame: Frame, _ id: WireString) async throws -> Answer? {
    guard let sim = frame.simulator else { return nil }
    let iterator: any ResultsIterator
    if !query.collection.isEmpty {
      try await checkRead(query.collection, frame)
      iterator = try await sim.executeQueryOnPrivateData(
        namespace: frame.chaincode, collection: query.collection, query: query.query)
    } else if isPaged(query.metadata), let page = query.metadata {
      iterator = try await sim.executeQuery(namespace: frame.chaincode, query: query.query, page: page)
    } else {
      iterator = try await sim.executeQuery(namespace: frame.chaincode, query: query.query)
    }
    frame.iterators[id] = iterator
    return .query(try await respond(frame, id, iterator, isPaged: false, limit: limit(query.metadata)))
  }

  /// A batch of at most 100 results; the result after the last of a batch is kept for the next.
  private func respond(
    _ frame: Frame, _ id: WireString, _ iterator: any ResultsIterator, isPaged: Bool, limit: Int32
  ) async throws -> QueryResponse {
    while true {
      let count = frame.counts[id, default: 0]
      let next = count >= limit ? nil : try await iterator.next()
      guard let result = next else {
        let batch = frame.pending[id] ?? []
        var metadata: QueryResponseMetadata?
        if isPaged {
          metadata = QueryResponseMetadata(fetchedRecordsCount: count, bookmark: iterator.bookmark())
        }
        cleanUp(frame, id)
        return QueryResponse(results: batch, hasMore: false, id: id, metadata: metadata)
      }
      frame.counts[id] = count + 1
      if !isPaged && frame.pending[id]?.count == 100 {
        let batch = frame.pending[id] ?? []
        frame.pending[id] = [result]
        return QueryResponse(results: batch, hasMore: true, id: id)
      }
      frame.pending[id, default: []].append(result)
    }
  }

  private func cleanUp(_ frame: Frame, _ id: WireString) {
    frame.iterators.removeValue(forKey: id)?.close()
    frame.pending[id] = nil
    frame.counts[id] = nil
  }
}
