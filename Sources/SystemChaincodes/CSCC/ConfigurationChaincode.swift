public import InprocHost
public import MessageFSM

/// Joins channels and tells how they are configured: `cscc` (Fabric `core/scc/cscc`).
public struct ConfigurationChaincode: Chaincode {
  /// The name.
  public static let name: WireString = "cscc"

  /// What it can be asked.
  public enum Function: String, Sendable, Hashable, CaseIterable {
    /// Makes a channel's ledger from its first block.
    case joinChain = "JoinChain"
    /// Makes a channel's ledger from a snapshot (Fabric 2.3); refused here.
    case joinChainBySnapshot = "JoinChainBySnapshot"
    /// Whether a snapshot is being taken in (Fabric 2.3); refused here.
    case joinBySnapshotStatus = "JoinBySnapshotStatus"
    /// The last configuration block.
    case getConfigBlock = "GetConfigBlock"
    /// The channels of the peer.
    case getChannels = "GetChannels"
    /// The configuration (Fabric 2.3).
    case getChannelConfig = "GetChannelConfig"
    /// The configuration (up to Fabric 1.4).
    case getConfigTree = "GetConfigTree"
    /// Whether an update of the configuration would be accepted (up to Fabric 1.4).
    case simulateConfigTreeUpdate = "SimulateConfigTreeUpdate"

    /// Whether that Fabric has the function.
    public func exists(in version: FabricVersion) -> Bool {
      switch self {
      case .joinChain, .getConfigBlock, .getChannels: true
      case .joinChainBySnapshot, .joinBySnapshotStatus, .getChannelConfig: version == .v3_1
      case .getConfigTree, .simulateConfigTreeUpdate: version == .v1_4
      }
    }
  }

  let ledgers: any LedgerProvider
  let version: FabricVersion
  private let channels: any ChannelManager
  private let access: any ACLProvider
  private let policies: any PolicyEvaluator
  private let capabilities: CapabilitySupport
  private let deploy: @Sendable (_ channel: WireString) async throws -> Void

  /// A cscc for these channels.
  ///
  /// - Parameters:
  ///   - ledgers: the ledgers of the channels.
  ///   - channels: which channels there are, and how another is joined.
  ///   - access: who may ask; `cscc/FUNCTION` is what it is asked for.
  ///   - policies: who may change a configuration.
  ///   - version: whose functions and texts it has.
  ///   - capabilities: what a channel that is joined may ask for.
  ///   - deploy: deploys the system chaincodes to a channel that was just joined.
  public init(
    ledgers: any LedgerProvider, channels: any ChannelManager, access: any ACLProvider,
    policies: any PolicyEvaluator = RefusingPolicyEvaluator(), version: FabricVersion,
    capabilities: CapabilitySupport, deploy: @escaping @Sendable (_ channel: WireString) async throws -> Void
  ) {
    self.ledgers = ledgers
    self.channels = channels
    self.access = access
    self.policies = policies
    self.version = version
    self.capabilities = capabilities
    self.deploy = deploy
  }

  /// Does one function; the arguments are its name and what it is about.
  ///
  /// - Throws: Fabric's text if it cannot be done.
  public func invoke(_ stub: ChaincodeStub) async throws -> Response {
    let args = stub.args
    guard let first = args.first else { throw LedgerError("Incorrect number of arguments, 0") }
    let name = WireString(bytes: first)
    let known = Function(rawValue: name.string)
    let needsNothing = known == .getChannels || known == .joinBySnapshotStatus && version == .v3_1
    if args.count < 2 && !needsNothing {
      throw LedgerError("Incorrect number of arguments, \(args.count)")
    }
    // Other chaincodes cannot call it: 1.4 says so in its descriptor, 2.0 and later here.
    if version == .v3_1 {
      try InvokedChaincode.check(
        Self.name, in: stub.signedProposal, version: version,
        refusal: "Rejecting invoke of CSCC from another chaincode")
    }
    guard let function = known, function.exists(in: version) else {
      throw LedgerError(joining: "Requested function ", name, " not found.")
    }
    return try await run(function, Array(args.dropFirst()), stub.signedProposal)
  }

  private func run(
    _ function: Function, _ parameters: [[UInt8]], _ proposal: SignedProposal?
  ) async throws -> Response {
    let parameter = parameters.first ?? []
    let channel = WireString(bytes: parameter)
    switch function {
    case .joinChain:
      try await join(parameter, proposal)
      return .success()
    case .joinChainBySnapshot:
      if parameter.isEmpty { throw LedgerError("Cannot join the channel, no snapshot directory provided") }
      try await check(function, .empty, proposal, denied: "]: [", closing: "]")
      throw LedgerError("this peer cannot join a channel from a snapshot: its ledgers keep every block")
    case .joinBySnapshotStatus:
      try await check(function, .empty, proposal)
      throw LedgerError("this peer cannot join a channel from a snapshot, so none is being taken in")
    case .getConfigBlock:
      try await check(function, channel, proposal, named: parameter)
      return .success(try await configBlock(channel).wireBytes())
    case .getChannels:
      try await check(function, .empty, proposal)
      var answer = ChannelQueryResponse()
      answer.channels = channels.channels.map { channel in
        var info = ChannelInfo()
        info.channelID = channel
        return info
      }
      return .success(answer.wireBytes())
    case .getChannelConfig:
      if parameter.isEmpty { throw LedgerError("empty channel name provided") }
      try await check(function, channel, proposal, named: parameter)
      return .success(try await config(channel, unknown: "unknown channel ID, "))
    case .getConfigTree:
      try await check(function, channel, proposal, named: parameter)
      var tree = ConfigTree()
      tree.channelConfig = try await config(channel, unknown: "Unknown chain ID, ")
      return .success(tree.wireBytes())
    case .simulateConfigTreeUpdate:
      try await check(function, channel, proposal, named: parameter)
      // Fabric reads the second argument without looking whether there is one, and dies.
      guard parameters.count > 1 else { throw LedgerError("Config delta bytes must not be nil") }
      try await simulate(parameters[1], channel)
      return .success(Array("Simulation is successful".utf8))
    }
  }

  /// Asks the access control.
  ///
  /// - Throws: Fabric's text with the reason of the refusal.
  private func check(
    _ function: Function, _ channel: WireString, _ proposal: SignedProposal?, named: [UInt8]? = nil,
    denied: WireString = "]: ", closing: WireString = ""
  ) async throws {
    do {
      try await access.checkACL(resource: "cscc/\(function.rawValue)", channel: channel, proposal: proposal)
    } catch {
      let name = named.map { WireString(joining: "][", WireString(bytes: $0)) } ?? ""
      throw LedgerError(
        joining: "access denied for [", WireString(function.rawValue), name, denied, error.text, closing)
    }
  }

  private func join(_ bytes: [UInt8], _ proposal: SignedProposal?) async throws {
    let config: ConfigBlock
    do throws(LedgerError) {
      config = try ConfigBlock(wireBytes: bytes, version: version)
    } catch {
      throw LedgerError(joining: "Failed to reconstruct the genesis block, ", error.message)
    }
    let channel: WireString
    do throws(LedgerError) {
      channel = try config.channel()
    } catch {
      throw LedgerError(
        joining: "\"JoinChain\" request failed to extract channel id from the block due to [", error.message,
        "]")
    }
    do throws(LedgerError) {
      try config.validate(capabilities)
    } catch {
      throw LedgerError(
        joining: "\"JoinChain\" for ", version == .v1_4 ? "chainID" : "channelID", " = ", channel,
        " failed because of validation of configuration block, because of ", error.message)
    }
    try await check(.joinChain, .empty, proposal, named: channel.bytes, denied: "]: [", closing: "]")
    try await channels.join(channel: channel, genesis: config.withVerdicts())
    try await deploy(channel)
  }

  private func simulate(_ bytes: [UInt8], _ channel: WireString) async throws {
    let envelope = try Envelope.read(bytes, version)
    let header = try EnvelopePayload.read(envelope.payload, version) {
      WireString(joining: "failed unmarshaling payload: ", $0)
    }.header
    // Fabric reads the header without looking whether there is one, and dies.
    guard let header else { throw LedgerError("failed unmarshaling payload header: there is none") }
    let channelHeader = try ChannelHeader.read(header.channelHeader, version) {
      WireString(joining: "failed unmarshaling payload header: ", $0)
    }
    guard channelHeader.type == ChannelHeader.HeaderType.configUpdate.rawValue else {
      throw LedgerError("invalid payload header type: \(channelHeader.type)")
    }
    let config = try await config(channel, unknown: "Unknown chain ID, ")
    let check = ConfigUpdateCheck(
      channel: channel, current: try ChannelConfig(wireBytes: config), policies: policies, version: version)
    try await check.check(envelope)
  }

  // MARK: Configurations

  /// The configuration block that the last block of the chain refers to (Fabric `peer.ConfigBlockFromLedger`).
  func configBlock(_ channel: WireString) async throws -> Block {
    let unknown: WireString = version == .v1_4 ? "Unknown chain ID, " : "Unknown channel ID, "
    guard let ledger = ledgers.ledger(channel: channel) else { throw LedgerError(joining: unknown, channel) }
    return try await ChannelConfiguration(ledgers: ledgers, version: version).block(ledger)
  }

  /// The marshalled configuration of a channel.
  private func config(_ channel: WireString, unknown: WireString) async throws -> [UInt8] {
    guard let ledger = ledgers.ledger(channel: channel) else { throw LedgerError(joining: unknown, channel) }
    let block = try await ChannelConfiguration(ledgers: ledgers, version: version).block(ledger)
    return try ConfigBlock(block, version: version).configuration().config ?? []
  }
}
