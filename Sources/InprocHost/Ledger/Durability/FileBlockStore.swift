internal import MessageFSM

/// The blocks of one channel in an append-only file, so that a ledger in memory outlives its process.
///
/// ```swift
/// let store = try FileBlockStore(directory: "/var/peer/mychannel")
/// if let cutOff = store.cutOff { log("\(cutOff)") }
/// let ledger = try InMemoryLedger(channel: "mychannel", store: store)
/// ```
///
/// Each record is a block as it was committed, with the private data that came with it; `BlockRecord` has the form. A commit
/// returns when its record is on the disk (`fsync`). Opening reads and checks every record (CRC-32C):
///
/// - What a crash leaves of a commit that never returned, a last record that is not whole, is cut off and told by ``cutOff``.
/// - Anything else that is not as it was written is an error which names the block and the byte; the file is left as it is.
///
/// Whether a record was whole is decided by its end mark: it counts as torn if the file ends before its end, or if nothing but
/// zeros is where its end mark belongs (or all that follows its header), which is what file systems give for what they were not
/// asked in time to write. No record of a commit that returned looks so.
///
/// Private values stay in the file after they were purged or have expired.
/// One store at a time has a directory, in whichever process; the lock goes with the store.
public final class FileBlockStore: Sendable {
  /// A last record that was not whole, and is no more.
  public struct CutOff: Sendable, Hashable, CustomStringConvertible {
    /// The file.
    public let file: String
    /// The number of the block that it would have been.
    public let blockNumber: UInt64
    /// Where the record began; the file ends there now.
    public let offset: UInt64
    /// How many bytes were cut off.
    public let byteCount: UInt64

    /// All of it in a sentence.
    public var description: String {
      "\(file): block \(blockNumber) at byte \(offset) was not whole; its \(byteCount) bytes were cut off"
    }
  }

  private struct State {
    /// Where each record begins.
    var starts: [UInt64] = []
    var end: UInt64
    /// Why nothing can be appended any more.
    var failure: LedgerError?
  }

  /// What the file begins with.
  static let beginning = Array("inproc-blocks/1\n".utf8)

  /// What was cut off when the store was opened; `nil` if the file was whole.
  public let cutOff: CutOff?
  private let file: any BlockFile
  private let state: Locked<State>

  /// Opens the store in this directory, which is made if it is not there (the one above it must be).
  ///
  /// - Throws: ``LedgerError`` with the file, the byte and the rule if the file cannot be read or is damaged, or if the directory
  ///   is open elsewhere. Nothing has changed then.
  public convenience init(directory: String) throws(LedgerError) {
    try self.init(file: DiskBlockFile(directory: directory))
  }

  /// A store in this file, which holds at least the beginning.
  ///
  /// - Throws: as ``init(directory:)``.
  package init(file: any BlockFile) throws(LedgerError) {
    let scan = try BlockFileScan(file)
    if let cutOff = scan.cutOff {
      try file.truncate(to: cutOff.offset)
      try file.synchronize()
    }
    self.file = file
    self.cutOff = scan.cutOff
    self.state = Locked(State(starts: scan.starts, end: scan.end))
  }

  /// The file.
  public var path: String { file.path }

  /// How many blocks there are; the last has the number before this.
  public var blockCount: UInt64 { state.withLock { UInt64($0.starts.count) } }

  // MARK: Reading

  /// The block with this number and what came with it.
  ///
  /// - Throws: ``LedgerError`` if there is none, or if it cannot be read.
  package func record(_ number: UInt64) throws(LedgerError) -> StoredBlock {
    let place = state.withLock { state -> (start: UInt64, end: UInt64)? in
      guard let index = Int(exactly: number), state.starts.indices.contains(index) else { return nil }
      return (state.starts[index], index + 1 < state.starts.count ? state.starts[index + 1] : state.end)
    }
    guard let place else { throw LedgerError(WireString("\(path): there is no block \(number)")) }
    let start = place.start + UInt64(BlockRecord.headerCount)
    let count = Int(clamping: place.end - start) - BlockRecord.endMark.count
    let content = try file.read(at: start, count: max(0, count))
    do {
      return try StoredBlock(wireBytes: content)
    } catch {
      throw damaged(number, "its content cannot be read: \(error.text(.v1_4))")
    }
  }

  /// An error that names a block's place.
  func damaged(_ number: UInt64, _ rule: String) -> LedgerError {
    let offset = state.withLock { state in
      Int(exactly: number).flatMap { state.starts.indices.contains($0) ? state.starts[$0] : nil }
        ?? state.end
    }
    return BlockFileScan.damaged(path, number, offset, rule)
  }

  // MARK: Appending

  /// Appends the next block; returns when it is on the disk.
  ///
  /// If writing fails, what was written is cut off again and the store can go on. If that fails too, or if the disk does not say
  /// that it has the block, nobody knows what is there: nothing can be appended any more until the store is opened again.
  ///
  /// - Throws: ``LedgerError`` with the file, the byte and the rule; the block does not count as stored then.
  package func append(_ block: StoredBlock, number: UInt64) throws(LedgerError) {
    try state.withLock { (state) throws(LedgerError) in
      if let failure = state.failure { throw failure }
      guard number == UInt64(state.starts.count) else {
        throw LedgerError(
          WireString("\(path): block \(number) does not follow the \(state.starts.count) blocks in the file"))
      }
      guard let record = BlockRecord.bytes(number: number, content: block.wireBytes()) else {
        throw BlockFileScan.damaged(path, number, state.end, "the block is larger than a record can be")
      }
      do {
        try file.write(record, at: state.end)
      } catch {
        do {
          try file.truncate(to: state.end)
        } catch let second {
          state.failure = closed(number, state.end, "\(error); \(second)")
        }
        throw BlockFileScan.damaged(path, number, state.end, "was not written: \(error)")
      }
      do {
        try file.synchronize()
      } catch {
        state.failure = closed(number, state.end, "\(error)")
        // It may come back when the store is opened again, as any block whose commit did not return.
        try? file.truncate(to: state.end)
        throw BlockFileScan.damaged(path, number, state.end, "is perhaps not on the disk: \(error)")
      }
      state.starts.append(state.end)
      state.end += UInt64(record.count)
    }
  }

  private func closed(_ number: UInt64, _ offset: UInt64, _ reason: String) -> LedgerError {
    BlockFileScan.damaged(path, number, offset, "closed since a write failed, open it again: \(reason)")
  }
}
