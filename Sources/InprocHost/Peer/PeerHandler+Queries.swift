import MessageFSM

// Ranges, rich queries, history: results go out in batches of 100 (Fabric `QueryResponseGenerator`).
extension PeerHandler {
  /// The most results of a batch (`maxResultLimit`).
  private static let batchSize = 100

  func range(
    _ range: GetStateByRange, _ context: TransactionContext, _ simulator: any TxSimulator
  ) async throws -> QueryResponse {
    let id = makeIteratorID()
    let namespace = context.namespace
    let results: any ResultsIterator
    let page = range.metadata.flatMap { $0.isPage ? $0 : nil }
    if !range.collection.isEmpty {
      try await checkRead(range.collection, context, simulator)
      results = try await simulator.getPrivateDataRange(
        namespace: namespace, collection: range.collection, startKey: range.startKey, endKey: range.endKey)
      return try await begin(id, results, range.metadata, isPaginated: false, context)
    }
    if let page {
      results = try await simulator.getStateRange(
        namespace: namespace, startKey: page.bookmark.isEmpty ? range.startKey : page.bookmark,
        endKey: range.endKey, pageSize: page.pageSize)
    } else {
      results = try await simulator.getStateRange(
        namespace: namespace, startKey: range.startKey, endKey: range.endKey)
    }
    return try await begin(id, results, range.metadata, isPaginated: page != nil, context)
  }

  func query(
    _ query: GetQueryResult, _ id: WireString, _ context: TransactionContext, _ simulator: any TxSimulator
  ) async throws -> QueryResponse {
    let namespace = context.namespace
    let results: any ResultsIterator
    let page = query.metadata.flatMap { $0.isPage ? $0 : nil }
    if !query.collection.isEmpty {
      try await checkRead(query.collection, context, simulator)
      results = try await simulator.executeQueryOnPrivateData(
        namespace: namespace, collection: query.collection, query: query.query)
      return try await begin(id, results, query.metadata, isPaginated: false, context)
    }
    if let page {
      results = try await simulator.executeQuery(namespace: namespace, query: query.query, page: page)
    } else {
      results = try await simulator.executeQuery(namespace: namespace, query: query.query)
    }
    return try await begin(id, results, query.metadata, isPaginated: page != nil, context)
  }

  func history(
    _ history: GetHistoryForKey, _ id: WireString, _ context: TransactionContext
  ) async throws -> QueryResponse {
    guard let executor = context.params.historyQueryExecutor else {
      // A nil pointer in Fabric: the process dies.
      throw LedgerError("the transaction has no history query executor")
    }
    let results = try await executor.getHistoryForKey(namespace: context.namespace, key: history.key)
    return try await begin(
      id, results, nil, isPaginated: false, answersAtOnce: executor.answersAtOnce, context)
  }

  func next(_ id: WireString, _ context: TransactionContext) async throws -> QueryResponse {
    guard let open = context.iterator(id) else { throw LedgerError("query iterator not found") }
    return try await batch(open, limit: limit(nil), isPaginated: false, context)
  }

  private func begin(
    _ id: WireString, _ results: any ResultsIterator, _ metadata: QueryMetadata?, isPaginated: Bool,
    answersAtOnce: Bool = true, _ context: TransactionContext
  ) async throws -> QueryResponse {
    let open = TransactionContext.OpenIterator(id: id, results: results, answersAtOnce: answersAtOnce)
    context.keep(open)
    return try await batch(open, limit: limit(metadata), isPaginated: isPaginated, context)
  }

  /// The most results of a query: the page's size, if that is less than the host allows.
  private func limit(_ metadata: QueryMetadata?) -> Int {
    let most = Int(environment.configuration.totalQueryLimit)
    guard let size = metadata?.pageSize, size > 0 else { return most }
    return min(Int(size), most)
  }

  /// The next batch.
  ///
  /// One result more than a batch is taken, to know whether there is another.
  private func batch(
    _ iterator: TransactionContext.OpenIterator, limit: Int, isPaginated: Bool, _ context: TransactionContext
  ) async throws -> QueryResponse {
    var open = iterator
    var results = open.pending
    open.pending = []
    do {
      if open.total < limit {
        let wanted =
          isPaginated
          ? limit - open.total : min(limit - open.total, Self.batchSize + 1 - results.count)
        var taken = try await open.results.next(atMost: wanted)
        open.total += taken.count
        // The ledger's array becomes the message's; nothing is copied.
        taken.insert(contentsOf: results, at: 0)
        results = taken
        taken = []
        if !isPaginated, results.count > Self.batchSize, let extra = results.popLast() {
          open.pending = [extra]
          context.keep(open)
          return QueryResponse(results: results, hasMore: true, id: open.id)
        }
      }
    } catch {
      context.closeIterator(open.id)
      throw error
    }
    var metadata: QueryResponseMetadata?
    if isPaginated {
      metadata = QueryResponseMetadata(
        fetchedRecordsCount: Int32(clamping: open.total), bookmark: open.results.bookmark())
    }
    context.closeIterator(open.id)
    return QueryResponse(results: results, hasMore: false, id: open.id, metadata: metadata)
  }
}

extension QueryMetadata {
  /// Whether it asks for a page; without size and bookmark it does not.
  fileprivate var isPage: Bool { pageSize != 0 || !bookmark.isEmpty }
}
