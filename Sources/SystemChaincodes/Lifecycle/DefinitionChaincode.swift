public import InprocHost
public import MessageFSM

/// Lets organizations agree on the chaincodes of a channel: `_lifecycle` (Fabric 2.0 and later, `core/chaincode/lifecycle`).
///
/// An organization's approval is in its implicit collection `_implicit_org_NAME`, the definition that is in force in the public
/// state of `_lifecycle`, both as Fabric writes them. Fabric's packages are not read here, so what is about them is refused.
public struct DefinitionChaincode: Chaincode {
  /// The name.
  public static let name: WireString = "_lifecycle"

  /// What it can be asked.
  public enum Function: String, Sendable, Hashable, CaseIterable {
    /// Takes a package; refused here.
    case installChaincode = "InstallChaincode"
    /// One package; refused here.
    case queryInstalledChaincode = "QueryInstalledChaincode"
    /// The bytes of a package; refused here.
    case getInstalledChaincodePackage = "GetInstalledChaincodePackage"
    /// All packages; refused here.
    case queryInstalledChaincodes = "QueryInstalledChaincodes"
    /// Approves a definition for the peer's organization.
    case approveForMyOrg = "ApproveChaincodeDefinitionForMyOrg"
    /// What the peer's organization has approved.
    case queryApproved = "QueryApprovedChaincodeDefinition"
    /// All that the peer's organization has approved (Fabric 3.0); refused here.
    case queryAllApproved = "QueryApprovedChaincodeDefinitions"
    /// Who has approved a definition.
    case checkCommitReadiness = "CheckCommitReadiness"
    /// Puts a definition into force.
    case commit = "CommitChaincodeDefinition"
    /// The definition that is in force, and who has approved it.
    case query = "QueryChaincodeDefinition"
    /// All definitions that are in force.
    case queryAll = "QueryChaincodeDefinitions"

    /// Why it is not here; `nil` if it is.
    var refusal: WireString? {
      switch self {
      case .installChaincode, .queryInstalledChaincode, .getInstalledChaincodePackage,
        .queryInstalledChaincodes:
        "this peer has no packages of Fabric 2.0 and later: its chaincodes are compiled in"
      case .queryAllApproved: "this peer lists approvals one chaincode at a time only"
      case .approveForMyOrg, .queryApproved, .checkCommitReadiness, .commit, .query, .queryAll: nil
      }
    }
  }

  /// What `_lifecycle` needs of the peer.
  public struct Peer: Sendable {
    /// The organization that the peer is of; `nil` if nobody said it.
    public var organization: WireString?
    /// What the channel's configuration allows.
    public var capabilities: @Sendable (_ channel: WireString) -> ApplicationCapabilities
    /// The organizations that may run applications on a channel.
    public var organizations: @Sendable (_ channel: WireString) async throws -> [WireString]
    /// Whether the channel's configuration has a policy for endorsements.
    public var hasEndorsementPolicy: @Sendable (_ channel: WireString) async throws -> Bool

    /// A peer.
    public init(
      organization: WireString?,
      capabilities: @escaping @Sendable (_ channel: WireString) -> ApplicationCapabilities,
      organizations: @escaping @Sendable (_ channel: WireString) async throws -> [WireString],
      hasEndorsementPolicy: @escaping @Sendable (_ channel: WireString) async throws -> Bool
    ) {
      self.organization = organization
      self.capabilities = capabilities
      self.organizations = organizations
      self.hasEndorsementPolicy = hasEndorsementPolicy
    }
  }

  private let access: any ACLProvider
  private let peer: Peer

  /// A `_lifecycle`.
  ///
  /// - Parameters:
  ///   - access: who may ask; `_lifecycle/FUNCTION` is what it is asked for.
  ///   - peer: what it needs of the peer.
  public init(access: any ACLProvider, peer: Peer) {
    self.access = access
    self.peer = peer
  }

  /// Does one function; the arguments are its name and its marshalled arguments.
  ///
  /// - Throws: Fabric's text if it cannot be done.
  public func invoke(_ stub: ChaincodeStub) async throws -> Response {
    let args = stub.args
    if args.isEmpty { throw LedgerError("lifecycle scc must be invoked with arguments") }
    guard args.count == 2 else {
      throw LedgerError(
        "lifecycle scc operations require exactly two arguments but received \(args.count)")
    }
    let name = WireString(bytes: args[0])
    let channel = stub.channelID
    guard channel.isEmpty || peer.capabilities(channel).lifecycleV20 else {
      throw LedgerError(
        joining: "cannot use new lifecycle for channel '", channel,
        "' as it does not have the required capabilities enabled")
    }
    do {
      try await access.checkACL(
        resource: "_lifecycle/\(name.string)", channel: channel, proposal: stub.signedProposal)
    } catch {
      throw LedgerError(joining: "Failed to authorize invocation due to failed ACL check: ", error.text)
    }
    do {
      guard let function = Function(rawValue: name.string) else {
        throw LedgerError(joining: "receiver *lifecycle.Invocation.", name, " does not exist")
      }
      return .success(try await answer(function, args[1], stub))
    } catch let error as NotDefined {
      return Response(status: 404, message: error.text)
    } catch {
      throw LedgerError(
        joining: "failed to invoke backing implementation of '", name, "': ", error.text)
    }
  }

  private func answer(_ function: Function, _ bytes: [UInt8], _ stub: ChaincodeStub) async throws -> [UInt8] {
    if let refusal = function.refusal { throw LedgerError(refusal) }
    let call = DefinitionCall(function: function, stub: stub, peer: peer)
    func read<Message: WireMessage>() throws(LedgerError) -> Message {
      try Message.read(bytes, .v3_1) {
        WireString(
          joining: "could not decode input arg for *lifecycle.Invocation.", WireString(function.rawValue),
          ": ", $0)
      }
    }
    switch function {
    case .approveForMyOrg:
      try await call.approve(read())
      return []
    case .queryApproved: return try await call.approved(read()).wireBytes()
    case .checkCommitReadiness:
      var readiness = CommitReadiness()
      readiness.approvals = try await call.approvals(of: call.checked(read()))
      return readiness.wireBytes()
    case .commit:
      try await call.commit(read())
      return []
    case .query: return try await call.committed(read()).wireBytes()
    case .queryAll: return try await call.allCommitted().wireBytes()
    case .installChaincode, .queryInstalledChaincode, .getInstalledChaincodePackage,
      .queryInstalledChaincodes, .queryAllApproved:
      return []
    }
  }

  /// A chaincode that is not in force, which is no failure: the status is 404.
  struct NotDefined: Error {
    let name: WireString
    var text: WireString { WireString(joining: "namespace ", name, " is not defined") }
  }
}
