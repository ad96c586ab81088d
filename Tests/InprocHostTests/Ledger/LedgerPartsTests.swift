import InprocHost
import MessageFSM
import Testing

@Suite("Ledger parts")
struct LedgerPartsTests {
  @Test("SHA-256 gives the hashes of FIPS 180-4")
  func vectors() {
    let vectors: [([UInt8], String)] = [
      ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      (
        Array(repeating: 0x61, count: 100_000),
        "6d1cf22d7cc09b085dfc25ee1a1f3ae0265804c607bc2074ad253bcc82fd81ee"
      ),
    ]
    for (bytes, expected) in vectors { #expect(SHA256.hash(bytes).hex == expected) }
  }

  @Test("SHA-256 in pieces is SHA-256 at once", arguments: [1, 3, 55, 56, 63, 64, 65, 127, 128, 129, 1000])
  func pieces(count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for cut in Set([0, 1, count / 2, count - 1]) {
      var hash = SHA256()
      hash.update(bytes.prefix(cut))
      hash.update(Array(bytes.dropFirst(cut)))
      #expect(hash.finalize() == SHA256.hash(bytes))
    }
  }

  @Test("a sorted map is a dictionary in order, and its copies do not change", arguments: 0..<4)
  func sortedMap(seed: Int) {
    var random = LedgerRandom(seed: UInt64(seed))
    var map = SortedMap<Int, Int>()
    var model: [Int: Int] = [:]
    var copies: [(SortedMap<Int, Int>, [Int: Int])] = []
    for step in 0..<20_000 {
      let key = random.next(below: 3_000)
      // Grows first, shrinks to nothing at the end.
      if random.next(below: 20_000) > step {
        map[key] = step
        model[key] = step
      } else {
        map[key] = nil
        model[key] = nil
      }
      if step % 2_500 == 0 { copies.append((map, model)) }
      if step % 100 == 0 { #expect(map[key] == model[key]) }
    }
    copies.append((map, model))
    for (copy, expected) in copies {
      #expect(
        copy.map { "\($0.key) \($0.value)" }
          == expected.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
      #expect(copy.isEmpty == expected.isEmpty)
      #expect(copy.last?.key == expected.keys.max())
      for start in stride(from: -1, through: 3_000, by: 250) {
        var cursor = copy.cursor(from: start)
        #expect(cursor.next()?.key == expected.keys.filter { $0 >= start }.min())
      }
    }
    for key in model.keys.sorted() { map[key] = nil }
    #expect(map.isEmpty && map.map(\.key) == [])
  }

  @Test("a header's hash is that of its ASN.1 form, whatever the number")
  func headerHash() {
    let forms: [(UInt64, String)] = [
      (0, "300802010004000401aa"), (127, "300802017f04000401aa"), (128, "30090202008004000401aa"),
      (UInt64.max, "3010020900ffffffffffffffff04000401aa"),
    ]
    for (number, der) in forms {
      #expect(BlockHeader(number: number, dataHash: [0xaa]).hash == SHA256.hash(GoldenFile.bytes(der)))
    }
  }

  @Test("2,000 keys are walked page by page, each page once and in order")
  func pages() async throws {
    let ledger = InMemoryLedger(channel: "pages")
    let chain = TestChain(channel: "pages")
    let simulator = ledger.newTxSimulator(txid: "t")
    let keys = (0..<2_000).map { WireString("k\(10_000 + $0)") }
    for key in keys { try await simulator.setState(namespace: "cc", key: key, value: [1]) }
    let results = try await simulator.simulationResults()
    try ledger.commit(chain.block([chain.envelope(txid: "t", results: results.publicBytes)]))
    var bookmark: WireString = ""
    var found: [WireString] = []
    repeat {
      let page = try await ledger.newQueryExecutor()
        .getStateRange(namespace: "cc", startKey: bookmark, endKey: "", pageSize: 77)
      while case .kv(let kv)? = try await page.next() { found.append(kv.key) }
      bookmark = page.bookmark()
    } while !bookmark.isEmpty
    #expect(found == keys)
  }
}
