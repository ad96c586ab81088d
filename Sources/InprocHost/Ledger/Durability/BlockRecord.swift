package import MessageFSM

/// One block in a file: its frame and what is in it.
///
/// All numbers are little-endian.
///
/// | bytes | what |
/// |---|---|
/// | 4 | `BLK1` |
/// | 4 | number of content bytes |
/// | 8 | number of the block |
/// | 4 | CRC-32C of the content |
/// | 4 | CRC-32C of the 20 bytes before |
/// | … | the content, a marshalled ``StoredBlock`` |
/// | 8 | `endblock` |
///
/// The header has a checksum of its own so that a damaged length is not taken for a file that ends early. The mark at the end tells
/// a record that never came to the disk as a whole (the file system gives zeros for what was not written) from a damaged one.
enum BlockRecord {
  static let magic = Array("BLK1".utf8)
  static let endMark = Array("endblock".utf8)
  static let headerCount = 24

  /// What a header says.
  struct Header {
    var contentCount: Int
    var number: UInt64
    var checksum: UInt32

    /// `nil` if these bytes are no header, or not as they were written.
    init?(_ bytes: [UInt8]) {
      guard bytes.count == BlockRecord.headerCount, Array(bytes[0..<4]) == BlockRecord.magic,
        UInt32(littleEndian(bytes, 20, 4)) == CRC32C.checksum(Array(bytes[0..<20]))
      else { return nil }
      contentCount = Int(littleEndian(bytes, 4, 4))
      number = littleEndian(bytes, 8, 8)
      checksum = UInt32(littleEndian(bytes, 16, 4))
    }

    /// The bytes of the whole record.
    var recordCount: UInt64 { UInt64(BlockRecord.headerCount + contentCount + BlockRecord.endMark.count) }
  }

  /// The record of a block; `nil` if the content is longer than a record can be.
  static func bytes(number: UInt64, content: [UInt8]) -> [UInt8]? {
    guard let count = UInt32(exactly: content.count) else { return nil }
    var record = magic
    record.reserveCapacity(headerCount + content.count + endMark.count)
    append(UInt64(count), 4, to: &record)
    append(number, 8, to: &record)
    append(UInt64(CRC32C.checksum(content)), 4, to: &record)
    append(UInt64(CRC32C.checksum(record)), 4, to: &record)
    record += content
    record += endMark
    return record
  }

  private static func append(_ value: UInt64, _ count: Int, to bytes: inout [UInt8]) {
    for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
  }
}

private func littleEndian(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt64 {
  var value: UInt64 = 0
  for index in 0..<count { value |= UInt64(bytes[start + index]) << UInt64(8 * index) }
  return value
}

/// What a file keeps of a commit: all that is needed to do it again.
///
/// Names are bytes here, as they need not be UTF-8.
package struct StoredBlock: WireMessage {
  package static let protoName = "inproc.StoredBlock"

  /// The private writes of one transaction.
  package struct PrivateWrites: WireMessage {
    package static let protoName = "inproc.StoredBlock.PrivateWrites"
    package var sequence: UInt64 = 0
    package var writeSet: [UInt8] = []

    package init() {}

    init(sequence: UInt64, writeSet: [UInt8]) {
      self.sequence = sequence
      self.writeSet = writeSet
    }

    package mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
      coder.uint64(1, &sequence)
      coder.bytes(2, &writeSet)
    }
  }

  /// A collection whose writes had not come.
  package struct Missing: WireMessage {
    package static let protoName = "inproc.StoredBlock.Missing"
    package var sequence: UInt64 = 0
    package var namespace: [UInt8] = []
    package var collection: [UInt8] = []

    package init() {}

    init(sequence: UInt64, namespace: [UInt8], collection: [UInt8]) {
      self.sequence = sequence
      self.namespace = namespace
      self.collection = collection
    }

    package mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
      coder.uint64(1, &sequence)
      coder.bytes(2, &namespace)
      coder.bytes(3, &collection)
    }
  }

  package var channel: [UInt8] = []
  /// The block as it was committed, with its verdicts.
  package var block: [UInt8] = []
  package var privateData: [PrivateWrites] = []
  package var missing: [Missing] = []

  package init() {}

  init(
    channel: [UInt8], block: [UInt8], privateData: [PrivateWrites], missing: [Missing]
  ) {
    self.channel = channel
    self.block = block
    self.privateData = privateData
    self.missing = missing
  }

  package mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &channel)
    coder.bytes(2, &block)
    coder.messages(3, &privateData)
    coder.messages(4, &missing)
  }
}
