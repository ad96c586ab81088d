import InprocHost
import MessageFSM
import SystemChaincodes

// A peer gets its chaincodes.
extension Demonstration {
  func start() async throws {
    screen.act(
      "1. A peer starts with the system chaincodes of Fabric 1.4",
      "Each runs in this process behind a pair of streams. Look at who may call it.")
    try await peer.deploySystemChaincodes()
    for descriptor in SystemChaincodeProfile.v1_4.descriptors {
      let state = peer.host.status(of: descriptor.name).state
      let callers = descriptor.invokableCC2CC ? "clients and chaincodes" : "clients"
      let text = descriptor.enabled ? "\(state), for \(callers)" : "not here, but its name is kept"
      screen.line(descriptor.name.string, text)
      try screen.expect((state == .ready) == descriptor.enabled, "the enabled ones to run")
    }
  }

  func join() async throws {
    screen.act(
      "2. It joins the channel \"trade\": cscc",
      "ann administers Org1, alice is of Org1 too, bob of Org2, eve of neither. Look at who is refused.")
    let genesis = Argument(TradeChannel.genesis.wireBytes(), shown: "«block 0»")
    try await ask(.alice, "cscc", "JoinChain", genesis, channel: .empty, status: Response.error)
    try await ask(.ann, "cscc", "JoinChain", genesis, channel: .empty) { _ in "the channel has a ledger" }
    try await ask(.ann, "cscc", "GetChannels", channel: .empty) { response in
      let channels = try ChannelQueryResponse(wireBytes: response.payload).channels
      return channels.map(\.channelID.string).joined(separator: ", ")
    }
    try await ask(.eve, "qscc", "GetChainInfo", "trade", status: Response.error)
  }

  func instantiate() async throws {
    screen.act(
      "3. A user's chaincode is installed and put into force on the channel: lscc",
      "Look at the first answer and the last: what counts is the definition in a committed block.")
    try peer.host.offer(AssetChaincode(fee: 0, auditor: auditor), as: AssetChaincode.v1)
    let package = ChaincodePackage(
      AssetChaincode.v1, args: ["alice", "100", "bob", "50"].map { Array($0.utf8) })
    try await ask(.alice, "assets", "balance", "alice", status: Response.error)
    try await ask(.ann, "lscc", "install", .package(package), channel: .empty)
    let deployed = try await endorse(.ann, "lscc", "deploy", "trade", .package(package))
    try await commit(deployed, verdicts: .valid)
    try await ask(.bob, "lscc", "getccdata", "trade", "assets") { response in
      let definition = try ChaincodeData(wireBytes: response.payload)
      return "version \(definition.version), endorsed by \(definition.escc), validated by \(definition.vscc)"
    }
    let balance = try await ask(.bob, "assets", "balance", "alice")
    try screen.expect(Self.text(of: balance) == "100", "the initialization to have opened the account")
  }

  func upgrade() async throws {
    screen.act(
      "7. Version 2 takes the place of version 1 while a transaction runs on version 1",
      "Look at the audit: it ends on the version that it began on, which is stopped only then.")
    let (v1, v2) = (AssetChaincode.v1, AssetChaincode.v2)
    let proposal = try await peer.propose(.bob, "assets", ["audit"], channel: TradeChannel.name)
    async let audit = endorseAudit(proposal)
    await auditor.begun()
    screen.line("bob → assets audit", "runs on assets:1, and waits for the auditor")

    try peer.host.offer(AssetChaincode(fee: fee, auditor: auditor), as: v2)
    let package = ChaincodePackage(v2, args: ["bank", "0"].map { Array($0.utf8) })
    try await ask(.ann, "lscc", "install", .package(package), channel: .empty)
    let upgraded = try await endorse(.ann, "lscc", "upgrade", "trade", .package(package))
    try await commit(upgraded, verdicts: .valid)
    try await peer.host.retireUnreferenced(
      v1.name, versions: [v1.version, v2.version], channels: [TradeChannel.name])
    screen.line("   nobody needs assets:1 any more", "it is to stop, but not yet:")
    try showStatus(of: v1, .ready, transactions: 1)
    let paid = try await endorse(.alice, "assets", "transfer", "alice", "bob", "10")
    try await commit(paid, verdicts: .valid)
    let fee = try await ask(.bob, "assets", "balance", "bank")
    try screen.expect(Self.text(of: fee) == "1", "version 2 to take its fee")

    screen.line("   the auditor signs")
    auditor.sign()
    let audited = await audit
    let ranOn = try Self.action(of: audited).chaincodeID?.version
    try showAnswer(.bob, "assets audit", audited.response ?? Response()) { response in
      "\(Self.text(of: response)), by version \(ranOn ?? .empty)"
    }
    try screen.expect(ranOn == v1.version, "the audit to have ended on version 1")
    await peer.host.waitForExit(of: v1)
    try showStatus(of: v1, .stopped)
    try showStatus(of: v2, .ready)
  }

  private func endorseAudit(_ proposal: SignedProposal) async -> ProposalResponse {
    // An audit that failed before it came to the auditor must not be waited for.
    defer { auditor.close() }
    return await peer.endorse(proposal)
  }

  private func showStatus(
    of id: ChaincodeVersion, _ state: ChaincodeStatus.State, transactions: Int = 0
  ) throws {
    let status = peer.host.status(of: id.name, version: id.version)
    screen.line(
      "   \(id.name):\(id.version)", "\(status.state), open transactions: \(status.openTransactions)")
    try screen.expect(status.state == state, "it to be \(state)")
    try screen.expect(status.openTransactions == transactions, "\(transactions) transactions on it")
  }
}
