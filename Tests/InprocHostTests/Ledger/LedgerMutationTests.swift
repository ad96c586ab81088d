import InprocHost
import MessageFSM
import Testing

/// Bytes that came from elsewhere must never stop the process, whatever they are.
///
/// Files of blocks are mutated in `BlockFileMutationTests`; together these are more than 100,000 inputs.
@Suite("Ledger fed with garbage")
struct LedgerMutationTests {
  /// Real material: the envelopes and private write sets of a few golden files.
  private struct Material {
    var envelopes: [[UInt8]] = []
    var results: [[UInt8]] = []
    var writeSets: [[UInt8]] = []

    init() throws {
      for path in ["h076_private_basic", "h085_meta_basic", "h097_phantom_merkle", "h040_history"] {
        for step in try GoldenFile("traces/\(path).json").steps {
          if let hex = step["pubRwset"] as? String { results.append(GoldenFile.bytes(hex)) }
          if let hex = step["pvtRwset"] as? String { writeSets.append(GoldenFile.bytes(hex)) }
          guard let block = step["block"] as? [String: Any], let hex = block["block"] as? String else {
            continue
          }
          envelopes += try Block(wireBytes: GoldenFile.bytes(hex)).data?.envelopes ?? []
        }
      }
    }
  }

  private static func mutate(_ bytes: [UInt8], _ random: inout LedgerRandom) -> [UInt8] {
    var bytes = bytes
    for _ in 0...random.next(below: 3) {
      guard !bytes.isEmpty else { return [UInt8(random.next(below: 256))] }
      let at = random.next(below: bytes.count)
      switch random.next(below: 7) {
      case 0: bytes[at] = UInt8(random.next(below: 256))
      case 1: bytes[at] ^= 1 << UInt8(random.next(below: 8))
      case 2: bytes.remove(at: at)
      case 3: bytes.insert(UInt8(random.next(below: 256)), at: at)
      case 4: bytes.removeSubrange(at..<min(bytes.count, at + random.next(below: 20)))
      case 5: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + random.next(below: 40))], at: at)
      default: bytes[at] = [0, 0x7f, 0x80, 0xff][random.next(below: 4)]
      }
    }
    return bytes
  }

  /// What can make a block be refused comes alone, what only gets a verdict comes eight to a block.
  ///
  /// So envelopes, configurations and private write sets are alone in their blocks, results are not. Every 500 blocks everything is read back.
  @Test("40,000 mutated envelopes, results and private writes end in a verdict or an error", arguments: 0..<4)
  func mutations(seed: Int) async throws {
    let material = try Material()
    var random = LedgerRandom(seed: UInt64(seed) &+ 77)
    var ledger = try await Self.ledger(seed)
    var chain = TestChain(channel: "ch1", after: ledger.blockchainInfo())
    var outcomes: [String: Int] = [:]
    var inputs = 0
    var number = 0
    while inputs < 10_000 {
      number += 1
      var envelopes: [[UInt8]] = []
      var privateData: [PrivateWriteSet] = []
      switch random.next(below: 6) {
      case 0, 1:
        envelopes.append(
          Self.mutate(material.envelopes[random.next(below: material.envelopes.count)], &random))
      case 2:
        let data = Self.mutate([0x0a, 0x04, 0x08, 0x07, 0x12, 0x00], &random)
        envelopes.append(chain.envelope(txid: "c\(number)", type: Int32(random.next(below: 4)), data: data))
      case 3:
        let writeSet = Self.mutate(material.writeSets[random.next(below: material.writeSets.count)], &random)
        privateData = [PrivateWriteSet(sequence: UInt64(random.next(below: 2)), writeSet: writeSet)]
        let results = Self.results(matching: writeSet)
        envelopes.append(chain.envelope(txid: "p\(number)", results: results))
      default:
        for index in 0..<8 {
          let results = Self.mutate(material.results[random.next(below: material.results.count)], &random)
          envelopes.append(chain.envelope(txid: "t\(number)-\(index)", results: results))
        }
      }
      inputs += envelopes.count
      var block = chain.block(envelopes)
      if random.next(below: 50) == 0 {
        block.metadata?.metadata = Self.mutate([1, 2, 3], &random).map {
          [UInt8](repeating: 0, count: Int($0) % 3)
        }
      }
      let before = ledger.blockchainInfo().height
      do {
        let committed = try ledger.commit(block, privateData: privateData)
        chain.advance(past: block)
        for code in committed.metadata?.metadata[2] ?? [] {
          outcomes[TxValidationCode(rawValue: code).name, default: 0] += 1
        }
      } catch {
        try #require(ledger.blockchainInfo().height == before)
        outcomes["error", default: 0] += 1
      }
      if number % 500 == 499 { try await Self.readAll(ledger) }
      if number % 2_000 == 1_999 {
        ledger = try await Self.ledger(seed)
        chain = TestChain(channel: "ch1", after: ledger.blockchainInfo())
      }
    }
    #expect(outcomes.count >= 5, "\(outcomes)")
  }

  @Test("6,000 mutated blocks can be read or not, and are written again as they were read", arguments: 0..<2)
  func blocks(seed: Int) throws {
    let material = try Material()
    var random = LedgerRandom(seed: UInt64(seed) &+ 5)
    for _ in 0..<3_000 {
      let data = BlockData(envelopes: [material.envelopes[random.next(below: material.envelopes.count)]])
      let bytes = Self.mutate(
        Block(header: BlockHeader(number: 7, previousHash: [1], dataHash: data.hash), data: data).wireBytes(),
        &random)
      guard let block = try? Block(wireBytes: bytes) else { continue }
      #expect(try Block(wireBytes: block.wireBytes()) == block)
    }
  }

  /// Results whose hash for each collection is that of the given private writes, so that these are read, not refused.
  private static func results(matching writeSet: [UInt8]) -> [UInt8] {
    let namespaces = (try? TxPvtReadWriteSet(wireBytes: writeSet))?.namespaces ?? []
    return TxReadWriteSet(
      namespaces: namespaces.map { namespace in
        NsReadWriteSet(
          namespace: namespace.namespace,
          collections: namespace.collections.map {
            CollectionHashedReadWriteSet(collection: $0.collection, privateHash: SHA256.hash($0.rwset))
          })
      }
    ).wireBytes()
  }

  /// A ledger with the collections that the material writes.
  private static func ledger(_ seed: Int) async throws -> InMemoryLedger {
    let file = try GoldenFile("traces/h076_private_basic.json")
    let ledger = InMemoryLedger(
      channel: "ch1",
      options: InMemoryLedger.Options(fabricVersion: seed % 2 == 0 ? .v1_4 : .v3_1, collectionProvider: .lscc)
    )
    for block in file.channels["ch1"]?["blocks"] as? [[String: Any]] ?? [] {
      try ledger.commit(try Block(wireBytes: GoldenFile.bytes(block["block"] as? String ?? "")))
    }
    return ledger
  }

  private static func readAll(_ ledger: InMemoryLedger) async throws {
    let executor = ledger.newQueryExecutor()
    let history = ledger.newHistoryQueryExecutor()
    for (name, table) in ledger.database.namespaces.prefix(4) {
      for (key, _) in table.prefix(20) {
        _ = try? await executor.getStateMetadata(namespace: name, key: key)
        let changes = try await history.getHistoryForKey(namespace: name, key: key)
        while let change = try? await changes.next() { _ = change.wireBytes() }
      }
    }
    for number in 0..<min(5, ledger.blockchainInfo().height) {
      for envelope in try ledger.block(number: number).data?.envelopes ?? [] {
        _ = try? ledger.transaction(txid: WireString(bytes: envelope))
      }
    }
  }
}
