internal import InprocHost
internal import MessageFSM

/// One call of `_lifecycle` (Fabric `lifecycle.Invocation`, `ExternalFunctions`).
struct DefinitionCall {
  let function: DefinitionChaincode.Function
  let stub: ChaincodeStub
  let peer: DefinitionChaincode.Peer

  private var channel: WireString { stub.channelID }
  private var publicState: LifecycleState { LifecycleState(stub: stub) }

  /// The collection of the peer's organization.
  private var ownState: LifecycleState {
    get throws(LedgerError) {
      guard let organization = peer.organization else {
        throw LedgerError("the host was configured without a signer, so it has no organization")
      }
      return LifecycleState(stub: stub, organization: organization)
    }
  }

  private func place(_ name: WireString) -> LifecyclePlace {
    LifecyclePlace(namespace: LifecyclePlace.definitions, name: name)
  }

  /// Where an organization keeps what it has approved.
  private func approval(_ name: WireString, _ sequence: Int64, in namespace: WireString) -> LifecyclePlace {
    LifecyclePlace(namespace: namespace, name: WireString(joining: name, "#\(sequence)"))
  }

  private func currentSequence(_ name: WireString) async throws -> Int64 {
    do {
      return try await place(name).field("Sequence", in: publicState).int64
    } catch {
      throw LedgerError(joining: "could not get current sequence: ", error.text)
    }
  }

  // MARK: Approving

  func approve(_ message: ChaincodeDefinitionMessage) async throws {
    try await checkRules(message)
    let source = try ChaincodeSource.read(message.source ?? [], .v3_1)
    let packageID = source.localPackage?.packageID ?? .empty
    let (name, wanted) = (message.name, message.sequence)
    let current = try await currentSequence(name)
    if current == 0 && wanted == 0 {
      throw LedgerError("requested sequence is 0, but first definable sequence number is 1")
    }
    if wanted < current {
      throw LedgerError("currently defined sequence \(current) is larger than requested sequence \(wanted)")
    }
    // Nobody has reached the greatest number by counting.
    if wanted > current &+ 1 {
      throw LedgerError(
        "requested sequence \(wanted) is larger than the next available sequence number \(current &+ 1)")
    }
    let parameters = ChaincodeParameters(try await withDefaults(message))
    if wanted == current { try await check(parameters, equalCommitted: name, current) }
    let own = try ownState
    if try await hasApproved(name, wanted, parameters, packageID, own) {
      throw LedgerError(
        joining: wanted == current
          ? "attempted to redefine the current committed sequence (\(wanted)) for namespace "
          : "attempted to redefine uncommitted sequence (\(wanted)) for namespace ",
        name, wanted == current ? "" : " with unchanged content")
    }
    try await approval(name, wanted, in: LifecyclePlace.definitions).write(parameters, to: own)
    try await approval(name, wanted, in: LifecyclePlace.sources).write(
      LocalPackageRecord(packageID: packageID), to: own)
  }

  private func check(
    _ parameters: ChaincodeParameters, equalCommitted name: WireString, _ sequence: Int64
  ) async throws {
    guard let metadata = try await place(name).metadata(in: publicState) else {
      throw LedgerError("missing metadata for currently committed sequence number (\(sequence))")
    }
    let committed: CommittedDefinition = try await place(name).read(metadata, in: publicState)
    do throws(LedgerError) {
      try committed.parameters.check(equals: parameters)
    } catch {
      throw LedgerError(
        joining: "attempted to redefine the current committed sequence (\(sequence)) for namespace ", name,
        " with different parameters: ", error.message)
    }
  }

  /// Whether the organization has approved the very same before, package and all.
  private func hasApproved(
    _ name: WireString, _ sequence: Int64, _ parameters: ChaincodeParameters, _ packageID: WireString,
    _ own: LifecycleState
  ) async throws -> Bool {
    let definition = approval(name, sequence, in: LifecyclePlace.definitions)
    guard let metadata = try await definition.metadata(in: own) else { return false }
    let stored: ChaincodeParameters = try await definition.read(metadata, in: own)
    guard (try? stored.check(equals: parameters)) != nil else { return false }
    let source = approval(name, sequence, in: LifecyclePlace.sources)
    guard let metadata = try await source.metadata(in: own) else { return false }
    let package: LocalPackageRecord = try await source.read(metadata, in: own)
    return package.packageID == packageID
  }

  func approved(_ query: ChaincodeDefinitionQuery) async throws -> ChaincodeDefinitionAnswer {
    let own = try ownState
    var sequence = query.sequence
    if sequence == 0 {
      sequence = try await currentSequence(query.name)
      let next = approval(query.name, sequence &+ 1, in: LifecyclePlace.definitions)
      if try await next.metadata(in: own) != nil { sequence &+= 1 }
    }
    let definition = approval(query.name, sequence, in: LifecyclePlace.definitions)
    let source = approval(query.name, sequence, in: LifecyclePlace.sources)
    guard let metadata = try await definition.metadata(in: own),
      let sourceMetadata = try await source.metadata(in: own)
    else {
      throw LedgerError(
        joining: "could not fetch approved chaincode definition (name: '", query.name,
        "', sequence: '\(query.sequence)') on channel '", channel, "'")
    }
    let parameters: ChaincodeParameters = try await definition.read(metadata, in: own)
    let package: LocalPackageRecord = try await source.read(sourceMetadata, in: own)
    var answer = Self.answer(sequence, parameters)
    answer.details = [ChaincodeSource(packageID: package.packageID).wireBytes()]
    return answer
  }

  // MARK: Committing

  /// A definition that would be the next, with defaults where it says nothing.
  func checked(_ message: ChaincodeDefinitionMessage) async throws -> ChaincodeDefinitionMessage {
    let next = try await currentSequence(message.name) &+ 1
    guard message.sequence == next else {
      throw LedgerError(
        "requested sequence is \(message.sequence), but new definition must be sequence \(next)")
    }
    return try await withDefaults(message)
  }

  /// Which organizations have approved a definition, in the order of their names.
  func approvals(of message: ChaincodeDefinitionMessage) async throws -> [OrganizationApproval] {
    let place = approval(message.name, message.sequence, in: LifecyclePlace.definitions)
    let parameters = ChaincodeParameters(message)
    var approvals: [OrganizationApproval] = []
    for organization in try await peer.organizations(channel) {
      let state = LifecycleState(stub: stub, organization: organization)
      approvals.append(OrganizationApproval(organization, try await place.holds(parameters, in: state)))
    }
    return approvals
  }

  func commit(_ message: ChaincodeDefinitionMessage) async throws {
    try await checkRules(message)
    let organization = try ownState.organization ?? .empty
    guard try await peer.organizations(channel).contains(organization) else {
      throw LedgerError(
        """
        impossibly, this peer's org is processing requests for a channel it is not a member of
        """)
    }
    let definition = try await checked(message)
    let approvals = try await approvals(of: definition)
    try await place(message.name).write(
      CommittedDefinition(sequence: definition.sequence, ChaincodeParameters(definition)), to: publicState)
    guard approvals.contains(where: { $0.organization == organization && $0.isApproved }) else {
      throw LedgerError(joining: "chaincode definition not agreed to by this org (", organization, ")")
    }
  }

  func committed(_ query: ChaincodeDefinitionQuery) async throws -> ChaincodeDefinitionAnswer {
    let definition = try await committed(query.name)
    var answer = Self.answer(definition.sequence, definition.parameters)
    answer.details = try await approvals(of: definition.message(query.name)).map { $0.wireBytes() }
    return answer
  }

  private func committed(_ name: WireString) async throws -> CommittedDefinition {
    guard let metadata = try await place(name).metadata(in: publicState) else {
      throw DefinitionChaincode.NotDefined(name: name)
    }
    do {
      return try await place(name).read(metadata, in: publicState)
    } catch {
      throw LedgerError(
        joining: "could not deserialize namespace ", name, " as chaincode: ", error.text)
    }
  }

  func allCommitted() async throws -> ChaincodeDefinitionList {
    let prefix: WireString = "namespaces/metadata/"
    // Behind "/" comes "0", so these are the keys that begin with the prefix.
    let iterator = try await stub.getStateByRange(from: prefix, to: "namespaces/metadata0")
    var list = ChaincodeDefinitionList()
    while iterator.hasNext {
      let entry = try await iterator.next()
      guard try LifecycleMetadata.read(entry.value, .v3_1).datatype == CommittedDefinition.datatype else {
        continue
      }
      let name = WireString(bytes: entry.key.bytes.dropFirst(prefix.count))
      var listed = ChaincodeDefinitionList.ListedDefinition()
      listed.definition = try await committed(name).message(name)
      list.definitions.append(listed)
    }
    try await iterator.close()
    return list
  }

  private static func answer(_ sequence: Int64, _ parameters: ChaincodeParameters)
    -> ChaincodeDefinitionAnswer
  {
    var answer = ChaincodeDefinitionAnswer()
    answer.sequence = sequence
    answer.version = parameters.endorsement.version
    answer.endorsementPlugin = parameters.endorsement.endorsementPlugin
    answer.validationPlugin = parameters.validation.validationPlugin
    answer.validationParameter = parameters.validation.validationParameter
    answer.collections = parameters.collections
    answer.initRequired = parameters.endorsement.initRequired
    return answer
  }

  // MARK: Rules

  private func withDefaults(_ message: ChaincodeDefinitionMessage) async throws -> ChaincodeDefinitionMessage
  {
    var message = message
    if message.endorsementPlugin.isEmpty { message.endorsementPlugin = "escc" }
    if message.validationPlugin.isEmpty { message.validationPlugin = "vscc" }
    if message.validationParameter.isEmpty {
      let policy: WireString = "/Channel/Application/Endorsement"
      guard try await peer.hasEndorsementPolicy(channel) else {
        throw LedgerError(
          joining: "could not set defaults for chaincode definition in channel ", channel, ": policy '",
          policy, "' must be defined for channel '", channel,
          "' before chaincode operations can be attempted")
      }
      message.validationParameter = PolicyReference(name: policy).wireBytes()
    }
    return message
  }

  private func checkRules(_ message: ChaincodeDefinitionMessage) async throws {
    do {
      let metadata = try await place(message.name).metadata(in: publicState)
      let committed: CommittedDefinition? =
        if let metadata { try await place(message.name).read(metadata, in: publicState) } else { nil }
      try DefinitionRules(organizations: await peer.organizations(channel)).check(
        message, replacing: committed?.parameters.collections)
    } catch {
      throw LedgerError(joining: "error validating chaincode definition: ", error.text)
    }
  }
}
