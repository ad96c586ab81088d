import MessageFSM

/// What the peer offered in READY, as Fabric 3.1's shim understands it.
struct PeerOffer: Sendable, Hashable {
  /// The most records of a WRITE_BATCH_STATE; `nil` if there are none.
  let writeBatchLimit: Int?
  /// The most keys of a GET_STATE_MULTIPLE; `nil` if there are none.
  let getMultipleLimit: Int?

  /// Nothing was offered.
  static let nothing = PeerOffer(nil)

  /// A limit below 100 counts as 100 (fabric-chaincode-go v2.3, `handleEstablished`).
  init(_ params: ChaincodeAdditionalParams?) {
    self.writeBatchLimit =
      params?.useWriteBatch == true ? max(100, Int(params?.maxSizeWriteBatch ?? 0)) : nil
    self.getMultipleLimit =
      params?.useGetMultipleKeys == true ? max(100, Int(params?.maxSizeGetMultipleKeys ?? 0)) : nil
  }
}

/// Writes that wait to be sent together: in the order in which a key was first written, with what was written last.
struct WriteBatch: Sendable {
  private struct Slot: Hashable {
    let collection: WireString
    let key: WireString
    let isMetadata: Bool

    init(_ record: WriteRecord) {
      self.collection = record.collection
      self.key = record.key
      self.isMetadata = record.type == 21
    }

    // The key alone is nearly always enough to tell slots apart.
    func hash(into hasher: inout Hasher) {
      hasher.combine(key)
    }
  }

  private(set) var records: [WriteRecord] = []
  /// Whether the records are of one collection and in the order of their keys.
  private var isSorted = true
  /// Where the record of a slot is, if they are not.
  private var positions: [Slot: Int] = [:]

  mutating func add(_ record: consuming WriteRecord) {
    // Writes mostly come in the order of their keys; then none can be a second one of its key, and nothing is hashed.
    if isSorted {
      if isBehindAll(record) {
        records.append(record)
        return
      }
      isSorted = false
      for (position, known) in records.enumerated() { positions[Slot(known)] = position }
    }
    // One look-up for both: a new slot gets the place behind the last record.
    let position = updatedPosition(of: Slot(copy record))
    if position < records.count {
      records[position] = record
    } else {
      records.append(record)
    }
  }

  /// Whether the record is behind all others, which are in the order of their keys.
  private func isBehindAll(_ record: WriteRecord) -> Bool {
    guard let last = records.indices.last else { return true }
    return records[last].key < record.key && records[last].collection == record.collection
  }

  private mutating func updatedPosition(of slot: Slot) -> Int {
    let next = records.count
    let keep: (inout Int) -> Int = { $0 }
    return keep(&positions[slot, default: next])
  }
}

extension ChaincodeStub {
  /// Collects the writes of `body` and sends them together when it returns, all or none.
  ///
  /// Empty keys and collections are refused at once. The writes are applied in the order in which their keys were first written,
  /// each with its last content. When `body` throws, nothing is written. Where the peer offers no batches every write is sent at
  /// once, as in Fabric.
  ///
  /// - Throws: what `body` throws, or ``TransactionError`` if the peer refuses one of the writes; none is applied then.
  public func withWriteBatch<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
    guard offer.writeBatchLimit != nil else { return try await body() }
    let outer = state.withLock { state in
      let outer = state.batch
      state.batch = WriteBatch()
      return outer
    }
    let result: Result
    do {
      result = try await body()
    } catch {
      state.withLock { $0.batch = outer }
      throw error
    }
    let batch = state.withLock { state in
      let batch = state.batch
      state.batch = outer
      return batch
    }
    if let batch, !batch.records.isEmpty {
      try await send(batch.records, isAtomic: true)
    }
    return result
  }

  /// Begins to collect writes (`StartWriteBatch`, Fabric 3.1).
  ///
  /// Nothing if the peer offers no batches or one is open.
  public func startWriteBatch() {
    guard offer.writeBatchLimit != nil else { return }
    state.withLock { state in
      if state.batch == nil { state.batch = WriteBatch() }
    }
  }

  /// Sends the writes that were collected, in segments that the peer takes (`FinishWriteBatch`, Fabric 3.1).
  ///
  /// As in Fabric, the writes before one that is refused stay, and the batch is gone either way. ``withWriteBatch(_:)`` does better.
  ///
  /// - Throws: ``TransactionError`` with `failed send batch: ` before the peer's text.
  public func finishWriteBatch() async throws(TransactionError) {
    guard let batch = state.withLock({ $0.batch.take() }), let limit = offer.writeBatchLimit else { return }
    var rest = batch.records[...]
    if rest.count <= limit && !rest.isEmpty { return try await send(batch.records, isAtomic: false) }
    while !rest.isEmpty {
      try await send(Array(rest.prefix(limit)), isAtomic: false)
      rest = rest.dropFirst(limit)
    }
  }

  /// Whether the record was taken by an open batch.
  func batched(_ record: @autoclosure () -> WriteRecord) -> Bool {
    state.withLock { state in state.batch?.add(record()) != nil }
  }

  private func send(_ records: [WriteRecord], isAtomic: Bool) async throws(TransactionError) {
    do throws(TransactionError) {
      _ = try await transaction.call(
        .writeBatchState(WriteBatchState(records: records, isAtomic: isAtomic)))
    } catch {
      throw error.wrapped("failed send batch")
    }
  }
}
