import InprocHost
import MessageFSM

/// A file of blocks in memory whose operations can be made to fail.
final class MemoryBlockFile: BlockFile {
  enum Fault: Sendable, Hashable {
    /// The next write stops after this many bytes.
    case writeStops(after: Int)
    case truncateFails
    case synchronizeFails
  }

  struct Content {
    var bytes: [UInt8]
    /// As many as were there when `synchronize` returned last.
    var synchronized = 0
    var faults: Set<Fault> = []
  }

  static let beginning = Array("inproc-blocks/1\n".utf8)
  let path = "memory/blocks"
  private let content: Locked<Content>

  init(_ bytes: [UInt8] = MemoryBlockFile.beginning) {
    content = Locked(Content(bytes: bytes))
  }

  var bytes: [UInt8] { content.withLock { $0.bytes } }
  var synchronized: Int { content.withLock { $0.synchronized } }

  func fail(_ faults: Set<Fault>) { content.withLock { $0.faults = faults } }

  func size() -> UInt64 { content.withLock { UInt64($0.bytes.count) } }

  func read(at offset: UInt64, count: Int) -> [UInt8] {
    content.withLock { content in
      let start = min(content.bytes.count, Int(clamping: offset))
      return Array(content.bytes[start..<min(content.bytes.count, start + count)])
    }
  }

  func write(_ bytes: [UInt8], at offset: UInt64) throws(LedgerError) {
    try content.withLock { (content) throws(LedgerError) in
      var taken = bytes.count
      for case .writeStops(let count) in content.faults { taken = min(taken, count) }
      content.bytes.replaceSubrange(Int(offset)..., with: bytes.prefix(taken))
      if taken < bytes.count { throw LedgerError("write failed: no space") }
    }
  }

  func truncate(to size: UInt64) throws(LedgerError) {
    try content.withLock { (content) throws(LedgerError) in
      if content.faults.contains(.truncateFails) { throw LedgerError("ftruncate failed: bad day") }
      content.bytes.removeLast(content.bytes.count - Int(size))
    }
  }

  func synchronize() throws(LedgerError) {
    try content.withLock { (content) throws(LedgerError) in
      if content.faults.contains(.synchronizeFails) { throw LedgerError("fsync failed: bad day") }
      content.synchronized = content.bytes.count
    }
  }
}

/// A ledger that is opened anew before everything it is asked, so that nothing but its file carries it.
final class ReopenedLedger: PeerLedger {
  private let file = MemoryBlockFile()
  private let options: InMemoryLedger.Options

  init(_ options: InMemoryLedger.Options) {
    self.options = options
  }

  private func open() throws -> InMemoryLedger {
    try InMemoryLedger(channel: "conformance", options: options, store: FileBlockStore(file: file))
  }

  func newTxSimulator(txid: WireString) throws -> any TxSimulator { try open().newTxSimulator(txid: txid) }
  func newQueryExecutor() throws -> any QueryExecutor { try open().newQueryExecutor() }
  func newHistoryQueryExecutor() throws -> any HistoryQueryExecutor { try open().newHistoryQueryExecutor() }
  func blockchainInfo() throws -> BlockchainInfo { try open().blockchainInfo() }
  func block(number: UInt64) throws -> Block { try open().block(number: number) }
  func block(hash: [UInt8]) throws -> Block { try open().block(hash: hash) }
  func block(txid: WireString) throws -> Block { try open().block(txid: txid) }
  func transaction(txid: WireString) throws -> ProcessedTransaction { try open().transaction(txid: txid) }

  func commit(_ block: Block, privateData: [PrivateWriteSet], missing: [MissingPrivateData]) throws -> Block {
    try open().commit(block, privateData: privateData, missing: missing)
  }
}
