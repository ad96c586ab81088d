internal import MessageFSM

/// Walks a file of blocks from its beginning to its end and changes nothing.
struct BlockFileScan {
  /// Where each record begins.
  private(set) var starts: [UInt64] = []
  /// Where the last whole record ends.
  private(set) var end: UInt64
  /// What follows it, if anything.
  private(set) var cutOff: FileBlockStore.CutOff?

  private let file: any BlockFile
  private let size: UInt64

  /// - Throws: ``LedgerError`` with file, block, byte and rule if something is not as it was written.
  init(_ file: any BlockFile) throws(LedgerError) {
    self.file = file
    size = try file.size()
    let beginning = FileBlockStore.beginning
    end = UInt64(beginning.count)
    guard try file.read(at: 0, count: beginning.count) == beginning else {
      throw LedgerError(
        WireString("\(file.path): byte 0: the file does not begin with \"inproc-blocks/1\" and a line end"))
    }
    while end < size {
      guard try takeRecord() else {
        cutOff = FileBlockStore.CutOff(
          file: file.path, blockNumber: UInt64(starts.count), offset: end, byteCount: size - end)
        return
      }
    }
  }

  /// Takes one record; false if what is left is a record that is not whole.
  private mutating func takeRecord() throws(LedgerError) -> Bool {
    let headerCount = BlockRecord.headerCount
    guard size - end >= UInt64(headerCount) else { return false }
    let header = BlockRecord.Header(try file.read(at: end, count: headerCount))
    guard let header else {
      // The header's bytes may be there in part; a record that was on the disk as a whole does not end in zeros.
      if try hasOnlyZeros(from: end + UInt64(headerCount)) { return false }
      throw damaged("the header of the record is not as it was written")
    }
    guard header.number == UInt64(starts.count) else {
      throw damaged("the record says that it is block \(header.number)")
    }
    guard size - end >= header.recordCount else { return false }
    let contentStart = end + UInt64(headerCount)
    let endMark = BlockRecord.endMark
    let found = try file.read(at: contentStart + UInt64(header.contentCount), count: endMark.count)
    guard found == endMark else {
      if size - end == header.recordCount && found == Array(repeating: 0, count: endMark.count) {
        return false
      }
      throw damaged("the end mark of the record is not as it was written")
    }
    let content = try file.read(at: contentStart, count: header.contentCount)
    guard content.count == header.contentCount, CRC32C.checksum(content) == header.checksum else {
      throw damaged("the content does not have the checksum that is in the record's header")
    }
    starts.append(end)
    end += header.recordCount
    return true
  }

  private func hasOnlyZeros(from start: UInt64) throws(LedgerError) -> Bool {
    var offset = start
    while offset < size {
      let bytes = try file.read(at: offset, count: Int(min(65_536, size - offset)))
      guard !bytes.isEmpty, !bytes.contains(where: { $0 != 0 }) else { return false }
      offset += UInt64(bytes.count)
    }
    return true
  }

  private func damaged(_ rule: String) -> LedgerError {
    Self.damaged(file.path, UInt64(starts.count), end, rule)
  }

  /// An error that names the file, the block, the byte and the rule.
  static func damaged(_ path: String, _ number: UInt64, _ offset: UInt64, _ rule: String) -> LedgerError {
    LedgerError(WireString("\(path): block \(number) at byte \(offset): \(rule)"))
  }
}
