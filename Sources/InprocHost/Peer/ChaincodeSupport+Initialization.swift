import MessageFSM

// Initialization as the definition asks for it (Fabric 2.0 and later, `ChaincodeSupport.CheckInvocation`).
extension ChaincodeSupport {
  /// The key in a chaincode's namespace that holds the version for which it was initialized.
  private static let initializedKey: WireString = "\u{0}\u{10FFFF}initialized"

  /// Whether the call is an INIT or a TRANSACTION, after the rules of the definition.
  ///
  /// - Throws: Fabric's text if the call breaks them, or the chaincode is not known; ``TransactionError`` of another kind if the
  ///   embedder's lifecycle or ledger has not answered when the deadline passes, the caller is cancelled, or the host stops.
  func checkInvocation(
    _ name: WireString, input: ChaincodeInput, params: TransactionParams, until deadline: Duration
  ) async throws(TransactionError) -> MessageType {
    if needsNoInitialization(name, input) { return .transaction }
    let answer: Result<MessageType, any Error>
    if let system = systemChaincodes.descriptor(name), !system.enforcesInit {
      answer = .failure(notRequired(name))
    } else {
      answer = try await calls.ask("the definition of chaincode \(name)", until: deadline) { [self] in
        try await type(of: name, isInit: input.isInit, params)
      }
    }
    do {
      return try answer.get()
    } catch {
      throw TransactionError(.invalidArgument, WireString(textOf: error), cause: error).wrapped(
        "invalid invocation")
    }
  }

  /// Whether a call is a TRANSACTION and nobody has to be asked for that, which is so for nearly every one of a system chaincode.
  func needsNoInitialization(_ name: WireString, _ input: ChaincodeInput) -> Bool {
    guard !input.isInit, let system = systemChaincodes.descriptor(name) else { return false }
    return !system.enforcesInit
  }

  private func type(
    of name: WireString, isInit: Bool, _ params: TransactionParams
  ) async throws -> MessageType {
    guard let required = try await requiredInitialization(of: name, params) else {
      if isInit { throw notRequired(name) }
      return .transaction
    }
    let initialized = try await params.simulator?.getState(namespace: name, key: Self.initializedKey)
    let needsInit = initialized != required.bytes
    if isInit {
      if !needsInit { throw LedgerError("chaincode '\(name)' is already initialized but called as init") }
      try await params.simulator?.setState(namespace: name, key: Self.initializedKey, value: required.bytes)
      return .initialize
    }
    if needsInit {
      throw LedgerError(
        "chaincode '\(name)' has not been initialized for this version, must call as init first")
    }
    return .transaction
  }

  private func notRequired(_ name: WireString) -> LedgerError {
    LedgerError("chaincode '\(name)' does not require initialization but called as init")
  }

  /// The version for which the chaincode has to be initialized before it is called; `nil` if it need not be.
  private func requiredInitialization(
    of name: WireString, _ params: TransactionParams
  ) async throws -> WireString? {
    if let system = systemChaincodes.descriptor(name) {
      return system.enforcesInit ? system.id(environment.version).version : nil
    }
    do {
      guard let simulator = params.simulator else {
        throw LedgerError("could not get container info for chaincode \(name) without a ledger context")
      }
      let lifecycle = environment.lifecycle
      let definition = try await lifecycle.definition(
        of: name, channel: params.channelID, executor: simulator)
      try await lifecycle.checkInstalled(name, definition)
      return definition.initRequired ? definition.version : nil
    } catch {
      throw TransactionError(.notFound, WireString(textOf: error), cause: error).wrapped(
        "[channel \(params.channelID)] failed to get chaincode container info for \(name)")
    }
  }
}
