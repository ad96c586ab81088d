internal import MessageFSM

/// Validates a block and makes the contents that the ledger has with it (Fabric `kvledger.commit`).
///
/// It changes nothing: whatever fails, the ledger stays as it was.
struct BlockCommitter {
  let options: InMemoryLedger.Options
  let directory: CollectionDirectory
  let contents: LedgerContents

  private struct Candidate {
    var index: Int
    var set: ParsedReadWriteSet
    var isEndorsed: Bool
    var isValid = false
  }

  /// The contents with the block, and the block as it is committed: verdicts and commit hash filled in.
  ///
  /// - Throws: Fabric's text where Fabric refuses the block, and an error where its peer dies.
  func commit(_ block: Block, _ privateData: [PrivateWriteSet]) throws(LedgerError) -> (LedgerContents, Block)
  {
    let header = block.header ?? BlockHeader()
    let envelopes = block.data?.envelopes ?? []
    var metadata = block.metadata?.metadata ?? []
    while metadata.count < BlockMetadataIndex.count { metadata.append([]) }
    var filter = metadata[BlockMetadataIndex.transactionsFilter]
    if filter.isEmpty { filter = Array(repeating: TxValidationCode.valid.rawValue, count: envelopes.count) }
    guard filter.count == envelopes.count else {
      throw LedgerError("block has \(envelopes.count) transactions and \(filter.count) validation codes")
    }

    let reader = EnvelopeReader(version: options.fabricVersion)
    var txids: [WireString?] = []
    var candidates = try read(envelopes, reader, &filter, &txids)
    var batch = UpdateBatch()
    try validate(&candidates, header.number, &filter, &batch)
    let purges = try addPrivateData(candidates, privateData, header.number, &batch)
    metadata[BlockMetadataIndex.transactionsFilter] = filter

    var next = contents
    if header.number == 1 || !contents.commitHash.isEmpty {
      next.commitHash = SHA256.hash(
        Self.varint(UInt64(filter.count)) + filter + batch.deterministicBytes + contents.commitHash)
      metadata[BlockMetadataIndex.commitHash] = SignedMetadata(value: next.commitHash).wireBytes()
    }
    try checkPlace(header)

    purgeKeys(purges, &batch)
    let database = contents.database
    var expiry = contents.expiry
    var lifetimes: [CollectionName: UInt64] = [:]
    try expiry.add(batch) { (name) throws(LedgerError) in
      if let known = lifetimes[name] { return known }
      let config = try directory.collection(name) { (namespace, key) throws(LedgerError) in
        database.get(namespace, key)?.value
      }
      guard let config else { throw CollectionDirectory.notFound(directory.channel, name) }
      lifetimes[name] = config.blockToLive
      return config.blockToLive
    }
    expiry.purge(header.number, database, &batch)
    next.expiry = expiry
    batch.apply(to: &next.database)

    let committed = Block(
      header: header, data: BlockData(envelopes: envelopes), metadata: BlockMetadata(metadata: metadata))
    index(committed, txids, &next)
    if options.historyEnabled { addHistory(candidates, header.number, &next) }
    return (next, committed)
  }

  // MARK: Reading

  /// Reads what is to be validated, and for the index the txid of every envelope, as far as it can be read.
  private func read(
    _ envelopes: [[UInt8]], _ reader: EnvelopeReader, _ filter: inout [UInt8], _ txids: inout [WireString?]
  ) throws(LedgerError) -> [Candidate] {
    var candidates: [Candidate] = []
    for (index, bytes) in envelopes.enumerated() {
      guard filter[index] == TxValidationCode.valid.rawValue else {
        txids.append((try? reader.contents(bytes)).flatMap { reader.txid($0) })
        continue
      }
      let contents = try reader.contents(bytes)
      txids.append(reader.txid(contents))
      switch contents.channelHeader.type {
      case 3:  // ENDORSER_TRANSACTION
        guard let action = reader.action(contents.data) else {
          filter[index] = TxValidationCode.nilTxAction.rawValue
          continue
        }
        guard let set = try? ParsedReadWriteSet(wireBytes: action.results) else {
          filter[index] = TxValidationCode.invalidOtherReason.rawValue
          continue
        }
        candidates.append(Candidate(index: index, set: set, isEndorsed: true))
      case 1:  // CONFIG
        let set = try reader.configuration(contents.data)
        candidates.append(Candidate(index: index, set: set, isEndorsed: false))
      default:
        // Other types are in the chain and write nothing.
        continue
      }
    }
    return candidates
  }

  // MARK: Validation

  private func validate(
    _ candidates: inout [Candidate], _ number: UInt64, _ filter: inout [UInt8], _ batch: inout UpdateBatch
  ) throws(LedgerError) {
    let validator = TransactionValidator(database: contents.database)
    let applier = WriteSetApplier(database: contents.database)
    for index in candidates.indices {
      let candidate = candidates[index]
      let code = try validator.validate(candidate.set, after: batch)
      filter[candidate.index] = code.rawValue
      guard code == .valid else { continue }
      candidates[index].isValid = true
      let height = Height(block: number, transaction: UInt64(candidate.index))
      try applier.apply(candidate.set, at: height, to: &batch)
    }
  }

  /// Adds the private writes; gives the hashes of the keys that are purged, with the transaction that does it.
  private func addPrivateData(
    _ candidates: [Candidate], _ privateData: [PrivateWriteSet], _ number: UInt64, _ batch: inout UpdateBatch
  ) throws(LedgerError) -> [(CollectionName, WireString, Height)] {
    let preparer = PrivateDataPreparer(database: contents.database, version: options.fabricVersion)
    var metadataKeys: [(CollectionName, WireString)] = []
    var purges: [(CollectionName, WireString, Height)] = []
    for candidate in candidates where candidate.isValid {
      let height = Height(block: number, transaction: UInt64(candidate.index))
      for collection in candidate.set.namespaces.flatMap(\.collections) {
        for write in collection.hashed.writes where write.isPurge {
          purges.append((collection.name, WireString(bytes: write.keyHash), height))
        }
      }
      guard candidate.set.hasPrivateWrites,
        let given = privateData.last(where: { $0.sequence == UInt64(candidate.index) })
      else { continue }
      let writeSet: TxPvtReadWriteSet
      do {
        writeSet = try TxPvtReadWriteSet(wireBytes: given.writeSet)
      } catch {
        throw LedgerError(WireString(error.text(options.fabricVersion)))
      }
      metadataKeys += try preparer.add(writeSet, of: candidate.set, at: height, to: &batch)
    }
    preparer.raiseVersions(of: metadataKeys, in: &batch)
    return purges
  }

  /// A purge removes the private value even if the block came without the private write that says so.
  private func purgeKeys(_ purges: [(CollectionName, WireString, Height)], _ batch: inout UpdateBatch) {
    for (name, keyHash, height) in purges {
      // Usually the private write came too, and the keys of the block are few; only otherwise all keys are looked through.
      let own = (batch.privateKeys[name] ?? UpdateBatch.Table()).first { Self.hash($0.key) == keyHash }
      if let own {
        if own.value.version < height { batch.setPrivate(name, own.key, .delete(height)) }
        continue
      }
      var cursor = contents.database.cursor(name.privateNamespace, from: .empty)
      while let (key, _) = cursor.next() {
        guard Self.hash(key) == keyHash else { continue }
        batch.setPrivate(name, key, .delete(height))
        break
      }
    }
  }

  private static func hash(_ key: WireString) -> WireString { WireString(bytes: SHA256.hash(key.bytes)) }

  private func checkPlace(_ header: BlockHeader) throws(LedgerError) {
    let info = contents.info
    guard header.number == info.height else {
      throw LedgerError("block number should have been \(info.height) but was \(header.number)")
    }
    guard header.previousHash == info.currentBlockHash else {
      let (expected, found) = (info.currentBlockHash.hex, header.previousHash.hex)
      throw LedgerError(
        WireString(
          "unexpected Previous block hash. Expected PreviousHash = [\(expected)], PreviousHash referred in the latest block= [\(found)]"
        ))
    }
  }

  // MARK: Indexes

  private func index(_ block: Block, _ txids: [WireString?], _ next: inout LedgerContents) {
    let header = block.header ?? BlockHeader()
    let hash = header.hash
    next.blocks[header.number] = block
    next.numbersByHash[WireString(bytes: hash)] = header.number
    for (index, txid) in txids.enumerated() {
      guard let txid else { continue }
      // The first transaction with a txid is the one that is found by it.
      let height = Height(block: header.number, transaction: UInt64(index))
      next.heightsByTxid.update(txid, default: height) { _ in }
    }
    next.info = BlockchainInfo(
      height: header.number + 1, currentBlockHash: hash, previousBlockHash: header.previousHash)
  }

  private func addHistory(_ candidates: [Candidate], _ number: UInt64, _ next: inout LedgerContents) {
    for candidate in candidates where candidate.isValid && candidate.isEndorsed {
      let height = Height(block: number, transaction: UInt64(candidate.index))
      for namespace in candidate.set.namespaces where !namespace.keys.writes.isEmpty {
        next.history.update(namespace.name, default: LedgerContents.History()) { history in
          for write in namespace.keys.writes {
            let newestFirst = options.fabricVersion != .v1_4
            history[LedgerContents.HistoryKey(write.key, height, newestFirst: newestFirst)] = true
          }
        }
      }
    }
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
    return bytes
  }
}
