import MessageFSM

// Initialization as the definition asks for it (Fabric 2.0 and later, `ChaincodeSupport.CheckInvocation`).
extension ChaincodeSupport {
  /// The key in a chaincode's namespace that holds the version for which it was initialized.
  private static let initializedKey: WireString = "\u{0}\u{10FFFF}initialized"

  /// Whether the call is an INIT or a TRANSACTION, after the rules of the definition.
  ///
  /// - Throws: Fabric's text if the call breaks them, or the chaincode is not known.
  func checkInvocation(
    _ chaincode: ChaincodeVersion, input: ChaincodeInput, params: TransactionParams
  ) async throws -> MessageType {
    let name = chaincode.name
    let enforcesInit = try await enforcesInit(chaincode, params)
    var needsInit = false
    if enforcesInit {
      let initialized = try await params.simulator?.getState(namespace: name, key: Self.initializedKey)
      needsInit = initialized != chaincode.version.bytes
    }
    if input.isInit {
      if !enforcesInit {
        throw LedgerError("chaincode '\(name)' does not require initialization but called as init")
      }
      if !needsInit { throw LedgerError("chaincode '\(name)' is already initialized but called as init") }
      try await params.simulator?.setState(
        namespace: name, key: Self.initializedKey, value: chaincode.version.bytes)
      return .initialize
    }
    if needsInit {
      throw LedgerError(
        "chaincode '\(name)' has not been initialized for this version, must call as init first")
    }
    return .transaction
  }

  private func enforcesInit(_ chaincode: ChaincodeVersion, _ params: TransactionParams) async throws -> Bool {
    if let system = systemChaincodes.descriptor(chaincode.name) { return system.enforcesInit }
    do {
      guard let simulator = params.simulator else {
        throw LedgerError(
          "could not get container info for chaincode \(chaincode.name) without a ledger context")
      }
      let lifecycle = environment.lifecycle
      let definition = try await lifecycle.definition(
        of: chaincode.name, channel: params.channelID, executor: simulator)
      try await lifecycle.checkInstalled(chaincode.name, definition)
      return false
    } catch {
      throw TransactionError(.notFound, WireString(textOf: error), cause: error).wrapped(
        "[channel \(params.channelID)] failed to get chaincode container info for \(chaincode.name)")
    }
  }
}
