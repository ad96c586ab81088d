import Foundation
import InprocHost
import MessageFSM
import Testing

@testable import SystemChaincodes

/// The identity of the golden files, whose signatures are hashes.
private struct GoldenIdentity: SigningIdentity {
  let serialized: [UInt8]

  func sign(_ message: [UInt8]) -> [UInt8] {
    SHA256.hash(Array("golden-signature".utf8) + serialized + message)
  }
}

/// What an endorser and a client made of each golden transaction.
private struct Trace: Decodable {
  struct Scenario: Decodable {
    struct Step: Decodable {
      var chaincode: String?
      var creator: [String: String]?
    }

    var steps: [Step]
  }

  struct Step: Decodable {
    struct Result: Decodable {
      var status: Int32
      var message: String
      var payload: String
    }

    struct Event: Decodable {
      var bytes: String
    }

    var signedProposal: String?
    var result: Result?
    var event: Event?
    var pubRwset: String?
    var envelope: String?
  }

  var scenario: Scenario
  var constants: [String: String]
  var steps: [Step]
}

@Suite("Golden envelopes")
struct GoldenEnvelopeTests {
  private static func bytes(_ hex: String?) throws -> [UInt8] {
    try #require([UInt8](hex: hex ?? ""))
  }

  @Test func endorserAndClientMakeTheSameBytes() async throws {
    let folder = try #require(Bundle.module.url(forResource: "Golden/traces", withExtension: nil))
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    var compared = 0
    for file in files.sorted(by: { $0.path < $1.path }) {
      let trace = try JSONDecoder().decode(Trace.self, from: Data(contentsOf: file))
      let endorser = GoldenIdentity(serialized: try Self.bytes(trace.constants["endorser"]))
      for (asked, step) in zip(trace.scenario.steps, trace.steps) where step.envelope != nil {
        let proposal = try SignedProposal(wireBytes: Self.bytes(step.signedProposal))
        let result = try #require(step.result)
        // A client makes no transaction of such a status; the recorder did.
        guard result.status >= 200 else { continue }
        let inner = try Proposal(wireBytes: proposal.proposalBytes)
        let header = try Header(wireBytes: inner.header)
        var payload = try ChaincodeProposalPayload(wireBytes: inner.payload)
        payload.transientMap = []
        let action = ChaincodeAction(
          results: try Self.bytes(step.pubRwset), events: try Self.bytes(step.event?.bytes),
          response: Response(
            status: result.status, message: WireString(result.message),
            payload: try Self.bytes(result.payload)),
          chaincodeID: ChaincodeID(
            name: WireString(asked.chaincode ?? ""),
            version: WireString(trace.constants["sysccVersion"] ?? "")))
        var response = ProposalResponse()
        response.response = action.response
        response.payload = CheckedProposal.responsePayload(
          action, header, committedPayload: payload.wireBytes())
        response.endorsement = try await CheckedProposal.endorsement(response.payload, by: endorser)
        let client = GoldenIdentity(
          serialized: try SignatureHeader(wireBytes: header.signatureHeader).creator)
        let envelope = try await ClientTransaction.envelope(proposal, [response], signer: client)
        let expected = try Self.bytes(step.envelope)
        #expect(envelope.wireBytes() == expected, "\(file.lastPathComponent)")
        compared += 1
      }
    }
    #expect(compared > 500)
  }
}
