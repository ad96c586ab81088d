import Foundation
package import InprocHost
import MessageFSM

/// `inproc-peer ledger-crash-child DIRECTORY SEED`, an aid of the tests that is not in the help.
///
/// It commits blocks to a store until it is killed. With an odd seed it writes the file in small pieces, so that most kills come in
/// the middle of a record. For each commit that has returned it writes one line: the number of the block, its hash, and a digest of
/// the state.
package struct LedgerCrashChild {
  /// How it is called on the command line.
  package static let command = "ledger-crash-child"

  func run(arguments: [String]) async -> Int32 {
    guard arguments.count == 2, let seed = UInt64(arguments[1]) else {
      return InprocPeer.refuse("\(Self.command): usage: inproc-peer \(Self.command) DIRECTORY SEED")
    }
    do {
      let file = try DiskBlockFile(directory: arguments[0])
      let store = try FileBlockStore(file: seed % 2 == 0 ? file : PiecewiseFile(file: file))
      let ledger = try InMemoryLedger(channel: "crash", store: store)
      var chain = TestChain(channel: "crash", after: ledger.blockchainInfo())
      while true {
        let envelope = try await Self.envelope(ledger, chain, seed)
        let block = chain.block([envelope])
        try ledger.commit(block)
        let line = "\(chain.height) \(block.header?.hash.hex ?? "") \(Self.digest(ledger))\n"
        FileHandle.standardOutput.write(Data(line.utf8))
        chain.advance(past: block)
      }
    } catch {
      return InprocPeer.refuse("\(Self.command): \(error)")
    }
  }

  /// Writes and deletes that depend on the seed and the number of the block alone; now and then a large value.
  private static func envelope(_ ledger: InMemoryLedger, _ chain: TestChain, _ seed: UInt64) async throws
    -> [UInt8]
  {
    let simulator = ledger.newTxSimulator(txid: "t")
    let mixed = (chain.height &+ seed) &* 0x9e37_79b9_7f4a_7c15
    for index in 0..<3 {
      let byte = UInt8(truncatingIfNeeded: mixed >> UInt64(16 * index))
      let key = WireString("k\(byte % 12)")
      if byte > 220 {
        try await simulator.deleteState(namespace: "cc", key: key)
      } else {
        let count = byte < 8 ? 50_000 : 1 + Int(byte)
        let value = [UInt8](repeating: byte, count: count)
        try await simulator.setState(namespace: "cc", key: key, value: value)
      }
    }
    let results = try await simulator.simulationResults()
    return chain.envelope(txid: WireString("t\(chain.height)"), results: results.publicBytes)
  }

  /// A digest of all keys, their values, metadata and versions.
  package static func digest(_ ledger: InMemoryLedger) -> String {
    var hash = SHA256()
    for (namespace, table) in ledger.database.namespaces {
      for (key, entry) in table {
        hash.update(Array("\(namespace) \(key) \(entry.version) \(entry.metadata) \(entry.value.count)".utf8))
        hash.update(Array(entry.value.prefix(64)))
      }
    }
    return hash.finalize().hex
  }
}

/// Writes a few bytes at a time.
private struct PiecewiseFile: BlockFile {
  let file: DiskBlockFile

  var path: String { file.path }
  func size() throws(LedgerError) -> UInt64 { try file.size() }
  func read(at offset: UInt64, count: Int) throws(LedgerError) -> [UInt8] {
    try file.read(at: offset, count: count)
  }
  func truncate(to size: UInt64) throws(LedgerError) { try file.truncate(to: size) }
  func synchronize() throws(LedgerError) { try file.synchronize() }

  func write(_ bytes: [UInt8], at offset: UInt64) throws(LedgerError) {
    let piece = max(1, bytes.count / 2_000)
    for start in stride(from: 0, to: bytes.count, by: piece) {
      let end = min(bytes.count, start + piece)
      try file.write(Array(bytes[start..<end]), at: offset + UInt64(start))
    }
  }
}
