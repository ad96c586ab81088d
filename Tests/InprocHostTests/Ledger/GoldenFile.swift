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

extension [UInt8] {
  /// The bytes of hexadecimal digits.
  init(hexText hex: String) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(hex.utf8.count / 2)
    var high: UInt8?
    for digit in hex.utf8 {
      let value = digit < 0x3a ? digit &- 0x30 : digit &- 0x57
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    self = bytes
  }

  var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

/// The MSP of the golden channels: any identity is good, and it has a role with its own MSP id.
struct GoldenMSP: PrincipalEvaluator {
  func satisfies(_ principal: MSPPrincipal, identity: SignedIdentity, channel: WireString) throws -> Bool {
    guard principal.classification == 0 else { return false }
    return try MSPRole(wireBytes: principal.principal).mspIdentifier
      == SerializedIdentity(wireBytes: identity.identity).mspid
  }
}
