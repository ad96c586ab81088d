import InprocHost
import MessageFSM
import Testing

/// Files that crashes and bad disks leave.
@Suite("Damaged files of blocks")
struct BlockFileDamageTests {
  @Test("a file cut off anywhere keeps the blocks before, and tells what was cut off")
  func truncated() async throws {
    let (bytes, ends) = try await FileBlockStoreTests.file(blocks: 4)
    for count in 16...bytes.count {
      let file = MemoryBlockFile(Array(bytes.prefix(count)))
      let store = try FileBlockStore(file: file)
      let whole = ends.filter { $0 <= count }
      let end = whole.last ?? 16
      try #require(store.blockCount == UInt64(whole.count))
      try #require(file.bytes == Array(bytes.prefix(end)))
      guard count > end else {
        try #require(store.cutOff == nil)
        continue
      }
      let expected =
        "memory/blocks: block \(whole.count) at byte \(end) was not whole; its \(count - end) bytes were cut off"
      try #require(store.cutOff?.description == expected)
      try #require(file.synchronized == end)
      if count % 16 == 0 {
        let ledger = try InMemoryLedger(channel: "ch", store: store)
        try await FileBlockStoreTests.commit("new", [9], to: ledger)
        try #require(try FileBlockStore(file: file).blockCount == UInt64(whole.count + 1))
      }
    }
  }

  @Test("a file that ends in its first line is an error", arguments: 0..<16)
  func beginning(count: Int) {
    #expect(
      throws: LedgerError(
        "memory/blocks: byte 0: the file does not begin with \"inproc-blocks/1\" and a line end")
    ) { try FileBlockStore(file: MemoryBlockFile(Array(MemoryBlockFile.beginning.prefix(count)))) }
  }

  @Test("a last record whose end the file system filled with zeros is cut off")
  func zeros() async throws {
    let (bytes, ends) = try await FileBlockStoreTests.file(blocks: 3)
    for count in ends[1]...(ends[2] - 8) {
      let torn = bytes.prefix(count) + Array(repeating: 0, count: ends[2] - count)
      let file = MemoryBlockFile(Array(torn))
      let store = try FileBlockStore(file: file)
      try #require(store.blockCount == 2 && store.cutOff?.offset == UInt64(ends[1]))
      try #require(file.bytes.count == ends[1])
    }
    // Longer than the record would have been, as some file systems round up.
    let padded = MemoryBlockFile(Array(bytes.prefix(ends[1]) + Array(repeating: 0, count: 4_096)))
    #expect(try FileBlockStore(file: padded).cutOff?.byteCount == 4_096)
  }

  @Test("a damaged byte anywhere is an error that names block and byte, and the file stays as it is")
  func damaged() async throws {
    let (bytes, ends) = try await FileBlockStoreTests.file(blocks: 4)
    for offset in bytes.indices {
      for mask: UInt8 in [0x01, 0x80, 0xff] {
        var changed = bytes
        changed[offset] ^= mask
        let file = MemoryBlockFile(changed)
        let number = ends.filter { $0 <= offset }.count
        let start = number == 0 ? 16 : ends[number - 1]
        let place = offset < 16 ? "byte 0: " : "block \(number) at byte \(start): "
        do throws(LedgerError) {
          let store = try FileBlockStore(file: file)
          Issue.record("byte \(offset) was not missed: \(store.blockCount) blocks")
        } catch {
          try #require(error.message.string.hasPrefix("memory/blocks: " + place), "byte \(offset): \(error)")
        }
        try #require(file.bytes == changed)
      }
    }
  }

  @Test("records out of place are an error")
  func order() async throws {
    let (bytes, ends) = try await FileBlockStoreTests.file(blocks: 3)
    let head = Array(bytes.prefix(16))
    let records = [Array(bytes[16..<ends[0]]), Array(bytes[ends[0]..<ends[1]]), Array(bytes[ends[1]...])]
    #expect(throws: LedgerError("memory/blocks: block 0 at byte 16: the record says that it is block 1")) {
      try FileBlockStore(file: MemoryBlockFile(head + records[1]))
    }
    let second = "memory/blocks: block 1 at byte \(ends[0]): the record says that it is block 0"
    #expect(throws: LedgerError(WireString(second))) {
      try FileBlockStore(file: MemoryBlockFile(head + records[0] + records[0]))
    }
  }

  /// The blocks are small, so that most inputs cost little; a file that can be opened is also made a ledger of.
  @Test("60,000 mutated files are an error, or hold a beginning of the blocks", arguments: 0..<4)
  func mutated(seed: Int) async throws {
    let (bytes, ends) = try await FileBlockStoreTests.file(blocks: 2)
    var random = LedgerRandom(seed: UInt64(seed) &+ 31)
    var opened = 0
    for _ in 0..<15_000 {
      var changed = bytes
      for _ in 0...random.next(below: 2) where !changed.isEmpty {
        let offset = random.next(below: changed.count)
        switch random.next(below: 5) {
        case 0: changed[offset] = UInt8(random.next(below: 256))
        case 1: changed.removeLast(random.next(below: min(40, changed.count)))
        case 2: changed.remove(at: offset)
        case 3: changed.insert(UInt8(random.next(below: 256)), at: offset)
        default: changed += [UInt8](repeating: UInt8(random.next(below: 2)), count: random.next(below: 40))
        }
      }
      let file = MemoryBlockFile(changed)
      guard let store = try? FileBlockStore(file: file) else {
        try #require(file.bytes == changed)
        continue
      }
      opened += 1
      let count = Int(store.blockCount)
      try #require(count <= 2 && file.bytes == Array(bytes.prefix(count == 0 ? 16 : ends[count - 1])))
    }
    #expect(opened > 100)
    #expect(opened < 14_900)
  }
}
