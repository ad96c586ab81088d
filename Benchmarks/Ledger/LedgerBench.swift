import Foundation
import InprocHost
import MessageFSM

/// Measures the ledger beside a dictionary and a sorted array that hold the same, in the same run: see `--help`.
@main
struct LedgerBench {
  static let help = """
    usage: ledger-bench [options]

    Measures the ledger in memory beside a dictionary and a sorted array with the same keys, round by round in turns.

      --keys N      how many keys the state has (1000000)
      --rounds N    how many rounds there are (7); all figures are medians of the rounds
      --json FILE   writes all samples

    Build it with -c release.
    """

  static func main() async throws {
    var (keys, rounds, json) = (1_000_000, 7, String?.none)
    var rest = CommandLine.arguments.dropFirst()
    while let option = rest.popFirst() {
      if option == "--help" || option == "-h" { return print(help) }
      guard let value = rest.popFirst() else { return refuse("\(option) needs a value") }
      switch option {
      case "--keys":
        guard let number = Int(value), number >= 1_000 else { return refuse("--keys: at least 1000") }
        keys = number
      case "--rounds":
        guard let number = Int(value), number > 0 else { return refuse("--rounds: at least 1") }
        rounds = number
      case "--json": json = value
      default: return refuse("unknown option \(option)")
      }
    }
    let workloads = try await LedgerWorkloads(keys: keys)
    var results: [LedgerResult] = []
    for round in 0...rounds {
      for (index, sample) in try await workloads.round().enumerated() {
        // The first round fills caches and does not count.
        if round == 0 {
          results.append(LedgerResult(name: sample.name, subject: sample.subject))
        } else {
          results[index].nanoseconds.append(sample.nanoseconds)
        }
      }
    }
    print(LedgerTable(results: results, keys: keys).text)
    if let json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      try encoder.encode(results).write(to: URL(filePath: json))
    }
  }

  private static func refuse(_ text: String) {
    FileHandle.standardError.write(Data("ledger-bench: \(text)\n\n\(help)\n".utf8))
    exit(2)
  }
}

/// What all rounds gave for one way to do one thing.
struct LedgerResult: Sendable, Codable {
  var name: String
  var subject: Subject
  var nanoseconds: [Double] = []

  enum Subject: String, Sendable, Codable {
    case ledger, dictionary, array
  }

  var median: Double { Self.quantile(nanoseconds, 0.5) }
  /// The distance of the quartiles as a part of the median.
  var spread: Double {
    median > 0 ? (Self.quantile(nanoseconds, 0.75) - Self.quantile(nanoseconds, 0.25)) / median : 0
  }

  private static func quantile(_ values: [Double], _ share: Double) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    return sorted[Int((share * Double(sorted.count - 1)).rounded())]
  }
}

/// A line for each thing that is done, with the ratios to what it is measured beside.
struct LedgerTable {
  let results: [LedgerResult]
  let keys: Int

  var text: String {
    var lines = [line("", "ledger", "spread", "dictionary", "array", "× dictionary", "× array")]
    for ledger in results where ledger.subject == .ledger {
      let dictionary = results.first { $0.name == ledger.name && $0.subject == .dictionary }
      let array = results.first { $0.name == ledger.name && $0.subject == .array }
      lines.append(
        line(
          ledger.name, time(ledger), String(format: "%.0f %%", ledger.spread * 100), time(dictionary),
          time(array), ratio(ledger, dictionary), ratio(ledger, array)))
    }
    return lines.joined(separator: "\n") + "\n\n\(keys) keys; medians of the rounds."
  }

  private func line(_ name: String, _ columns: String...) -> String {
    name.padding(toLength: 28, withPad: " ", startingAt: 0)
      + columns.map { String(repeating: " ", count: max(1, 14 - $0.count)) + $0 }.joined()
  }

  private func time(_ result: LedgerResult?) -> String {
    guard let nanoseconds = result?.median else { return "–" }
    if nanoseconds < 10_000 { return String(format: "%.0f ns", nanoseconds) }
    if nanoseconds < 10_000_000 { return String(format: "%.1f µs", nanoseconds / 1e3) }
    return String(format: "%.1f ms", nanoseconds / 1e6)
  }

  private func ratio(_ ledger: LedgerResult, _ other: LedgerResult?) -> String {
    guard let other, other.median > 0 else { return "–" }
    return String(format: "%.3g", ledger.median / other.median)
  }
}
