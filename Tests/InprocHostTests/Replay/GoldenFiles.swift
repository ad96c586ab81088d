import Foundation
import InprocPeer

/// The golden files that the package holds.
enum GoldenFiles {
  /// All of them, as paths below `Golden`.
  static let names: [String] = ["traces", "v3_1/traces"].flatMap { folder in
    let files = (try? FileManager.default.contentsOfDirectory(atPath: path(folder))) ?? []
    return files.filter { $0.hasSuffix(".json") }.sorted().map { "\(folder)/\($0)" }
  }

  static func path(_ name: String) -> String {
    (Bundle.module.resourceURL ?? URL(fileURLWithPath: ".")).appendingPathComponent("Golden/\(name)").path
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  static func replay(_ name: String) throws -> ReplayOutcome {
    ScenarioRun.replay(try GoldenTrace(json: try bytes(name)))
  }
}
