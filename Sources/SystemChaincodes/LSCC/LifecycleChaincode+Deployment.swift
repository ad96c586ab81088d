internal import InprocHost
internal import MessageFSM

// Putting chaincode into force (Fabric `executeDeploy`, `executeUpgrade`).
extension LifecycleChaincode {
  /// What a client asks to put into force.
  private struct Request {
    let channel: WireString
    let id: ChaincodeVersion
    let policy: [UInt8]
    let escc: WireString
    let vscc: WireString
    let collections: [UInt8]?
  }

  /// Writes the definition, and gives it back.
  ///
  /// - Throws: Fabric's text if it must not be written.
  func putIntoForce(_ call: Call) async throws -> ChaincodeData {
    let request = try await request(call)
    try ChaincodeNames.checkName(request.id.name, version: version)
    try ChaincodeNames.checkVersion(request.id.version, of: request.id.name, version: version)
    guard let package = try? await packages.package(request.id) else {
      throw LedgerError(
        joining: "cannot get package for chaincode (", request.id.name, ":", request.id.version, ")")
    }
    if call.function == .deploy {
      try await checkAbsent(request.id.name, call.stub)
      return try await write(package, request, mayHaveCollections: true, call.stub)
    }
    try await checkReplaceable(request, call.stub)
    let definition = try await write(
      package, request, mayHaveCollections: peer.capabilities(request.channel).collectionUpgrade, call.stub)
    var event = LifecycleEvent()
    event.chaincodeName = request.id.name
    try call.stub.setEvent("upgrade", payload: event.wireBytes())
    return definition
  }

  private func request(_ call: Call) async throws -> Request {
    let args = call.args
    guard args.count >= 3 else { throw Self.wrongCount(args.count) }
    let channel = WireString(bytes: args[1])
    if channel.isEmpty { throw LedgerError("invalid channel name: ") }
    guard peer.hasChannel(channel) else {
      // Fabric's peer dies here, with this text.
      throw LedgerError(
        joining: "programming error, non-existent appplication config for channel '", channel, "'")
    }
    let capabilities = peer.capabilities(channel)
    if version == .v3_1 && capabilities.lifecycleV20 {
      throw LedgerError(
        joining: "Channel '", channel, "' has been migrated to the new lifecycle, LSCC is now read-only")
    }
    if !capabilities.privateChannelData && args.count > 6 {
      throw LedgerError(
        """
        as V1_2 or later capability is not enabled, private channel collections and data are not available
        """)
    }
    if args.count > 7 { throw Self.wrongCount(args.count) }
    let spec = try ChaincodeDeploymentSpec.read(args[2], version, as: "ChaincodeDeploymentSpec")
    func optional(_ index: Int) -> [UInt8]? {
      index < args.count && !args[index].isEmpty ? args[index] : nil
    }
    let id = spec.chaincodeSpec?.chaincodeID ?? ChaincodeID()
    var policy = optional(3)
    if policy == nil {
      policy = SignaturePolicyEnvelope.anyOf(try await peer.organizations(channel), role: 0).wireBytes()
    }
    return Request(
      channel: channel, id: ChaincodeVersion(name: id.name, version: id.version), policy: policy ?? [],
      escc: optional(4).map { WireString(bytes: $0) } ?? "escc",
      vscc: optional(5).map { WireString(bytes: $0) } ?? "vscc", collections: optional(6))
  }

  private func checkAbsent(_ name: WireString, _ stub: ChaincodeStub) async throws {
    // A failure to read counts as absent, as in Fabric; the write fails then.
    guard (try? await definitionBytes(name, stub)) == nil else {
      throw LedgerError(joining: "chaincode with name '", name, "' already exists")
    }
  }

  /// An upgrade needs another version, and the consent of the policy with which the old one was put into force.
  private func checkReplaceable(_ request: Request, _ stub: ChaincodeStub) async throws {
    let name = request.id.name
    guard let bytes = try? await definitionBytes(name, stub) else {
      throw LedgerError(joining: "could not find chaincode with name '", name, "'")
    }
    let old = try Self.definition(bytes, name)
    if old.version == request.id.version {
      throw LedgerError(joining: "version already exists for chaincode with name '", name, "'")
    }
    if old.instantiationPolicy.isEmpty { throw LedgerError("instantiation policy missing") }
    try await checkInstantiation(old.instantiationPolicy, request.channel, stub)
  }

  private func write(
    _ package: ChaincodePackage, _ request: Request, mayHaveCollections: Bool, _ stub: ChaincodeStub
  ) async throws -> ChaincodeData {
    var definition = package.definition
    definition.escc = request.escc
    definition.vscc = request.vscc
    definition.policy = request.policy
    if let policy = package.instantiationPolicy {
      definition.instantiationPolicy = policy
    } else {
      let organizations = try await peer.organizations(request.channel)
      definition.instantiationPolicy = SignaturePolicyEnvelope.anyOf(organizations, role: 1).wireBytes()
    }
    try await checkInstantiation(definition.instantiationPolicy, request.channel, stub)
    try await stub.putState(definition.name, definition.wireBytes())
    if let collections = request.collections {
      guard mayHaveCollections else {
        throw LedgerError("as V1_2 capability is not enabled, collection upgrades are not allowed")
      }
      try CollectionRules(version: version).check(collections, of: request.id)
      do {
        try await stub.putState(CollectionRules.key(of: definition.name), collections)
      } catch {
        throw LedgerError(
          joining: "error putting collection for chaincode ", definition.name, ":", definition.version, ": ",
          error.text)
      }
    }
    return definition
  }

  /// Whether the proposal's creator may put the chaincode into force.
  private func checkInstantiation(_ bytes: [UInt8], _ channel: WireString, _ stub: ChaincodeStub) async throws
  {
    let policy = try SignaturePolicies.policy(bytes, version)
    guard let proposal = stub.signedProposal else {
      throw LedgerError("instantiation policy violation: the transaction has no proposal")
    }
    let signed = try SignedIdentity(proposal, version: version)
    do {
      try await policies.evaluate(policy, [signed], channel: channel)
    } catch {
      throw LedgerError(joining: "instantiation policy violation: ", error.text)
    }
  }
}
