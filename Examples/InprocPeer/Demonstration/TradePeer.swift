import InprocHost
import MessageFSM
import Synchronization
import SystemChaincodes

/// A peer as an embedder builds it, and the clients who come to its door.
final class TradePeer: Sendable {
  let host: ChaincodeHost
  let diagram = MessageDiagram()
  private let ledgers: InMemoryLedgerProvider
  private let services: SystemChaincodeServices
  private let endorser: EndorserServices
  private let calls = Atomic(0)

  init() {
    let options = InMemoryLedger.Options(fabricVersion: .v1_4)
    let membership = Membership()
    let packages = MemoryPackageStore()
    ledgers = InMemoryLedgerProvider(options: options)
    let policies = ConfiguredPolicies(verifier: membership, ledgers: ledgers, version: .v1_4)

    var services = SystemChaincodeServices(channels: InMemoryChannels(ledgers, options: options))
    services.packages = packages
    services.policies = policies
    services.organizations = { _ in TradeChannel.organizations }
    self.services = services

    var endorser = EndorserServices(verifier: membership, signer: Member.peer)
    endorser.packages = packages
    self.endorser = endorser

    var configuration = HostConfiguration(version: .v1_4, ledgers: ledgers, clock: ContinuousClock())
    configuration.accessControl = PolicyAccess(policies: policies, version: .v1_4)
    configuration.lifecycle = InstalledLifecycle(packages)
    configuration.observer = diagram
    host = ChaincodeHost(configuration)
  }

  /// Starts lscc, cscc and qscc.
  func deploySystemChaincodes() async throws {
    try host.registerSystemChaincodes(.v1_4, services)
    try await host.deploy()
  }

  /// What a client sends to a peer: a proposal with a nonce of its own and a signature.
  func propose(
    _ member: Member, _ chaincode: WireString, _ args: [Argument], channel: WireString
  ) async throws -> SignedProposal {
    let call = calls.wrappingAdd(1, ordering: .relaxed).newValue
    return try await ClientTransaction.proposal(
      chaincode, args.map(\.bytes), channel: channel, nonce: Array("nonce \(call)".utf8), signer: member)
  }

  /// The endorser's door.
  func endorse(_ proposal: SignedProposal) async -> ProposalResponse {
    await host.processProposal(proposal, endorser)
  }

  /// The ledger of the channel, once the peer has joined it.
  var ledger: any PeerLedger {
    get throws {
      guard let ledger = ledgers.ledger(channel: TradeChannel.name) else {
        throw LedgerError("the peer has not joined the channel")
      }
      return ledger
    }
  }

  /// What an ordering service does, and the peer with the block that comes back.
  func commit(_ envelopes: [Envelope]) async throws -> [TxValidationCode] {
    try await ledger.commit(envelopes: envelopes)
  }
}
