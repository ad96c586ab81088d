import InprocHost
import MessageFSM
import SystemChaincodes

/// Answers each resource with what the test says; remembers what it was asked.
final class SysccAccess: ACLProvider {
  private let refusals: [String: String]
  private let asked = Locked<[String]>([])

  init(refusals: [String: String] = [:]) {
    self.refusals = refusals
  }

  /// `resource@channel` of every question.
  var questions: [String] { asked.withLock { $0 } }

  func checkACL(resource: String, channel: WireString, proposal: SignedProposal?) async throws {
    asked.withLock { $0.append("\(resource)@\(channel)") }
    if let text = refusals[resource] { throw LedgerError(WireString(text)) }
  }
}

/// A host with system chaincodes and ledgers in memory.
struct SysccBench {
  let host: ChaincodeHost
  let ledgers: InMemoryLedgerProvider
  let access: any ACLProvider

  /// Runs `body` with a deployed host.
  static func run<Result: Sendable>(
    _ profile: SystemChaincodeProfile = .v1_4, channels: [WireString] = [],
    access: any ACLProvider = SysccAccess(),
    ledgers: InMemoryLedgerProvider? = nil,
    adjust: (inout SystemChaincodeServices) -> Void = { _ in },
    beside custom: [CustomSystemChaincode] = [],
    _ body: (SysccBench) async throws -> Result
  ) async throws -> Result {
    let options = InMemoryLedger.Options(fabricVersion: profile.version)
    let ledgers = ledgers ?? InMemoryLedgerProvider(options: options)
    for channel in channels { ledgers.makeLedger(channel: channel) }
    var configuration = HostConfiguration(
      version: profile.version, ledgers: ledgers, clock: ContinuousClock())
    configuration.accessControl = access
    configuration.collections = LSCCCollectionStore(options: options, evaluator: SysccPrincipals())
    var services = SystemChaincodeServices(channels: InMemoryChannels(ledgers, options: options))
    adjust(&services)
    return try await withChaincodeHost(configuration) { host in
      try host.registerSystemChaincodes(profile, services, beside: custom)
      try await host.deploy()
      return try await body(SysccBench(host: host, ledgers: ledgers, access: access))
    }
  }

  /// Makes a channel with this first block, without asking cscc.
  func join(_ genesis: SysccGenesis) async throws {
    try ledgers.makeLedger(channel: genesis.channel).commit(genesis.block)
    try await host.deploy(channel: genesis.channel)
  }

  /// Calls a chaincode as an endorser does that has no simulator for it.
  func call(
    _ chaincode: WireString, _ args: [[UInt8]], txid: WireString = "tx", channel: WireString = .empty,
    proposal: SignedProposal? = nil, simulator: (any TxSimulator)? = nil
  ) async throws -> Response {
    var params = TransactionParams(channelID: channel, txid: txid)
    params.signedProposal = proposal
    params.proposal = try proposal.map { try Proposal(wireBytes: $0.proposalBytes) }
    params.simulator = simulator
    return try await host.execute(chaincode, input: ChaincodeInput(args: args), params: params).response
  }

  /// The text that the chaincode answers with instead of a result.
  func refusal(
    _ chaincode: WireString, _ args: [String], channel: WireString = .empty, proposal: SignedProposal? = nil
  ) async throws -> String {
    let response = try await call(
      chaincode, args.map { Array($0.utf8) }, channel: channel, proposal: proposal)
    return response.status == Response.error ? response.message.string : "status \(response.status)"
  }
}

/// A proposal for a call; the headers are those that `Fabric` makes, the signature is not one.
func sysccProposal(
  _ chaincode: WireString, _ args: [[UInt8]] = [], channel: WireString = .empty, txid: WireString = "tx",
  creator: [UInt8] = SerializedIdentity(mspid: "SampleOrg", idBytes: Array("tester".utf8)).wireBytes()
) -> SignedProposal {
  let id = ChaincodeID(name: chaincode)
  let channelHeader = ChannelHeader(
    type: ChannelHeader.HeaderType.endorserTransaction.rawValue, channelID: channel, txid: txid,
    extension_: ChaincodeHeaderExtension(chaincodeID: id).wireBytes())
  let header = Header(
    channelHeader: channelHeader.wireBytes(),
    signatureHeader: SignatureHeader(creator: creator, nonce: Array("nonce".utf8)).wireBytes())
  let spec = ChaincodeSpec(chaincodeID: id, input: ChaincodeInput(args: args))
  let payload = ChaincodeProposalPayload(input: ChaincodeInvocationSpec(chaincodeSpec: spec).wireBytes())
  let proposal = Proposal(header: header.wireBytes(), payload: payload.wireBytes())
  return SignedProposal(proposalBytes: proposal.wireBytes(), signature: Array("signature".utf8))
}
