internal import InprocHost
internal import MessageFSM

/// Whether a committed call of lscc does what lscc does, and no more (Fabric 1.0 `vscc.ValidateLSCCInvocation`).
struct LifecycleInvocationCheck {
  let channel: WireString
  let ledgers: any LedgerProvider
  let policies: any PolicyEvaluator

  /// Returns if it does.
  ///
  /// - Throws: Fabric's text if it does not.
  func check(_ payload: ChaincodeActionPayload, _ envelope: Envelope, _ header: Header) async throws {
    let proposed = try ChaincodeProposalPayload.read(payload.proposalPayload, .v1_4)
    let input = try ChaincodeInvocationSpec.read(proposed.input, .v1_4).chaincodeSpec?.input
    guard let args = input?.args, let first = args.first else {
      throw LedgerError("VSCC error: committing invalid vscc invocation")
    }
    let name = WireString(bytes: first)
    guard let function = LifecycleChaincode.Function(named: name), function == .deploy || function == .upgrade
    else {
      throw LedgerError(
        joining: "VSCC error: committing an invocation of function ", name, " of lscc is invalid")
    }
    guard (3...6).contains(args.count) else {
      throw LedgerError(
        joining: "Wrong number of arguments for invocation lscc(", name,
        "): expected between 2 and 5, received \(args.count - 1)")
    }
    let spec = try ChaincodeDeploymentSpec.read(args[2], .v1_4) {
      WireString(joining: "GetChaincodeDeploymentSpec error ", $0)
    }
    guard let id = spec.chaincodeSpec?.chaincodeID, let action = payload.action,
      !action.responsePayload.isEmpty
    else {
      throw LedgerError(
        joining: "VSCC error: invocation of lscc(", name, ") does not have appropriate arguments")
    }
    let stored = try await stored(id.name)
    let written = try written(action.responsePayload, id)
    try await check(function, written, stored, id, envelope, header)
  }

  /// The definition that the transaction writes, which must be all that it writes besides the chaincode's own initialization.
  private func written(_ responsePayload: [UInt8], _ id: ChaincodeID) throws(LedgerError) -> ChaincodeData {
    let response = try ProposalResponsePayload.read(responsePayload, .v1_4) {
      WireString(joining: "GetProposalResponsePayload error ", $0)
    }
    if response.extension_.isEmpty { throw LedgerError("nil pRespPayload.Extension") }
    let results = try ChaincodeAction.read(response.extension_, .v1_4) {
      WireString(joining: "GetChaincodeAction error ", $0)
    }.results
    func text(_ text: WireString) -> WireString { WireString(joining: "txRWSet.FromProtoBytes error ", text) }
    var writes: [(namespace: WireString, writes: [KVWrite])] = []
    for set in try TxReadWriteSet.read(results, .v1_4, text).namespaces {
      writes.append((set.namespace, try KVRWSet.read(set.rwset, .v1_4, text).writes))
    }
    guard let own = writes.first(where: { $0.namespace == LifecycleChaincode.name }) else {
      throw LedgerError("No read write set for lscc was found")
    }
    guard own.writes.count == 1, let write = own.writes.first else {
      throw LedgerError("LSCC can only issue a single putState upon deploy/upgrade")
    }
    guard write.key == id.name else {
      throw LedgerError(joining: "Expected key ", id.name, ", found ", write.key)
    }
    let definition = try ChaincodeData.read(write.value, .v1_4) {
      WireString(joining: "Unmarhsalling of ChaincodeData failed, error ", $0)
    }
    guard definition.name == id.name else {
      throw LedgerError(joining: "Expected cc name ", id.name, ", found ", definition.name)
    }
    guard definition.version == id.version else {
      throw LedgerError(joining: "Expected cc version ", id.version, ", found ", definition.version)
    }
    for other in writes
    where other.namespace != LifecycleChaincode.name && other.namespace != definition.name
      && !other.writes.isEmpty
    {
      throw LedgerError(joining: "LSCC invocation is attempting to write to namespace ", other.namespace)
    }
    return definition
  }

  private func stored(_ name: WireString) async throws -> ChaincodeData? {
    guard let ledger = ledgers.ledger(channel: channel) else {
      throw LedgerError(
        joining: "Could not retrieve QueryExecutor for channel ", channel, ", error there is no ledger")
    }
    let executor = try await ledger.newQueryExecutor()
    defer { executor.done() }
    let bytes: [UInt8]?
    do {
      bytes = try await executor.getState(namespace: LifecycleChaincode.name, key: name)
    } catch {
      throw LedgerError(
        joining: "Could not retrieve state for chaincode ", name, " on channel ", channel, ", error ",
        error.text)
    }
    return try bytes.map { bytes in
      try ChaincodeData.read(bytes, .v1_4) {
        WireString(joining: "Unmarshalling ChaincodeQueryResponse failed, error ", $0)
      }
    }
  }

  private func check(
    _ function: LifecycleChaincode.Function, _ written: ChaincodeData, _ stored: ChaincodeData?,
    _ id: ChaincodeID, _ envelope: Envelope, _ header: Header
  ) async throws {
    if function == .deploy {
      try await checkInstantiation(written.instantiationPolicy, envelope, header)
      if stored != nil { throw LedgerError(joining: "Chaincode ", id.name, " is already instantiated") }
      return
    }
    guard let stored else { throw LedgerError(joining: "Upgrading non-existent chaincode ", id.name) }
    try await checkInstantiation(stored.instantiationPolicy, envelope, header)
    if stored.version == id.version {
      throw LedgerError(
        joining: "Existing version of the cc on the ledger (", id.version,
        ") should be different from the upgraded one")
    }
  }

  /// Whether the transaction's creator, who has signed it, may put the chaincode into force.
  private func checkInstantiation(_ policy: [UInt8], _ envelope: Envelope, _ header: Header) async throws {
    if policy.isEmpty { throw LedgerError("No installation policy was specified") }
    let policy = try SignaturePolicies.policy(policy, .v1_4)
    let creator = try SignatureHeader.read(header.signatureHeader, .v1_4).creator
    let signed = SignedIdentity(identity: creator, data: envelope.payload, signature: envelope.signature)
    do {
      try await policies.evaluate(policy, [signed], channel: channel)
    } catch {
      throw LedgerError(joining: "chaincode instantiation policy violated, error ", error.text)
    }
  }
}
