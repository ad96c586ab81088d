import Testing

@testable import InprocHost

@Suite("Runs by their place")
struct RunTableTests {
  @Test("a number is never used again, so a late message finds nothing")
  func numbersAreUsedOnce() {
    var table = RunTable<String>()
    var first: UInt64 = 0
    _ = table.insert { run in
      first = run
      return "first"
    }
    #expect(first != 0 && table[first] == "first" && table.count == 1)
    #expect(table.remove(first) == "first" && table.remove(first) == nil)
    var second: UInt64 = 0
    _ = table.insert { run in
      second = run
      return "second"
    }
    #expect(second != first && table[first] == nil && table[second] == "second")
  }

  @Test("numbers of another table are kept, whatever they are")
  func foreignNumbers() {
    var table = RunTable<Int>()
    let runs: [UInt64] = [1 << 24, 1 << 24 | 1, 2 << 24, UInt64.max, 7, 1 << 63 | 1]
    for (value, run) in runs.enumerated() { table[run] = value }
    #expect(table.count == runs.count)
    for (value, run) in runs.enumerated() { #expect(table[run] == value) }
    #expect(table.sorted.map(\.run) == runs.sorted())
    for run in runs { table[run] = nil }
    #expect(table.count == 0 && table.sorted.isEmpty)
  }

  @Test("every counter has a place")
  func counters() {
    let counters = HostCounters()
    for counter in HostCounter.allCases { counters.add(counter, counter.rawValue + 1) }
    for counter in HostCounter.allCases { #expect(counters.value(counter) == counter.rawValue + 1) }
  }
}
