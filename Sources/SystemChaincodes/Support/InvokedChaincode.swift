internal import InprocHost
internal import MessageFSM

/// Whom a client's proposal calls (Fabric 2.0 `protoutil.InvokedChaincodeName`).
enum InvokedChaincode {
  /// The name in the proposal's invocation, which a call from another chaincode does not change.
  ///
  /// - Throws: Fabric's text if it cannot be read; a text of ours where there is no proposal, which crashes Fabric.
  static func name(in proposal: SignedProposal?, version: FabricVersion) throws(LedgerError) -> WireString {
    guard let proposal else { throw LedgerError("the transaction has no proposal") }
    let inner: Proposal = try read(proposal.proposalBytes, "proposal", version)
    let payload: ChaincodeProposalPayload = try read(inner.payload, "chaincode proposal payload", version)
    let invocation: ChaincodeInvocationSpec = try read(payload.input, "chaincode invocation spec", version)
    guard let spec = invocation.chaincodeSpec else { throw LedgerError("chaincode spec is nil") }
    guard let id = spec.chaincodeID else { throw LedgerError("chaincode id is nil") }
    return id.name
  }

  private static func read<Message: WireMessage>(
    _ bytes: [UInt8], _ what: String, _ version: FabricVersion
  ) throws(LedgerError) -> Message {
    do throws(WireError) {
      return try Message(wireBytes: bytes)
    } catch {
      throw LedgerError("could not unmarshal \(WireString(what)): \(WireString(error.text(version)))")
    }
  }
}
