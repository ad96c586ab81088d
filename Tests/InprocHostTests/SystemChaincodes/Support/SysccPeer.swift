import InprocHost
import MessageFSM
import SystemChaincodes

/// A whole peer with Fabric's access rules, on whose channel `trade` two organizations work.
struct SysccPeer {
  let host: ChaincodeHost
  let ledgers: InMemoryLedgerProvider
  let packages: any PackageStore
  let services: EndorserServices
  private let privateData: SysccPrivateData
  private let nonces = Counter()

  final class Counter: Sendable {
    private let value = Locked(UInt64(0))

    func next() -> [UInt8] {
      let ordinal = value.withLock { value in
        value += 1
        return value
      }
      return Array("nonce \(ordinal)".utf8)
    }
  }

  /// Runs `body` with a peer that has joined the channel.
  static func run<Result: Sendable>(
    _ profile: SystemChaincodeProfile = .v1_4, packages: any PackageStore = MemoryPackageStore(),
    organizations: [WireString] = ["Org1", "Org2"],
    adjust: (inout HostConfiguration) -> Void = { _ in },
    _ body: (SysccPeer) async throws -> Result
  ) async throws -> Result {
    let options = InMemoryLedger.Options(fabricVersion: profile.version, organizations: organizations)
    let ledgers = InMemoryLedgerProvider(options: options)
    let verifier = SysccVerifier()
    let policies = ConfiguredPolicies(verifier: verifier, ledgers: ledgers, version: profile.version)
    var configuration = HostConfiguration(
      version: profile.version, ledgers: ledgers, clock: ContinuousClock())
    configuration.accessControl = PolicyAccess(policies: policies, version: profile.version)
    configuration.lifecycle = InstalledLifecycle(packages)
    configuration.collections = LSCCCollectionStore(options: options, evaluator: SysccPrincipals())
    adjust(&configuration)
    var services = SystemChaincodeServices(channels: InMemoryChannels(ledgers, options: options))
    services.packages = packages
    services.policies = policies
    services.signer = SysccIdentity.peer
    let privateData = SysccPrivateData()
    var endorser = EndorserServices(verifier: verifier, signer: SysccIdentity.peer)
    endorser.packages = packages
    endorser.distributePrivateData = { _, txid, writes in privateData.add(txid, writes) }
    return try await withChaincodeHost(configuration) { [endorser] host in
      try host.registerSystemChaincodes(profile, services)
      try await host.deploy()
      let peer = SysccPeer(
        host: host, ledgers: ledgers, packages: packages, services: endorser, privateData: privateData)
      let joined = try await peer.ask(
        "cscc", ["JoinChain", SysccGenesis(organizations: organizations).block.wireBytes()], as: .admin)
      guard joined.status == Response.ok else { throw LedgerError(joined.message) }
      return try await body(peer)
    }
  }

  var ledger: InMemoryLedger {
    get throws {
      guard let ledger = ledgers.ledger(channel: "trade") as? InMemoryLedger else {
        throw LedgerError("no ledger")
      }
      return ledger
    }
  }

  func propose(
    _ chaincode: WireString, _ args: [any SysccArgument], channel: WireString = .empty,
    as client: SysccIdentity
  ) async throws -> (SignedProposal, ProposalResponse) {
    let proposal = try await ClientTransaction.proposal(
      chaincode, args.map(\.bytes), channel: channel, nonce: nonces.next(), signer: client)
    return (proposal, await host.processProposal(proposal, services))
  }

  /// Asks without a channel.
  func ask(
    _ chaincode: WireString, _ args: [any SysccArgument], channel: WireString = .empty,
    as client: SysccIdentity = .alice
  ) async throws -> Response {
    try await propose(chaincode, args, channel: channel, as: client).1.response ?? Response()
  }

  /// The envelope of an endorsed call; an error with the answer's text if it is not endorsed.
  func endorsed(
    _ chaincode: WireString, _ args: [any SysccArgument], as client: SysccIdentity = .alice
  ) async throws -> (Envelope, Response) {
    let (proposal, response) = try await propose(chaincode, args, channel: "trade", as: client)
    guard response.endorsement != nil else { throw LedgerError(response.response?.message ?? "no answer") }
    return (
      try await ClientTransaction.envelope(proposal, [response], signer: client),
      response.response ?? Response()
    )
  }

  /// Commits these transactions in one block; gives the verdicts.
  @discardableResult
  func commit(_ envelopes: [Envelope]) async throws -> [TxValidationCode] {
    try await ledger.commit(
      envelopes: envelopes, privateData: envelopes.enumerated().compactMap(privateData.writes))
  }

  /// Endorses and commits one call.
  @discardableResult
  func submit(
    _ chaincode: WireString, _ args: [any SysccArgument], as client: SysccIdentity = .alice
  ) async throws -> Response {
    let (envelope, response) = try await endorsed(chaincode, args, as: client)
    let verdicts = try await commit([envelope])
    guard verdicts == [.valid] else { throw LedgerError("\(verdicts)") }
    return response
  }

  func install(_ id: ChaincodeVersion, code: String = "") async throws {
    let package = ChaincodePackage(
      id, code: Array(code.utf8), path: "assets/path", args: [Array("init".utf8)])
    let response = try await ask("lscc", ["install", package.wireBytes], as: .admin)
    guard response.status == Response.ok else { throw LedgerError(response.message) }
  }
}

/// What has been endorsed, until it is committed (Fabric `transientstore`).
final class SysccPrivateData: Sendable {
  private let byTxid = Locked<[WireString: [UInt8]]>([:])

  func add(_ txid: WireString, _ writes: [UInt8]) {
    byTxid.withLock { $0[txid] = writes }
  }

  /// The private writes of the transaction at this place of a block.
  func writes(sequence: Int, of envelope: Envelope) -> PrivateWriteSet? {
    guard let header = try? EnvelopePayload(wireBytes: envelope.payload).header,
      let channelHeader = try? ChannelHeader(wireBytes: header.channelHeader)
    else { return nil }
    return byTxid.withLock { $0[channelHeader.txid] }.map {
      PrivateWriteSet(sequence: UInt64(sequence), writeSet: $0)
    }
  }
}

/// Everybody belongs to everything.
struct SysccPrincipals: PrincipalEvaluator {
  func satisfies(_ principal: MSPPrincipal, identity: SignedIdentity, channel: WireString) -> Bool { true }
}

/// What can be an argument of a call.
protocol SysccArgument: Sendable {
  var bytes: [UInt8] { get }
}

extension String: SysccArgument {
  var bytes: [UInt8] { Array(utf8) }
}

extension [UInt8]: SysccArgument {
  var bytes: [UInt8] { self }
}
