import Foundation
import InprocHost
import MessageFSM
import Testing

@Suite("File block store")
struct FileBlockStoreTests {
  /// Commits a block that writes `value` to `key`.
  static func commit(_ key: WireString, _ value: [UInt8], to ledger: InMemoryLedger) async throws {
    let simulator = ledger.newTxSimulator(txid: key)
    try await simulator.setState(namespace: "cc", key: key, value: value)
    let results = try await simulator.simulationResults()
    let chain = TestChain(channel: ledger.channel, after: ledger.blockchainInfo())
    try ledger.commit(chain.block([chain.envelope(txid: key, results: results.publicBytes)]))
  }

  /// A file with this many blocks, and where each of them ends.
  static func file(blocks: Int) async throws -> (bytes: [UInt8], ends: [Int]) {
    let file = MemoryBlockFile()
    let ledger = try InMemoryLedger(channel: "ch", store: FileBlockStore(file: file))
    var ends: [Int] = []
    for number in 0..<blocks {
      try await commit(WireString("k\(number)"), [UInt8(number), 0, 0, 0], to: ledger)
      ends.append(file.bytes.count)
    }
    return (file.bytes, ends)
  }

  private static func withDirectory(_ body: (String) async throws -> Void) async throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("blocks-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    try await body(url.path)
  }

  @Test("a ledger opened anew before every call keeps every promise", arguments: FabricVersion.allCases)
  func conforms(version: FabricVersion) async {
    let options = InMemoryLedger.Options(fabricVersion: version)
    let failures = await LedgerConformance(fabricVersion: version) { ReopenedLedger(options) }.run()
    #expect(failures.map(\.description) == [])
  }

  @Test("what was committed is there when the directory is opened again")
  func reopens() async throws {
    try await Self.withDirectory { parent in
      let directory = parent + "/new"
      var info = BlockchainInfo()
      do {
        let ledger = try InMemoryLedger(channel: "ch", store: FileBlockStore(directory: directory))
        for number in 0..<5 {
          try await Self.commit(WireString("k\(number)"), [UInt8(number + 1)], to: ledger)
        }
        info = ledger.blockchainInfo()
      }
      let store = try FileBlockStore(directory: directory)
      #expect(store.cutOff == nil && store.blockCount == 5)
      let ledger = try InMemoryLedger(channel: "ch", store: store)
      #expect(ledger.blockchainInfo() == info)
      #expect(try await ledger.newQueryExecutor().getState(namespace: "cc", key: "k4") == [5])
      #expect(try ledger.transaction(txid: "k2").validationCode == 0)
    }
  }

  @Test("a directory that is open cannot be opened by another store")
  func locked() async throws {
    try await Self.withDirectory { directory in
      let store = try FileBlockStore(directory: directory)
      #expect(throws: LedgerError("\(directory): another block store has this directory open")) {
        try FileBlockStore(directory: directory)
      }
      #expect(store.blockCount == 0)
    }
  }

  @Test(
    "a store that is gone does not keep its directory from others, though a forked process has copies of its descriptors"
  )
  func unlocked() async throws {
    try await Self.withDirectory { directory in
      var store: FileBlockStore? = try FileBlockStore(directory: directory)
      let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap(
        Int32.init)
      let copies = descriptors.filter {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == directory
      }.map { dup($0) }
      defer { for copy in copies { close(copy) } }
      try #require(!copies.isEmpty)
      #expect(store?.blockCount == 0)
      store = nil
      #expect(try FileBlockStore(directory: directory).blockCount == 0)
    }
  }

  @Test("a directory that cannot be made is an error with its name")
  func noDirectory() {
    #expect(throws: LedgerError("/proc/none/such: mkdir failed: No such file or directory")) {
      try FileBlockStore(directory: "/proc/none/such")
    }
  }

  @Test("a commit is on the disk before it shows")
  func synchronizes() async throws {
    let file = MemoryBlockFile()
    let ledger = try InMemoryLedger(channel: "ch", store: FileBlockStore(file: file))
    for number in 0..<3 {
      try await Self.commit(WireString("k\(number)"), [1], to: ledger)
      #expect(file.synchronized == file.bytes.count && file.synchronized > 16)
    }
  }

  @Test("blocks of another channel are refused, with block and byte")
  func otherChannel() async throws {
    let (bytes, _) = try await Self.file(blocks: 3)
    let store = try FileBlockStore(file: MemoryBlockFile(bytes))
    #expect(
      throws: LedgerError(
        "memory/blocks: block 0 at byte 16: the block is one of channel \"ch\", not \"other\"")
    ) { try InMemoryLedger(channel: "other", store: store) }
  }

  @Test("a block that comes out otherwise than it was committed is refused, with block and byte")
  func otherOutcome() async throws {
    let (bytes, ends) = try await Self.file(blocks: 3)
    let original = try FileBlockStore(file: MemoryBlockFile(bytes))
    func refusal(_ change: (inout Block) -> Void) throws -> String {
      var record = try original.record(2)
      var block = try Block(wireBytes: record.block)
      change(&block)
      record.block = block.wireBytes()
      let store = try FileBlockStore(file: MemoryBlockFile(Array(bytes.prefix(ends[1]))))
      try store.append(record, number: 2)
      do {
        _ = try InMemoryLedger(channel: "ch", store: store)
        return "opened"
      } catch {
        return "\(error)"
      }
    }
    let place = "memory/blocks: block 2 at byte \(ends[1]): "
    #expect(
      try refusal { $0.metadata?.metadata[BlockMetadataIndex.commitHash] = [1] }
        == place + "the block comes out otherwise than it was committed; are the options others?")
    #expect(
      try refusal { $0.header?.number = 7 }
        == place + "the block is refused: block number should have been 2 but was 7")
    #expect(try refusal { _ in } == "opened")
  }

  // MARK: Failing writes

  @Test("a write that fails leaves nothing, and the store goes on", arguments: [0, 1, 23, 24, 100])
  func writeFails(after count: Int) async throws {
    let file = MemoryBlockFile()
    let ledger = try InMemoryLedger(channel: "ch", store: FileBlockStore(file: file))
    try await Self.commit("a", [1], to: ledger)
    let (bytes, info) = (file.bytes, ledger.blockchainInfo())
    file.fail([.writeStops(after: count)])
    await #expect(
      throws: LedgerError(
        "memory/blocks: block 1 at byte \(bytes.count): was not written: write failed: no space")
    ) { try await Self.commit("b", [2], to: ledger) }
    #expect(file.bytes == bytes && ledger.blockchainInfo() == info)
    #expect(try await ledger.newQueryExecutor().getState(namespace: "cc", key: "b") == nil)
    file.fail([])
    try await Self.commit("b", [3], to: ledger)
    let again = try InMemoryLedger(channel: "ch", store: FileBlockStore(file: file))
    #expect(try await again.newQueryExecutor().getState(namespace: "cc", key: "b") == [3])
  }

  @Test("a store that does not know what is on the disk takes no more until it is opened again")
  func closes() async throws {
    for faults: Set<MemoryBlockFile.Fault> in [
      [.writeStops(after: 30), .truncateFails], [.synchronizeFails], [.synchronizeFails, .truncateFails],
    ] {
      let file = MemoryBlockFile()
      let ledger = try InMemoryLedger(channel: "ch", store: FileBlockStore(file: file))
      try await Self.commit("a", [1], to: ledger)
      let info = ledger.blockchainInfo()
      file.fail(faults)
      await #expect(throws: LedgerError.self) { try await Self.commit("b", [2], to: ledger) }
      file.fail([])
      do {
        try await Self.commit("b", [2], to: ledger)
        Issue.record("\(faults): went on")
      } catch {
        #expect("\(error)".contains("closed since a write failed, open it again"))
      }
      #expect(ledger.blockchainInfo() == info)
      let store = try FileBlockStore(file: file)
      let again = try InMemoryLedger(channel: "ch", store: store)
      #expect(again.blockchainInfo().height >= 1)
      try await Self.commit("c", [2], to: again)
    }
  }
}
