internal import InprocHost
internal import MessageFSM

/// Whom a client's proposal calls (Fabric 2.0 `protoutil.InvokedChaincodeName`).
enum InvokedChaincode {
  /// The name in the proposal's invocation, which a call from another chaincode does not change.
  ///
  /// - Throws: Fabric's text if it cannot be read; a text of ours where there is no proposal, which crashes Fabric.
  static func name(in proposal: SignedProposal?, version: FabricVersion) throws(LedgerError) -> WireString {
    guard let proposal else { throw LedgerError("the transaction has no proposal") }
    func text(_ what: WireString) -> (WireString) -> WireString {
      { WireString(joining: "could not unmarshal ", what, ": ", $0) }
    }
    let inner = try Proposal.read(proposal.proposalBytes, version, text("proposal"))
    let payload = try ChaincodeProposalPayload.read(
      inner.payload, version, text("chaincode proposal payload"))
    let invocation = try ChaincodeInvocationSpec.read(
      payload.input, version, text("chaincode invocation spec"))
    guard let spec = invocation.chaincodeSpec else { throw LedgerError("chaincode spec is nil") }
    guard let id = spec.chaincodeID else { throw LedgerError("chaincode id is nil") }
    return id.name
  }
}
