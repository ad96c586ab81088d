public import InprocHost
public import MessageFSM

/// Tells whether a transaction has the endorsements that it needs: `vscc` of Fabric 1.0 and 1.1
/// (`core/scc/vscc.ValidatorOneValidSignature`).
///
/// Fabric's committer calls it for every transaction of a block; here an embedder does who wants it. Clients and chaincodes cannot
/// call it.
public struct ValidationChaincode: Chaincode {
  /// The name.
  public static let name: WireString = "vscc"

  private let ledgers: any LedgerProvider
  private let policies: any PolicyEvaluator

  /// A vscc for the channels with these ledgers.
  public init(ledgers: any LedgerProvider, policies: any PolicyEvaluator) {
    self.ledgers = ledgers
    self.policies = policies
  }

  /// Answers nothing if the transaction is valid.
  ///
  /// The arguments are a name that nobody looks at, the transaction's envelope, and the marshalled policy of its chaincode.
  ///
  /// - Throws: Fabric's text if it is not.
  public func invoke(_ stub: ChaincodeStub) async throws -> Response {
    let args = stub.args
    guard args.count >= 3 else { throw LedgerError("Incorrect number of arguments") }
    let envelope = try Envelope.read(args[1], .v1_4) {
      WireString(joining: "Error getting envelope(", $0, ")")
    }
    let payload = try EnvelopePayload.read(envelope.payload, .v1_4)
    // Fabric takes these without looking whether they are there, and dies; so below.
    guard let header = payload.header else { throw LedgerError("the payload has no header") }
    let channelHeader = try ChannelHeader.read(header.channelHeader, .v1_4) {
      WireString(joining: "UnmarshalChannelHeader failed, err ", $0)
    }
    let policy = try SignaturePolicies.policy(args[2], .v1_4)
    guard channelHeader.type == ChannelHeader.HeaderType.endorserTransaction.rawValue else {
      throw LedgerError("Only Endorser Transactions are supported, provided type \(channelHeader.type)")
    }
    for action in try Transaction.read(payload.data, .v1_4).actions {
      let action = try ChaincodeActionPayload.read(action.payload, .v1_4)
      try await check(action, policy, channel: channelHeader.channelID)
      let called = try ChaincodeHeaderExtension.read(channelHeader.extension_, .v1_4).chaincodeID
      guard let called else { throw LedgerError("the header names no chaincode") }
      if called.name == LifecycleChaincode.name {
        try await LifecycleInvocationCheck(
          channel: channelHeader.channelID, ledgers: ledgers, policies: policies
        ).check(action, envelope, header)
      }
    }
    return .success()
  }

  private func check(
    _ payload: ChaincodeActionPayload, _ policy: SignaturePolicyEnvelope, channel: WireString
  ) async throws {
    guard let action = payload.action else { throw LedgerError("the action has no endorsements") }
    var seen: Set<SerializedIdentity> = []
    var signatures: [SignedIdentity] = []
    for endorsement in action.endorsements {
      let identity = try SerializedIdentity.read(endorsement.endorser, .v1_4) {
        WireString(joining: "Unmarshal endorser error: ", $0)
      }
      // Whoever endorses twice counts once.
      guard seen.insert(identity).inserted else { continue }
      signatures.append(
        SignedIdentity(
          identity: endorsement.endorser, data: action.responsePayload + endorsement.endorser,
          signature: endorsement.signature))
    }
    do {
      try await policies.evaluate(policy, signatures, channel: channel)
    } catch {
      if signatures.count < action.endorsements.count {
        throw LedgerError("Endorsement policy evaluation failure might be caused by duplicated identities")
      }
      throw LedgerError(joining: "VSCC error: policy evaluation failed, err ", error.text)
    }
  }
}
