import Testing

@testable import InprocHost

@Suite("Runs by the hash of their key")
struct HashIndexTests {
  @Test("finds what a dictionary finds, whatever collides", arguments: [1, 3, 8, 64, 1 << 40])
  func againstADictionary(hashes: Int) {
    var random = SplitMix(state: UInt64(hashes))
    var index = HashIndex()
    var model: [UInt64: Int] = [:]
    for step in 1...1000 {
      let hash = Int(truncatingIfNeeded: random.next() % UInt64(hashes)) &* 0x5851_F42D
      switch random.next() % 5 {
      case 0, 1:
        index.insert(UInt64(step), hash)
        model[UInt64(step)] = hash
      case 2, 3:
        // Also some that are gone, or have another hash.
        let run = random.next() % UInt64(step) + 1
        if let known = model.removeValue(forKey: run) {
          index.remove(run, known)
        } else {
          index.remove(run, hash)
        }
      case _:
        let all = model.filter { $0.value == hash }.keys.sorted()
        #expect((index.run(hash) { _ in true } != nil) == !all.isEmpty)
        if let run = all.randomElement(using: &random) { #expect(index.run(hash) { $0 == run } == run) }
        #expect(index.run(hash) { !all.contains($0) } == nil)
      }
    }
    for (run, hash) in model { #expect(index.run(hash) { $0 == run } == run) }
    for (run, hash) in model { index.remove(run, hash) }
    for (_, hash) in model { #expect(index.run(hash) { _ in true } == nil) }
  }
}
