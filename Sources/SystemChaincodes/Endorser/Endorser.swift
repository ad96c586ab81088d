public import InprocHost
public import MessageFSM

/// What an endorser needs besides a host.
public struct EndorserServices: Sendable {
  /// Takes the private writes of a transaction further.
  public typealias Distribution =
    @Sendable (_ channel: WireString, _ txid: WireString, _ writes: [UInt8]) async throws -> Void

  /// Who clients are, and whether they signed.
  public var verifier: any IdentityVerifier
  /// Who endorses.
  public var signer: any SigningIdentity
  /// What is installed; without it a missing package is noticed only when the chaincode is started.
  public var packages: (any PackageStore)?
  /// Takes the private writes of a transaction, a marshalled `TxPvtReadWriteSet`, to those who shall have them.
  ///
  /// An error fails the proposal. Nothing is done by default: then the writes are missing when the transaction is committed.
  public var distributePrivateData: Distribution = { _, _, _ in }

  /// An endorser that signs so.
  public init(verifier: any IdentityVerifier, signer: any SigningIdentity) {
    self.verifier = verifier
    self.signer = signer
  }
}

extension ChaincodeHost {
  /// Does what a peer does with a proposal (Fabric `core/endorser.ProcessProposal`).
  ///
  /// Checks its form, signature and txid, that the txid is new, that its creator may propose and the chaincode may be called so;
  /// runs it; and endorses the result. Never throws: what goes wrong is a response with status 500 and Fabric's text. A response
  /// without an endorsement has nothing to commit: it failed, its status is 400 or more, or the proposal names no channel.
  public func processProposal(_ proposal: SignedProposal, _ services: EndorserServices) async
    -> ProposalResponse
  {
    do {
      return try await Endorser(host: self, services: services).process(proposal)
    } catch {
      var response = ProposalResponse()
      response.response = .failure(error.text)
      return response
    }
  }
}

/// One endorsement from the proposal to the signature.
private struct Endorser {
  let host: ChaincodeHost
  let services: EndorserServices

  private var configuration: HostConfiguration { host.configuration }

  func process(_ signed: SignedProposal) async throws -> ProposalResponse {
    let proposal = try await CheckedProposal(
      signed, verifier: services.verifier, version: configuration.version)
    let channel = proposal.channelHeader.channelID
    if host.isSystemChaincode(proposal.chaincode),
      !(host.systemChaincode(proposal.chaincode)?.invokableExternal ?? false)
    {
      throw LedgerError(joining: "chaincode ", proposal.chaincode, " cannot be invoked through a proposal")
    }
    if !channel.isEmpty { try await admit(proposal) }

    var params = TransactionParams(
      channelID: channel, txid: proposal.channelHeader.txid, signedProposal: signed,
      proposal: proposal.proposal)
    defer { params.simulator?.done() }
    if needsSimulator(proposal) {
      guard let ledger = configuration.ledgers.ledger(channel: channel) else {
        throw LedgerError(joining: "Channel does not exist: ", channel)
      }
      params.simulator = try await ledger.newTxSimulator(txid: params.txid)
      params.historyQueryExecutor = try await ledger.newHistoryQueryExecutor()
    }
    let version = try await version(of: proposal, params)
    let result = try await run(proposal, version, params)
    let simulated = try await params.simulator?.simulationResults()
    var response = ProposalResponse()
    response.response = result.response
    let status = result.response.status
    if status >= Response.errorThreshold || channel.isEmpty {
      // A failure of the chaincode shows what it read, which helps to find its cause.
      if status >= Response.error {
        response.payload = payload(proposal, version, result, simulated?.publicBytes ?? [])
      }
      return response
    }
    try await handOn(simulated?.privateBytes, of: proposal)
    response.version = 1
    response.payload = payload(proposal, version, result, simulated?.publicBytes ?? [])
    response.endorsement = try await CheckedProposal.endorsement(response.payload, by: services.signer)
    return response
  }

  /// A txid must be new on its channel, and whoever calls a user chaincode must be one of the channel's writers.
  private func admit(_ proposal: CheckedProposal) async throws {
    let channel = proposal.channelHeader.channelID
    let txid = proposal.channelHeader.txid
    if let ledger = configuration.ledgers.ledger(channel: channel),
      (try? await ledger.transaction(txid: txid)) != nil
    {
      throw LedgerError(
        joining: "duplicate transaction found [", txid, "]. Creator [",
        proposal.creator.hex, "]")
    }
    // System chaincodes check by themselves.
    guard !host.isSystemChaincode(proposal.chaincode) else { return }
    try await configuration.accessControl.checkACL(
      resource: "peer/Propose", channel: channel, proposal: proposal.signed)
  }

  /// qscc and cscc read what they tell by themselves.
  private func needsSimulator(_ proposal: CheckedProposal) -> Bool {
    let name = proposal.chaincode
    return !proposal.channelHeader.channelID.isEmpty && name != QueryChaincode.name
      && name != ConfigurationChaincode.name
  }

  /// The version that is in force in the transaction's snapshot.
  private func version(of proposal: CheckedProposal, _ params: TransactionParams) async throws -> WireString {
    if let system = host.systemChaincode(proposal.chaincode) {
      return system.version ?? configuration.version.systemChaincodeVersion
    }
    let name = proposal.chaincode
    let definition: ChaincodeDefinition
    do {
      guard let simulator = params.simulator else {
        throw LedgerError(
          joining: "could not get chaincode definition of ", name, " without a channel")
      }
      definition = try await configuration.effectiveLifecycle.definition(
        of: name, channel: params.channelID, executor: simulator)
    } catch {
      let done: WireString =
        configuration.version == .v1_4
        ? "instantiated" : WireString(joining: "defined on channel ", params.channelID)
      throw LedgerError(
        joining: "make sure the chaincode ", name, " has been successfully ", done, " and try again: ",
        error.text)
    }
    try await checkPackage(ChaincodeVersion(name: name, version: definition.version), definition)
    return definition.version
  }

  /// A package with a policy of its own is used only where that policy was applied (Fabric `CheckInstantiationPolicy`, FAB-3156).
  private func checkPackage(_ id: ChaincodeVersion, _ definition: ChaincodeDefinition) async throws {
    // A definition in `_lifecycle` has no package of this kind.
    guard let packages = services.packages, !definition.stored.isEmpty else { return }
    let package: ChaincodePackage
    do {
      package = try await packages.package(id)
    } catch {
      throw LedgerError(
        joining: "cannot retrieve package for chaincode ", id.name, "/", id.version, ", error ", error.text)
    }
    guard let own = package.instantiationPolicy else { return }
    guard try ChaincodeData(wireBytes: definition.stored).instantiationPolicy == own else {
      throw LedgerError(joining: "Instantiation policy mismatch for cc ", id.name, "/", id.version)
    }
  }

  private func run(
    _ proposal: CheckedProposal, _ version: WireString, _ params: TransactionParams
  ) async throws -> ExecuteResult {
    let result = try await host.execute(
      proposal.chaincode, version: version, input: proposal.input, params: params)
    guard result.response.status < Response.errorThreshold, proposal.chaincode == LifecycleChaincode.name,
      proposal.input.args.count >= 3,
      let function = LifecycleChaincode.Function(named: WireString(bytes: proposal.input.args[0])),
      function == .deploy || function == .upgrade
    else { return result }
    try await initialize(proposal.input.args[2], params)
    return result
  }

  /// A definition counts only if the chaincode could be initialized, in the same transaction.
  private func initialize(_ bytes: [UInt8], _ params: TransactionParams) async throws {
    let spec = try ChaincodeDeploymentSpec(wireBytes: bytes).chaincodeSpec
    guard let id = spec?.chaincodeID else {
      throw LedgerError("the deployment specification names no chaincode")
    }
    if host.isSystemChaincode(id.name) {
      throw LedgerError(
        joining: "attempting to deploy a system chaincode ", id.name, "/", params.channelID)
    }
    _ = try await host.executeInit(
      id.name, version: id.version, input: spec?.input ?? ChaincodeInput(args: []), params: params)
  }

  private func handOn(_ writes: [UInt8]?, of proposal: CheckedProposal) async throws {
    guard let writes else { return }
    if proposal.chaincode == LifecycleChaincode.name {
      throw LedgerError("Private data is forbidden to be used in instantiate")
    }
    try await services.distributePrivateData(
      proposal.channelHeader.channelID, proposal.channelHeader.txid, writes)
  }

  private func payload(
    _ proposal: CheckedProposal, _ version: WireString, _ result: ExecuteResult, _ results: [UInt8]
  ) -> [UInt8] {
    let action = ChaincodeAction(
      results: results, events: result.event?.wireBytes() ?? [], response: result.response,
      chaincodeID: ChaincodeID(name: proposal.chaincode, version: version))
    return proposal.responsePayload(action)
  }
}
