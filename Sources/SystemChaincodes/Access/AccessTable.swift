public import MessageFSM

/// Which policy each resource asks for, as Fabric has it without configuration (`core/aclmgmt`).
public struct AccessTable: Sendable, Hashable {
  /// What a resource asks for.
  public enum Rule: Sendable, Hashable {
    /// A policy of the channel's configuration.
    case channel(WireString)
    /// A policy of the peer's own organization: `Admins` or `Members`.
    case local(WireString)
    /// Whoever may propose may do it.
    case coveredByProposal
  }

  /// The policy of those who read a channel.
  public static let readers: WireString = "/Channel/Application/Readers"
  /// The policy of those who write to a channel.
  public static let writers: WireString = "/Channel/Application/Writers"

  /// What the resources ask for.
  public var rules: [String: Rule]

  /// A table of its own.
  public init(_ rules: [String: Rule]) {
    self.rules = rules
  }

  /// The table of a release of Fabric.
  public init(_ version: FabricVersion) {
    switch version {
    case .v1_4: self.init(Self.common.merging(Self.only1_4) { $1 })
    case .v3_1: self.init(Self.common.merging(Self.since2) { $1 })
    }
  }

  private static let common: [String: Rule] = [
    "peer/Propose": .channel(writers),
    "peer/ChaincodeToChaincode": .channel(writers),
    "event/Block": .channel(readers),
    "event/FilteredBlock": .channel(readers),
    "lscc/Install": .local("Admins"),
    "lscc/GetInstalledChaincodes": .local("Admins"),
    "lscc/Deploy": .coveredByProposal,
    "lscc/Upgrade": .coveredByProposal,
    "lscc/ChaincodeExists": .channel(readers),
    "lscc/GetDeploymentSpec": .channel(readers),
    "lscc/GetChaincodeData": .channel(readers),
    "lscc/GetInstantiatedChaincodes": .channel(readers),
    "lscc/GetCollectionsConfig": .channel(readers),
    "qscc/GetChainInfo": .channel(readers),
    "qscc/GetBlockByNumber": .channel(readers),
    "qscc/GetBlockByHash": .channel(readers),
    "qscc/GetTransactionByID": .channel(readers),
    "qscc/GetBlockByTxID": .channel(readers),
    "cscc/JoinChain": .local("Admins"),
    "cscc/GetChannels": .local("Members"),
    "cscc/GetConfigBlock": .channel(readers),
  ]

  private static let only1_4: [String: Rule] = [
    "cscc/GetConfigTree": .channel(readers),
    "cscc/SimulateConfigTreeUpdate": .channel(writers),
    "token/Issue": .channel(writers),
    "token/Transfer": .channel(writers),
    "token/List": .channel(readers),
  ]

  private static let since2: [String: Rule] = [
    "cscc/JoinChainBySnapshot": .local("Admins"),
    "cscc/JoinBySnapshotStatus": .local("Admins"),
    "cscc/GetChannelConfig": .channel(readers),
    "_lifecycle/InstallChaincode": .local("Admins"),
    "_lifecycle/QueryInstalledChaincode": .local("Admins"),
    "_lifecycle/GetInstalledChaincodePackage": .local("Admins"),
    "_lifecycle/QueryInstalledChaincodes": .local("Admins"),
    "_lifecycle/ApproveChaincodeDefinitionForMyOrg": .local("Admins"),
    "_lifecycle/QueryApprovedChaincodeDefinition": .local("Admins"),
    "_lifecycle/QueryApprovedChaincodeDefinitions": .local("Admins"),
    "_lifecycle/CommitChaincodeDefinition": .channel(writers),
    "_lifecycle/QueryChaincodeDefinition": .channel(writers),
    "_lifecycle/QueryChaincodeDefinitions": .channel(writers),
    "_lifecycle/CheckCommitReadiness": .channel(writers),
    "snapshot/submitrequest": .local("Admins"),
    "snapshot/cancelrequest": .local("Admins"),
    "snapshot/listpending": .local("Admins"),
    "gateway/CommitStatus": .channel(readers),
    "gateway/ChaincodeEvents": .channel(readers),
  ]
}
