import Foundation
import InprocHost
import MessageFSM

/// One golden file, read as far as the ledger needs it.
struct GoldenFile {
  let name: String
  let root: [String: Any]

  init(_ path: String) throws {
    let url = Bundle.module.bundleURL.appendingPathComponent("Golden/\(path)")
    name = path
    root = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any] ?? [:]
  }

  /// The paths of all golden files, in order.
  static let all: [String] = {
    ["traces", "v3_1/traces"].flatMap { folder in
      let url = Bundle.module.bundleURL.appendingPathComponent("Golden/\(folder)")
      let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
      return names.filter { $0.hasSuffix(".json") }.sorted().map { "\(folder)/\($0)" }
    }
  }()

  var scenario: [String: Any] { root["scenario"] as? [String: Any] ?? [:] }
  var version: FabricVersion { (root["fabric"] as? String ?? "").hasPrefix("3") ? .v3_1 : .v1_4 }
  var channels: [String: [String: Any]] { root["channels"] as? [String: [String: Any]] ?? [:] }
  var steps: [[String: Any]] { root["steps"] as? [[String: Any]] ?? [] }
  var final: [String: [String: Any]] { root["final"] as? [String: [String: Any]] ?? [:] }
  var scenarioSteps: [[String: Any]] { scenario["steps"] as? [[String: Any]] ?? [] }

  func channelScenario(_ channel: String) -> [String: Any] {
    (scenario["channels"] as? [String: [String: Any]])?[channel] ?? [:]
  }

  var options: InMemoryLedger.Options {
    InMemoryLedger.Options(
      fabricVersion: version,
      collectionProvider: version == .v1_4 || scenario["legacyProvider"] as? Bool == true
        ? .lscc : .lifecycle,
      historyEnabled: scenario["historyDB"] as? Bool ?? true, organizations: ["SampleOrg"])
  }
}

extension GoldenFile {
  /// The bytes of hexadecimal digits; none if they are not digits.
  static func bytes(_ hex: String) -> [UInt8] { [UInt8](hex: hex) ?? [] }
}

/// The MSP of the golden channels: any identity is good, and it has a role with its own MSP id.
struct GoldenMSP: PrincipalEvaluator {
  func satisfies(_ principal: MSPPrincipal, identity: SignedIdentity, channel: WireString) throws -> Bool {
    guard principal.classification == 0 else { return false }
    return try MSPRole(wireBytes: principal.principal).mspIdentifier
      == SerializedIdentity(wireBytes: identity.identity).mspid
  }
}
