public import MessageFSM

// Ranges, composite keys, pages, rich queries, history.
extension ChaincodeStub {
  /// The keys from `startKey` up to, but without, `endKey`; empty means the first and the end (`GetStateByRange`).
  ///
  /// - Throws: ``TransactionError`` if a key begins with U+0000, the peer refuses, the stream ends, or the transaction is given up.
  public func getStateByRange(
    from startKey: some WireStringConvertible, to endKey: some WireStringConvertible
  ) async throws(TransactionError) -> StateQueryIterator {
    let (start, end) = try simpleRange(startKey.wireString, endKey.wireString)
    return try await states(.getStateByRange(GetStateByRange(startKey: start, endKey: end)))
  }

  /// One page of such a range (`GetStateByRangeWithPagination`); read-only transactions only.
  ///
  /// - Throws: ``TransactionError`` as ``getStateByRange(from:to:)``.
  public func getStateByRange(
    from startKey: some WireStringConvertible, to endKey: some WireStringConvertible, pageSize: Int32,
    bookmark: some WireStringConvertible
  ) async throws(TransactionError) -> StateQueryPage {
    let (start, end) = try simpleRange(startKey.wireString, endKey.wireString)
    let metadata = try page(pageSize, bookmark.wireString)
    return try await statePage(
      .getStateByRange(GetStateByRange(startKey: start, endKey: end, metadata: metadata)))
  }

  /// The composite keys that begin with these attributes (`GetStateByPartialCompositeKey`).
  ///
  /// - Throws: ``TransactionError`` as ``getStateByRange(from:to:)``, or if an attribute cannot be part of a composite key.
  public func getStateByPartialCompositeKey(
    _ objectType: some WireStringConvertible, _ attributes: [some WireStringConvertible]
  ) async throws(TransactionError) -> StateQueryIterator {
    let (start, end) = try compositeRange(objectType.wireString, attributes.map { $0.wireString })
    return try await states(.getStateByRange(GetStateByRange(startKey: start, endKey: end)))
  }

  /// One page of such composite keys (`GetStateByPartialCompositeKeyWithPagination`).
  ///
  /// - Throws: ``TransactionError`` as ``getStateByPartialCompositeKey(_:_:)``.
  public func getStateByPartialCompositeKey(
    _ objectType: some WireStringConvertible, _ attributes: [some WireStringConvertible], pageSize: Int32,
    bookmark: some WireStringConvertible
  ) async throws(TransactionError) -> StateQueryPage {
    let metadata = try page(pageSize, bookmark.wireString)
    let (start, end) = try compositeRange(objectType.wireString, attributes.map { $0.wireString })
    return try await statePage(
      .getStateByRange(GetStateByRange(startKey: start, endKey: end, metadata: metadata)))
  }

  /// One page of all composite keys there are (`GetAllStatesCompositeKeyWithPagination`, Fabric 3.1).
  ///
  /// - Throws: ``TransactionError`` as ``getStateByRange(from:to:)``.
  public func getAllStatesCompositeKey(
    pageSize: Int32, bookmark: some WireStringConvertible
  ) async throws(TransactionError) -> StateQueryPage {
    let metadata = try page(pageSize, bookmark.wireString)
    let range = GetStateByRange(
      startKey: "\u{0}", endKey: WireString(bytes: [0] + CompositeKey.end), metadata: metadata)
    return try await statePage(.getStateByRange(range))
  }

  /// A key of an object type and attributes (`CreateCompositeKey`).
  ///
  /// - Throws: ``TransactionError/Code/invalidArgument`` if a part is not UTF-8 or has U+0000 or U+10FFFF.
  public func createCompositeKey(
    _ objectType: some WireStringConvertible, _ attributes: [some WireStringConvertible]
  ) throws(TransactionError) -> WireString {
    try CompositeKey.make(objectType.wireString, attributes.map { $0.wireString }, version: version)
  }

  /// The parts of a composite key (`SplitCompositeKey`).
  ///
  /// - Throws: ``TransactionError/Code/invalidArgument`` if it is none (Fabric crashes there).
  public func splitCompositeKey(
    _ key: some WireStringConvertible
  ) throws(TransactionError) -> (objectType: WireString, attributes: [WireString]) {
    try CompositeKey.split(key.wireString)
  }

  /// The results of a query in the state database's language (`GetQueryResult`).
  ///
  /// - Throws: ``TransactionError`` if the peer refuses, the stream ends, or the transaction is given up.
  public func getQueryResult(
    _ query: some WireStringConvertible
  ) async throws(TransactionError) -> StateQueryIterator {
    try await states(.getQueryResult(GetQueryResult(query: query.wireString)))
  }

  /// One page of the results of such a query (`GetQueryResultWithPagination`).
  ///
  /// - Throws: ``TransactionError`` as ``getQueryResult(_:)``.
  public func getQueryResult(
    _ query: some WireStringConvertible, pageSize: Int32, bookmark: some WireStringConvertible
  ) async throws(TransactionError) -> StateQueryPage {
    let metadata = try page(pageSize, bookmark.wireString)
    return try await statePage(.getQueryResult(GetQueryResult(query: query.wireString, metadata: metadata)))
  }

  /// Every committed write of a key (`GetHistoryForKey`); 1.4 gives the oldest first, 3.1 the newest.
  ///
  /// - Throws: ``TransactionError`` as ``getQueryResult(_:)``.
  public func getHistoryForKey(
    _ key: some WireStringConvertible
  ) async throws(TransactionError) -> HistoryQueryIterator {
    let batch = try await query(.getHistoryForKey(GetHistoryForKey(key: key.wireString)))
    return HistoryQueryIterator(transaction: transaction, batch: batch, version: version)
  }

  // MARK: Shared with private data

  func states(_ request: Payload) async throws(TransactionError) -> StateQueryIterator {
    let batch = try await query(request)
    return StateQueryIterator(transaction: transaction, batch: batch, version: version)
  }

  func simpleRange(
    _ start: WireString, _ end: WireString
  ) throws(TransactionError) -> (WireString, WireString) {
    // An empty start would begin with the composite keys, which simple ranges do not see (`emptyKeySubstitute`).
    let start = start.isEmpty ? "\u{1}" : start
    for key in [start, end] where key.bytes.first == 0 {
      throw TransactionError(
        .invalidArgument,
        WireString(
          bytes: Array("first character of the key [".utf8) + key.bytes
            + Array("] contains a null character which is not allowed".utf8)))
    }
    return (start, end)
  }

  func compositeRange(
    _ objectType: WireString, _ attributes: [WireString]
  ) throws(TransactionError) -> (WireString, WireString) {
    let start = try CompositeKey.make(objectType, attributes, version: version)
    return (start, WireString(bytes: start.bytes + CompositeKey.end))
  }

  private func statePage(_ request: Payload) async throws(TransactionError) -> StateQueryPage {
    let batch = try await query(request)
    let iterator = StateQueryIterator(transaction: transaction, batch: batch, version: version)
    return StateQueryPage(
      iterator: iterator, fetchedRecordsCount: batch.metadata?.fetchedRecordsCount ?? 0,
      bookmark: batch.metadata?.bookmark ?? .empty)
  }

  private func page(_ size: Int32, _ bookmark: WireString) throws(TransactionError) -> QueryMetadata {
    if !bookmark.isValidUTF8 {
      // Marshalling fails in the shim, where Go names the field as its struct does.
      let text =
        switch version {
        case .v1_4: "proto: field \"protos.QueryMetadata.Bookmark\" contains invalid UTF-8"
        case .v3_1: "string field contains invalid UTF-8"
        }
      throw TransactionError(.invalidArgument, WireString(text))
    }
    return QueryMetadata(pageSize: size, bookmark: bookmark)
  }

  private func query(_ request: Payload) async throws(TransactionError) -> QueryResponse {
    let fault =
      request.type == .getStateByRange ? "GetStateByRangeResponse unmarshall error" : "unmarshal error"
    return try await transaction.call(request).queryResponse(txid: txid, version: version, fault: fault)
  }
}

extension Answer {
  /// The batch of results that a query was answered with; `fault` is what Fabric's shim says of one that it cannot read.
  func queryResponse(
    txid: WireString, version: FabricVersion, fault: String = "unmarshal error"
  ) throws(TransactionError) -> QueryResponse {
    if case .query(let response) = self { return response }
    do throws(WireError) {
      return try QueryResponse(wireBytes: wireBytes())
    } catch {
      // Metadata that cannot be read has the library's own text, since the shim reads it by itself.
      if let bare = try? BareQueryResponse(wireBytes: wireBytes()), !bare.metadata.isEmpty {
        throw TransactionError(.unreadable, WireString(error.text(version)))
      }
      // Fabric shows the first eight bytes of a txid here.
      throw TransactionError(
        .unreadable, WireString(bytes: Array("[".utf8) + txid.bytes.prefix(8) + Array("] \(fault)".utf8)))
    }
  }
}

/// A QueryResponse whose metadata is not read.
private struct BareQueryResponse: WireMessage {
  static let protoName = "protos.QueryResponse"
  var metadata: [UInt8] = []

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(4, &metadata)
  }
}
