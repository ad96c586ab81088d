public import InprocHost
public import MessageFSM

/// What the built-in system chaincodes need besides what a host is configured with.
public struct SystemChaincodeServices: Sendable {
  /// The channels that cscc tells of and joins.
  public var channels: any ChannelManager
  /// What is installed.
  public var packages: any PackageStore = MemoryPackageStore()
  /// Who may put chaincode into force, and change configurations; nobody by default.
  public var policies: any PolicyEvaluator = RefusingPolicyEvaluator()
  /// Who endorses in escc, and for which organization `_lifecycle` approves; `nil` is nobody.
  public var signer: (any SigningIdentity)?
  /// The organizations that may run applications on a channel; `nil` takes those of its configuration.
  public var organizations: (@Sendable (_ channel: WireString) async throws -> [WireString])?
  /// Whether qscc refuses calls from other chaincodes, as Fabric 2.0 and later do though here they cannot deadlock.
  public var queriesRefuseChaincodes = false

  /// Services around these channels.
  public init(channels: any ChannelManager) {
    self.channels = channels
  }
}

/// A system chaincode of the embedder's.
public struct CustomSystemChaincode: Sendable {
  /// What it does.
  public var chaincode: any Chaincode
  /// Its name and who may call it.
  public var descriptor: SystemChaincodeDescriptor

  /// A chaincode under this name.
  public init(_ chaincode: any Chaincode, as descriptor: SystemChaincodeDescriptor) {
    self.chaincode = chaincode
    self.descriptor = descriptor
  }
}

extension ChaincodeHost {
  /// Makes the system chaincodes of a release known, and the embedder's own beside them; ``deploy(channel:)`` starts them.
  ///
  /// ```swift
  /// try host.registerSystemChaincodes(.v1_4, services, beside: [.init(Clock(), as: .init(name: "clock"))])
  /// ```
  ///
  /// - Parameters:
  ///   - profile: the release.
  ///   - services: what they need.
  ///   - allowList: which of them are deployed, the embedder's too; `nil` is all.
  ///   - custom: the embedder's own.
  /// - Throws: ``HostError`` if a name is registered, or the host speaks another protocol than the release.
  public func registerSystemChaincodes(
    _ profile: SystemChaincodeProfile, _ services: SystemChaincodeServices,
    allowList: SystemChaincodeAllowList? = nil, beside custom: [CustomSystemChaincode] = []
  ) throws(HostError) {
    guard profile.version == configuration.version else {
      throw HostError(
        .invalidName,
        "the system chaincodes of \(profile.release) need a host of Fabric \(profile.version.rawValue)")
    }
    for descriptor in profile.descriptors {
      try register(
        builtIn(descriptor.name, profile, services) ?? Absent(), as: descriptor.allowed(by: allowList))
    }
    for custom in custom {
      try register(custom.chaincode, as: custom.descriptor.allowed(by: allowList))
    }
  }

  private func builtIn(
    _ name: WireString, _ profile: SystemChaincodeProfile, _ services: SystemChaincodeServices
  ) -> (any Chaincode)? {
    switch name {
    case QueryChaincode.name:
      // The host holds the chaincode, so the chaincode must not hold the host.
      return QueryChaincode(
        access: configuration.accessControl, version: configuration.version,
        refusesChaincodes: services.queriesRefuseChaincodes
      ) { [weak self] channel, stub in self?.chain(of: channel, for: stub, in: name) }
    case ConfigurationChaincode.name:
      return ConfigurationChaincode(
        ledgers: configuration.ledgers, channels: services.channels, access: configuration.accessControl,
        policies: services.policies, version: configuration.version,
        capabilities: profile.capabilities
      ) { [weak self] channel in try await self?.deploy(channel: channel) }
    case LifecycleChaincode.name:
      return LifecycleChaincode(
        packages: services.packages, policies: services.policies, access: configuration.accessControl,
        version: configuration.version, peer: lifecyclePeer(services))
    case EndorsementChaincode.name: return EndorsementChaincode(signer: services.signer)
    case ValidationChaincode.name:
      return ValidationChaincode(ledgers: configuration.ledgers, policies: services.policies)
    case DefinitionChaincode.name:
      return DefinitionChaincode(access: configuration.accessControl, peer: definitionPeer(services))
    case _: return nil
    }
  }

  private func definitionPeer(_ services: SystemChaincodeServices) -> DefinitionChaincode.Peer {
    let channels = ChannelConfiguration(ledgers: configuration.ledgers, version: configuration.version)
    let own = services.signer.flatMap { try? SerializedIdentity(wireBytes: $0.serialized).mspid }
    return DefinitionChaincode.Peer(
      organization: own, capabilities: configuration.capabilities,
      organizations: services.organizations ?? { try await channels.organizations($0) },
      hasEndorsementPolicy: { channel in
        try await channels.config(channel).channelGroup?.group("Application")?.policy("Endorsement") != nil
      })
  }

  private func lifecyclePeer(_ services: SystemChaincodeServices) -> LifecycleChaincode.Peer {
    let ledgers = configuration.ledgers
    let channels = ChannelConfiguration(ledgers: ledgers, version: configuration.version)
    return LifecycleChaincode.Peer(
      hasChannel: { ledgers.ledger(channel: $0) != nil }, capabilities: configuration.capabilities,
      organizations: services.organizations ?? { try await channels.organizations($0) },
      isSystemChaincode: { [weak self] name in self?.isSystemChaincode(name) ?? true })
  }
}

extension SystemChaincodeDescriptor {
  fileprivate func allowed(by list: SystemChaincodeAllowList?) -> SystemChaincodeDescriptor {
    guard let list, !list.allows(name) else { return self }
    var copy = self
    copy.enabled = false
    return copy
  }
}

/// Stands where a name is kept and nothing is deployed.
private struct Absent: Chaincode {
  func invoke(_ stub: ChaincodeStub) async throws -> Response {
    throw LedgerError("there is no such system chaincode here")
  }
}
