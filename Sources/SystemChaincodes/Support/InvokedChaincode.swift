internal import InprocHost
internal import MessageFSM

/// Whom a client's proposal calls (Fabric 2.0 `protoutil.InvokedChaincodeName`).
enum InvokedChaincode {
  /// Returns if the proposal calls the chaincode itself, not another that calls it.
  ///
  /// - Throws: Fabric's text if it does not, which `refusal` begins.
  static func check(
    _ name: WireString, in proposal: SignedProposal?, version: FabricVersion, refusal: WireString
  ) throws(LedgerError) {
    let called: WireString
    do throws(LedgerError) {
      called = try Self.name(in: proposal, version: version)
    } catch {
      throw LedgerError(joining: "Failed to identify the called chaincode: ", error.message)
    }
    guard called == name else {
      throw LedgerError(joining: refusal, ", original invocation for '", called, "'")
    }
  }

  /// The name in the proposal's invocation, which a call from another chaincode does not change.
  ///
  /// - Throws: Fabric's text if it cannot be read; a text of ours where there is no proposal, which crashes Fabric.
  private static func name(in proposal: SignedProposal?, version: FabricVersion) throws(LedgerError)
    -> WireString
  {
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
