public import MessageFSM

/// A channel's ledger in memory: Fabric's read-write sets, validation, blocks and history, byte for byte.
///
/// Simulators, query executors and history executors keep the contents as they were when they were made, at no cost. A commit
/// makes new contents beside them and puts them in place at once, so neither waits for the other; commits come one after another.
///
/// With a ``FileBlockStore`` it outlives its process: each commit is on the disk before it shows, and opening does all commits again.
public final class InMemoryLedger: PeerLedger {
  /// The name of the channel.
  public let channel: WireString
  /// How the ledger behaves.
  public let options: Options

  private let contents: Locked<LedgerContents>
  /// Held during a commit, so that they come one after another.
  private let commits = Locked(())
  private let store: FileBlockStore?

  /// A ledger without blocks; the first to be committed is the genesis block.
  public init(channel: WireString, options: Options = Options()) {
    self.channel = channel
    self.options = options
    self.store = nil
    self.contents = Locked(LedgerContents())
  }

  /// A ledger with the blocks of the store, whose commits go to the store first.
  ///
  /// State, history and indexes are made by committing all blocks again, with the private data that came with them. A commit waits
  /// for the disk, in the thread that calls it.
  ///
  /// - Throws: ``LedgerError`` with file, block, byte and rule if a block is one of another channel, or comes out otherwise than it was
  ///   committed, as it may with other options.
  public init(channel: WireString, options: Options = Options(), store: FileBlockStore) throws(LedgerError) {
    self.channel = channel
    self.options = options
    self.store = store
    var contents = LedgerContents()
    for number in 0..<store.blockCount {
      let record = try store.record(number)
      contents = try Self.replay(record, number, on: contents, channel: channel, options, store)
    }
    self.contents = Locked(contents)
  }

  private static func replay(
    _ record: StoredBlock, _ number: UInt64, on contents: LedgerContents, channel: WireString,
    _ options: Options, _ store: FileBlockStore
  ) throws(LedgerError) -> LedgerContents {
    guard record.channel == channel.bytes else {
      let name = WireString(bytes: record.channel)
      throw store.damaged(number, "the block is one of channel \"\(name)\", not \"\(channel)\"")
    }
    guard let block = try? Block(wireBytes: record.block) else {
      throw store.damaged(number, "the block cannot be read")
    }
    let privateData = record.privateData.map {
      PrivateWriteSet(sequence: $0.sequence, writeSet: $0.writeSet)
    }
    let result: (LedgerContents, Block)
    do {
      result = try committer(channel, options, contents).commit(block, privateData)
    } catch {
      throw store.damaged(number, "the block is refused: \(error)")
    }
    guard result.1.wireBytes() == record.block else {
      throw store.damaged(
        number, "the block comes out otherwise than it was committed; are the options others?")
    }
    return result.0
  }

  private static func committer(
    _ channel: WireString, _ options: Options, _ contents: LedgerContents
  ) -> BlockCommitter {
    let directory = CollectionDirectory(
      version: options.fabricVersion, provider: options.collectionProvider,
      organizations: options.organizations, channel: channel)
    return BlockCommitter(options: options, directory: directory, contents: contents)
  }

  /// The state as it is now.
  package var database: StateDatabase { snapshot().database }

  private func snapshot() -> LedgerContents { contents.withLock { $0 } }

  private var chain: InMemoryChain { InMemoryChain(contents: snapshot(), version: options.fabricVersion) }

  private func simulator(txid: WireString, notesReads: Bool) -> InMemorySimulator {
    InMemorySimulator(
      contents: snapshot(), channel: channel, options: options, txid: txid, notesReads: notesReads)
  }

  /// True.
  public var answersAtOnce: Bool { true }

  /// A simulator over the state as it is now; it never waits.
  public func newTxSimulator(txid: WireString) -> any TxSimulator {
    simulator(txid: txid, notesReads: true)
  }

  /// A reader of the state as it is now; it never waits.
  public func newQueryExecutor() -> any QueryExecutor {
    simulator(txid: .empty, notesReads: false)
  }

  /// A reader of the history as it is now; it never waits.
  public func newHistoryQueryExecutor() -> any HistoryQueryExecutor {
    InMemoryHistoryExecutor(contents: snapshot(), options: options)
  }

  // MARK: Blocks

  /// Height and hashes of the chain.
  public func blockchainInfo() -> BlockchainInfo { chain.blockchainInfo() }

  /// The block with this number; the greatest number there is stands for the last block.
  ///
  /// - Throws: Fabric's text if there is none.
  public func block(number: UInt64) throws -> Block { try chain.block(number: number) }

  /// The block whose header has this hash.
  ///
  /// - Throws: Fabric's text if there is none.
  public func block(hash: [UInt8]) throws -> Block { try chain.block(hash: hash) }

  /// The block with the first transaction of this txid.
  ///
  /// - Throws: Fabric's text if there is none.
  public func block(txid: WireString) throws -> Block { try chain.block(txid: txid) }

  /// The first transaction of this txid, with the verdict on it.
  ///
  /// - Throws: Fabric's text if there is none.
  public func transaction(txid: WireString) throws -> ProcessedTransaction {
    try chain.transaction(txid: txid)
  }

  /// Validates the block and takes it: chain, state, history and indexes change together, or nothing does.
  ///
  /// With a store, the block is on the disk before anything changes.
  ///
  /// - Throws: Fabric's text where Fabric refuses the block; an error where Fabric's peer would die; what the store throws.
  @discardableResult
  public func commit(
    _ block: Block, privateData: [PrivateWriteSet] = [], missing: [MissingPrivateData] = []
  ) throws -> Block {
    try commits.withLock { (_) throws(LedgerError) in
      let committer = Self.committer(channel, options, snapshot())
      let (next, committed) = try committer.commit(block, privateData)
      if let store {
        let record = StoredBlock(
          channel: channel.bytes, block: committed.wireBytes(),
          privateData: privateData.map { .init(sequence: $0.sequence, writeSet: $0.writeSet) },
          missing: missing.map {
            .init(sequence: $0.sequence, namespace: $0.namespace.bytes, collection: $0.collection.bytes)
          })
        try store.append(record, number: committed.header?.number ?? 0)
      }
      contents.withLock { $0 = next }
      return committed
    }
  }
}
