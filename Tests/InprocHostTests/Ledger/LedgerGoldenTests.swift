import InprocHost
import MessageFSM
import Testing

@Suite("Ledger against golden files")
struct LedgerGoldenTests {
  @Test("the ledger answers, validates and commits as Fabric did", arguments: GoldenFile.all)
  func replay(path: String) async throws {
    let replay = GoldenReplay(try GoldenFile(path))
    try await replay.run()
    #expect(replay.comparisons > 3)
    for mismatch in replay.mismatches.prefix(4) { Issue.record("\(path): \(mismatch.prefix(1500))") }
  }
}
