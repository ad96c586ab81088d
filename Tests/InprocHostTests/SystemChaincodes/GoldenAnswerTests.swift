import Foundation
import InprocHost
import MessageFSM
import SystemChaincodes
import Testing

/// The parts of a golden file that system chaincodes answer from.
private struct Trace: Decodable {
  struct Scenario: Decodable {
    struct Step: Decodable {
      var kind: String
      var channel: String?
      var chaincode: String?
    }

    var name: String
    var steps: [Step]
    var acl: [String: String]?
    var system: [String]?
  }

  struct RecordedBlock: Decodable {
    struct Private: Decodable {
      var seq: UInt64
      var writeSet: String
    }

    var block: String
    var inputMetadata: [String]?
    var pvtData: [Private]?
  }

  struct Channel: Decodable {
    var blocks: [RecordedBlock]
  }

  struct Step: Decodable {
    struct Result: Decodable {
      var status: Int32
      var message: String
      var payload: String
    }

    var kind: String
    var txid: String?
    var args: [String]?
    var signedProposal: String?
    var result: Result?
    var error: String?
    var panic: String?
    var block: RecordedBlock?
  }

  var scenario: Scenario
  var channels: [String: Channel]
  var steps: [Step]
}

@Suite("Golden answers of system chaincodes")
struct GoldenAnswerTests {
  private static let asked: Set<String> = ["qscc", "cscc", "lscc"]

  private static func traces() throws -> [Trace] {
    let folder = try #require(Bundle.module.url(forResource: "Golden/traces", withExtension: nil))
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    return try files.sorted { $0.path < $1.path }
      .map { try JSONDecoder().decode(Trace.self, from: Data(contentsOf: $0)) }
      .filter { trace in trace.scenario.steps.contains { asked.contains($0.chaincode ?? "") } }
  }

  private static func bytes(_ hexadecimal: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = hexadecimal[...]
    while let byte = UInt8(rest.prefix(2), radix: 16) {
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    return bytes
  }

  private static func commit(_ recorded: Trace.RecordedBlock, to ledger: InMemoryLedger) throws {
    var block = try Block(wireBytes: bytes(recorded.block))
    if let metadata = recorded.inputMetadata { block.metadata = BlockMetadata(metadata: metadata.map(bytes)) }
    let writes = (recorded.pvtData ?? []).map {
      PrivateWriteSet(sequence: $0.seq, writeSet: bytes($0.writeSet))
    }
    try ledger.commit(block, privateData: writes)
  }

  @Test func everyAnswerIsByteEqual() async throws {
    var compared = 0
    for trace in try Self.traces() {
      let ledgers = InMemoryLedgerProvider(options: .init(fabricVersion: .v1_4))
      for (name, channel) in trace.channels.sorted(by: { $0.key < $1.key }) {
        let ledger = ledgers.makeLedger(channel: WireString(name))
        for block in channel.blocks { try Self.commit(block, to: ledger) }
      }
      let access = SysccAccess(refusals: trace.scenario.acl ?? [:])
      compared += try await SysccBench.run(access: access, ledgers: ledgers) { bench in
        try await Self.replay(trace, on: bench)
      }
    }
    #expect(compared >= 59)
  }

  private static func replay(_ trace: Trace, on bench: SysccBench) async throws -> Int {
    var compared = 0
    for (asked, step) in zip(trace.scenario.steps, trace.steps) {
      #expect(asked.kind == step.kind)
      if step.kind == "commit", step.error == nil, step.panic == nil, let block = step.block {
        let ledger = try #require(
          bench.ledgers.ledger(channel: WireString(asked.channel ?? "")) as? InMemoryLedger)
        try commit(block, to: ledger)
      }
      guard step.kind == "raw", let chaincode = asked.chaincode, Self.asked.contains(chaincode),
        let expected = step.result
      else { continue }
      let proposal = try step.signedProposal.map { try SignedProposal(wireBytes: bytes($0)) }
      let response = try await bench.call(
        WireString(chaincode), (step.args ?? []).map(bytes), txid: WireString(step.txid ?? ""),
        channel: WireString(asked.channel ?? ""), proposal: proposal)
      let place = "\(trace.scenario.name) \(step.txid ?? "")"
      #expect(response.status == expected.status, "\(place)")
      #expect(response.message.string == expected.message, "\(place)")
      #expect(response.payload == bytes(expected.payload), "\(place)")
      compared += 1
    }
    return compared
  }
}
