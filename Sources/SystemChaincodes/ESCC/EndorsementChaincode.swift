public import InprocHost
public import MessageFSM

/// Endorses what another chaincode has answered: `escc` of Fabric 1.0 and 1.1 (`core/scc/escc.EndorserOneValidSignature`).
///
/// Fabric's endorser calls it for every proposal; the one here endorses by itself, as Fabric does from 1.2 on, and leaves escc to
/// whoever wants it called as a chaincode. Clients and chaincodes cannot call it.
public struct EndorsementChaincode: Chaincode {
  /// The name.
  public static let name: WireString = "escc"

  private let signer: (any SigningIdentity)?

  /// An escc that signs so; without a signer it refuses.
  public init(signer: (any SigningIdentity)?) {
    self.signer = signer
  }

  /// Answers a marshalled ``ProposalResponse``.
  ///
  /// The arguments are a name that nobody looks at, the proposal's header and payload, the chaincode's id, its response, its
  /// simulation results, and optionally its event and the payload's visibility, of which Fabric knows only one.
  ///
  /// - Throws: Fabric's text if it cannot be endorsed.
  public func invoke(_ stub: ChaincodeStub) async throws -> Response {
    let args = stub.args
    guard args.count >= 6 else {
      throw LedgerError("Incorrect number of arguments (expected a minimum of 5, provided \(args.count))")
    }
    guard args.count <= 8 else {
      throw LedgerError("Incorrect number of arguments (expected a maximum of 7, provided \(args.count))")
    }
    let id = try ChaincodeID.read(args[3], .v1_4) {
      WireString(joining: "UnmarshalChaincodeID failed, err ", $0)
    }
    let response = try Response.read(args[4], .v1_4) {
      WireString(joining: "Failed to get Response of executing chaincode: ", $0)
    }
    guard response.status < Response.errorThreshold else {
      throw LedgerError(
        "Status code less than \(Response.errorThreshold) will be endorsed, received status code: \(response.status)"
      )
    }
    guard let signer else {
      throw LedgerError(
        "Could not obtain the default signing identity, err the host was configured without one")
    }
    let header = try Header.read(args[1], .v1_4)
    guard !header.channelHeader.isEmpty, !header.signatureHeader.isEmpty else {
      throw LedgerError("Could not compute proposal hash: err Nil arguments")
    }
    var proposed = try ChaincodeProposalPayload.read(args[2], .v1_4) { _ in
      "Could not compute proposal hash: err Failure while unmarshalling the ChaincodeProposalPayload!"
    }
    proposed.transientMap = []

    var answer = ProposalResponse()
    answer.version = 1
    answer.response = Response(status: Response.ok, message: "OK")
    answer.payload = CheckedProposal.responsePayload(
      ChaincodeAction(
        results: args[5], events: args.count > 6 ? args[6] : [], response: response, chaincodeID: id),
      header, committedPayload: proposed.wireBytes())
    do {
      answer.endorsement = try await CheckedProposal.endorsement(answer.payload, by: signer)
    } catch {
      throw LedgerError(joining: "Could not sign the proposal response payload, err ", error.text)
    }
    return .success(answer.wireBytes())
  }
}
