import MessageFSM

// Chaincode to chaincode (Fabric `Handler.HandleInvokeChaincode`).
extension PeerHandler {
  /// Begins the call that nearly every call is: of a system chaincode that runs, on the channel of the caller.
  ///
  /// Nobody outside of the host is asked for it, and no task waits for its end. False for any other call, of which nothing is done.
  func beginCall(_ message: ChaincodeMessage, _ context: TransactionContext) -> Bool {
    // Only ``serve(_:_:inLoop:)`` takes the time; a seam has both ways, as it has for lent turns.
    guard case .invokeChaincode(let spec) = message.payload, let id = spec.chaincodeID,
      let input = spec.input,
      !environment.isMeasured, environment.seam?.lendsTurns ?? true,
      !message.channelID.isEmpty, context.params.simulator != nil,
      // What is no UTF-8 is refused with a text, by the other way.
      id.name.isValidUTF8, id.version.isValidUTF8, id.path.isValidUTF8, input.decorations.isEmpty
    else { return false }
    let target = ChaincodeInstance(parsing: id.name)
    guard target.channelID.isEmpty || target.channelID == context.channelID,
      let version = try? support.versionForCall(ofSystemChaincode: target.name),
      environment.version == .v1_4 || support.needsNoInitialization(target.name, input),
      let callee = support.registry.handler(ChaincodeVersion(name: target.name, version: version))
    else { return false }
    var params = context.params
    params.decorations = []
    params.timeout = nil
    let begun = callee.execute(
      .transaction(input), namespace: target.name, params: params,
      deadline: support.deadline(of: params, within: context),
      for: ChaincodeCall(message, from: context, at: self))
    guard let begun else { return false }
    if !context.isServed(by: begun) { begun.endWithCaller()?.tell() }
    return true
  }

  /// Answers a call that ``beginCall(_:_:)`` has begun.
  func calleeEnded(_ call: ChaincodeCall, _ outcome: TransactionContext.Outcome, at callee: PeerHandler) {
    switch outcome {
    case .message(let last): reply(.response(.message(last)), to: call.message)
    case .failed(let error):
      callee.retireIfIdle()
      let text = WireString(textOf: error.wrapped("error sending").wrapped("execute failed"))
      reply(failure(of: call.message, text), to: call.message)
    }
    if let next = served(call.caller) { serveInTask(next, call.caller) }
  }

  func invokeChaincode(_ message: ChaincodeMessage, _ context: TransactionContext) async throws -> Answer {
    // With a channel the ledger comes first, without one the name does, as in Fabric (`getTxContextForInvoke`).
    let hasChannel = !message.channelID.isEmpty
    if hasChannel && context.params.simulator == nil { throw LedgerError("could not get valid transaction") }
    guard case .invokeChaincode(let spec) = try read(message), let id = spec.chaincodeID else {
      throw missing("chaincode id")
    }
    var target = ChaincodeInstance(parsing: id.name)
    if !hasChannel && context.params.simulator == nil && !support.isSystemChaincode(target.name) {
      throw LedgerError("could not get valid transaction")
    }
    guard let input = spec.input else { throw missing("input") }
    if target.channelID.isEmpty { target.channelID = context.channelID }
    let systemVersion = try support.versionForCall(ofSystemChaincode: target.name)
    if systemVersion == nil { try await checkAccess(target, context) }

    var params = context.params
    params.channelID = target.channelID
    params.decorations = []
    params.timeout = nil
    var foreign: (any TxSimulator)?
    defer { if environment.performs(.closeForeignSimulator) { foreign?.done() } }
    if target.channelID != context.channelID {
      guard let ledger = environment.configuration.ledgers.ledger(channel: target.channelID) else {
        throw LedgerError(
          WireString(
            bytes: Array("failed to find ledger for channel: ".utf8) + target.channelID.bytes))
      }
      // Only the answer of a call to another channel counts: what it writes there is dropped with the simulator.
      let simulator = try await ledger.newTxSimulator(txid: message.txid)
      foreign = simulator
      params.simulator = simulator
      params.historyQueryExecutor = try await ledger.newHistoryQueryExecutor()
    }
    let last = try await support.invokeFromChaincode(
      target, systemVersion: systemVersion, input: input, params: params, caller: context)
    return .message(last)
  }

  private func checkAccess(_ target: ChaincodeInstance, _ context: TransactionContext) async throws {
    guard let proposal = context.params.signedProposal else {
      throw LedgerError("signed proposal must not be nil from caller [\(target)]")
    }
    try await environment.configuration.accessControl.checkACL(
      resource: ACLResource.chaincodeToChaincode, channel: target.channelID, proposal: proposal)
  }

  /// A nil pointer in Fabric: the process dies in 1.4, 3.1.5 recovers with this text.
  private func missing(_ part: String) -> LedgerError {
    LedgerError(
      environment.version == .v3_1
        ? "panic during execution" : "unmarshal failed: the \(part) of ChaincodeSpec is missing")
  }
}
