import InprocHost
import MessageFSM

/// What a simulated peer is made of; it trusts everybody, since who may do what is not what is simulated.
struct SimulatedPeer: Sendable {
  static let channel: WireString = "trade"
  static let chaincode: WireString = "assets"

  let ledgers: InMemoryLedgerProvider
  let services: SystemChaincodeServices
  let endorser: EndorserServices
  let configuration: HostConfiguration

  init(_ world: SimulationWorld) {
    let options = InMemoryLedger.Options(fabricVersion: .v1_4)
    let ledgers = InMemoryLedgerProvider(options: options)
    let packages = MemoryPackageStore()
    var services = SystemChaincodeServices(channels: InMemoryChannels(ledgers, options: options))
    services.packages = packages
    services.policies = Everybody()
    services.organizations = { _ in [Everybody.organization] }
    var endorser = EndorserServices(verifier: Everybody(), signer: Everybody())
    endorser.packages = packages
    var configuration = world.configuration(version: .v1_4)
    configuration.ledgers = ledgers
    configuration.accessControl = Everybody()
    configuration.lifecycle = InstalledLifecycle(packages)
    configuration.gracePeriod = .milliseconds(500)
    self.ledgers = ledgers
    self.services = services
    self.endorser = endorser
    self.configuration = configuration
  }

  static func id(_ version: Int) -> ChaincodeVersion {
    ChaincodeVersion(name: chaincode, version: WireString("\(version)"))
  }

  static func package(_ version: Int) -> ChaincodePackage {
    ChaincodePackage(id(version), path: "assets/path", args: [Array("init".utf8)])
  }

  /// Block 0 of a channel, with no more than a peer looks at.
  static func genesis(_ channel: WireString) -> Block {
    var root = ConfigGroup()
    root.groups = [MapEntry(key: "Application", value: ConfigGroup().wireBytes())]
    var config = ChannelConfig()
    config.channelGroup = root
    return .genesis(channel: channel, config: config)
  }
}

/// Somebody who signs for everybody and may do everything.
struct Everybody: SigningIdentity, IdentityVerifier, PolicyEvaluator, ACLProvider {
  static let organization: WireString = "Org1"

  var serialized: [UInt8] {
    SerializedIdentity(mspid: Self.organization, idBytes: Array("everybody".utf8)).wireBytes()
  }

  func sign(_ message: [UInt8]) -> [UInt8] { [1] }

  func identity(_ serialized: [UInt8], channel: WireString) async throws -> KnownIdentity {
    KnownIdentity(organization: Self.organization, serialized: serialized, roles: [.admin])
  }

  func verify(_ signature: [UInt8], of data: [UInt8], by identity: KnownIdentity) async throws {}

  func evaluate(
    _ policy: SignaturePolicyEnvelope, _ signatures: [SignedIdentity], channel: WireString
  ) async throws {}

  func evaluate(named name: WireString, _ signatures: [SignedIdentity], channel: WireString) async throws {}

  func checkACL(resource: String, channel: WireString, proposal: SignedProposal?) async throws {}
}

/// Says which version it is, after some questions to the peer, so that it takes a while.
struct VersionedChaincode: Chaincode {
  let version: Int

  func invoke(_ stub: ChaincodeStub) async throws -> Response {
    for key in 0..<2 { _ = try await stub.getState("k\(key)") }
    try await stub.putState(stub.txid, Array("\(version)".utf8))
    if stub.args.first == Array("chain".utf8) {
      let answer = await stub.invokeChaincode(
        "qscc", args: [Array("GetChainInfo".utf8), stub.channelID.bytes])
      guard answer.status == Response.ok else { return answer }
    }
    return .success(Array("\(version)".utf8))
  }
}
