import Foundation
import InprocHost
import MessageFSM

/// `inproc-peer replay FILE…`: replays golden files and compares everything with them.
package struct ReplayCommand: Sendable {
  package init() {}

  /// What `--help` says.
  static let help = """
    usage: inproc-peer replay FILE…

    Replays golden files of Hyperledger Fabric on this host, in virtual time, and compares every message,
    result, error, event, read-write set, block and state with them.

    Prints for each file "ok" or the first difference, then what was not compared, then the totals.
    Exit code: 0 if all files are equal, 1 if one differs, 2 if one cannot be read.
    """

  /// Replays the files; returns the exit code.
  package func run(arguments: [String]) async -> Int32 {
    if arguments.contains("--help") || arguments.contains("-h") {
      print(Self.help)
      return 0
    }
    if let option = arguments.first(where: { $0.hasPrefix("-") }) {
      return InprocPeer.refuse("replay: unknown option \"\(option)\"; replay --help says more")
    }
    if arguments.isEmpty { return InprocPeer.refuse("replay: no files; replay --help says more") }
    var summary = ReplaySummary()
    for path in arguments {
      do throws(GoldenError) {
        summary.add(ScenarioRun.replay(try Self.read(path)), of: path)
      } catch {
        summary.unreadable += 1
        _ = InprocPeer.refuse("replay: \(path): \(error)")
      }
    }
    print(summary.text)
    return summary.exitCode
  }

  /// Reads a golden file.
  static func read(_ path: String) throws(GoldenError) -> GoldenTrace {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      let isThere = FileManager.default.fileExists(atPath: path)
      throw GoldenError(place: "", reason: isThere ? "cannot be read" : "there is no such file")
    }
    return try GoldenTrace(json: Array(data))
  }
}

/// What came of all files.
struct ReplaySummary: Sendable {
  var passed = 0
  var failed = 0
  var unreadable = 0
  private var skipped: [SkippedPart: Int] = [:]
  private var byDesign: [DesignDifference: Int] = [:]

  /// Counts a file and prints what came of it.
  mutating func add(_ outcome: ReplayOutcome, of path: String) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    if let difference = outcome.difference {
      failed += 1
      print("\(name): \(difference)")
    } else {
      passed += 1
      print("\(name): ok")
    }
    skipped.merge(outcome.skipped, uniquingKeysWith: +)
    byDesign.merge(outcome.byDesign, uniquingKeysWith: +)
  }

  /// The lines behind all files.
  var text: String {
    """
    differs by design: \(Self.line(byDesign) { $0.rawValue })
    skipped parts: \(Self.line(skipped) { $0.rawValue })
    \(passed) passed, \(failed) failed
    """
  }

  /// 0 if all is well, 1 if a file differs, 2 if one could not be read.
  var exitCode: Int32 {
    unreadable > 0 ? 2 : failed > 0 ? 1 : 0
  }

  private static func line<Kind: Hashable & Comparable>(
    _ counts: [Kind: Int], _ name: (Kind) -> String
  ) -> String {
    let total = counts.values.reduce(0, +)
    guard total > 0 else { return "0" }
    let kinds = counts.sorted { $0.key < $1.key }.map { "\(name($0.key)) \($0.value)" }
    return "\(total) (\(kinds.joined(separator: ", ")))"
  }
}
