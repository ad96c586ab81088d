public import MessageFSM

/// The results of a query, fetched from the peer in batches of 100 (Fabric `shim.CommonIterator`).
///
/// When the last result of a batch is taken the next batch is fetched at once, as Fabric's shim does, so that `hasNext` knows.
final class QueryBatches: Sendable {
  private struct State {
    var batch: QueryResponse
    var position = 0
  }

  private let transaction: ShimTransaction
  private let version: FabricVersion
  private let state: Locked<State>

  init(transaction: ShimTransaction, batch: QueryResponse, version: FabricVersion) {
    self.transaction = transaction
    self.version = version
    self.state = Locked(State(batch: batch))
  }

  var hasNext: Bool {
    state.withLock { $0.position < $0.batch.results.count || $0.batch.hasMore }
  }

  /// Takes the next result, read by `read`; if it is the batch's last and there are more, ``fetch()`` has to be called.
  @inline(__always)
  func take<Result: Sendable>(
    _ read: (QueryResult) throws(WireError) -> Result
  ) throws(TransactionError) -> (result: Result, fetches: Bool) {
    try state.withLock { state throws(TransactionError) in
      guard state.position < state.batch.results.count else {
        throw TransactionError(
          .invalidArgument, state.batch.hasMore ? "invalid iterator state" : "no such key")
      }
      let result: Result
      do throws(WireError) {
        result = try read(state.batch.results[state.position])
      } catch {
        throw TransactionError(
          .unreadable, WireString("error unmarshaling result from bytes: \(error.text(version))"))
      }
      state.position += 1
      return (result, state.position == state.batch.results.count && state.batch.hasMore)
    }
  }

  /// Fetches the batch behind the one that was taken.
  func fetch() async throws(TransactionError) {
    let id = state.withLock { $0.batch.id }
    let batch = try await transaction.call(.queryStateNext(QueryStateNext(id: id)))
      .queryResponse(txid: transaction.txid, version: version)
    state.withLock { $0 = State(batch: batch) }
  }

  func close() async throws(TransactionError) {
    let id = state.withLock { $0.batch.id }
    _ = try await transaction.call(.queryStateClose(QueryStateClose(id: id)))
      .queryResponse(txid: transaction.txid, version: version)
  }
}

/// Keys and values of a query, one after another.
///
/// Close it when it is not wanted any more; what is still open at the end of the transaction is closed by the peer.
public final class StateQueryIterator: Sendable {
  private let batches: QueryBatches

  init(transaction: ShimTransaction, batch: QueryResponse, version: FabricVersion) {
    self.batches = QueryBatches(transaction: transaction, batch: batch, version: version)
  }

  /// Whether ``next()`` will give a result.
  public var hasNext: Bool { batches.hasNext }

  /// The next key and value.
  ///
  /// - Throws: ``TransactionError`` behind the last result (`no such key`), if the peer refuses or the stream ends.
  public func next() async throws(TransactionError) -> KV {
    let (kv, fetches) = try batches.take { result throws(WireError) in
      switch result {
      case .kv(let kv): kv
      case .modification, .bytes: try KV(wireBytes: result.wireBytes())
      }
    }
    if fetches { try await batches.fetch() }
    return kv
  }

  /// Tells the peer that no more results are wanted.
  ///
  /// - Throws: ``TransactionError`` if the peer refuses or the stream ends.
  public func close() async throws(TransactionError) {
    try await batches.close()
  }
}

/// The entries of a key's history, one after another.
public final class HistoryQueryIterator: Sendable {
  private let batches: QueryBatches

  init(transaction: ShimTransaction, batch: QueryResponse, version: FabricVersion) {
    self.batches = QueryBatches(transaction: transaction, batch: batch, version: version)
  }

  /// Whether ``next()`` will give an entry.
  public var hasNext: Bool { batches.hasNext }

  /// The next entry.
  ///
  /// - Throws: ``TransactionError`` behind the last entry (`no such key`), if the peer refuses or the stream ends.
  public func next() async throws(TransactionError) -> KeyModification {
    let (modification, fetches) = try batches.take { result throws(WireError) in
      switch result {
      case .modification(let modification): modification
      case .kv, .bytes: try KeyModification(wireBytes: result.wireBytes())
      }
    }
    if fetches { try await batches.fetch() }
    return modification
  }

  /// Tells the peer that no more entries are wanted.
  ///
  /// - Throws: ``TransactionError`` if the peer refuses or the stream ends.
  public func close() async throws(TransactionError) {
    try await batches.close()
  }
}

/// One page of a query.
public struct StateQueryPage: Sendable {
  /// The results of the page.
  public let iterator: StateQueryIterator
  /// How many there are.
  public let fetchedRecordsCount: Int32
  /// Where the next page begins; empty behind the last.
  public let bookmark: WireString
}
