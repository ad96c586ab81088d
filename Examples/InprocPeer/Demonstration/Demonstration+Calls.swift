import InprocHost
import MessageFSM
import SystemChaincodes

// What clients do, and how it is shown.
extension Demonstration {
  /// A call that was endorsed, and can be committed.
  struct Transaction: Sendable {
    let txid: WireString
    let envelope: Envelope

    /// Enough of the txid to know it again.
    var name: String { "tx \(txid.string.prefix(6))" }
  }

  /// Asks the peer; the answer counts, and nothing is committed.
  @discardableResult
  func ask(
    _ member: Member, _ chaincode: WireString, _ args: Argument..., channel: WireString = TradeChannel.name,
    status: Int32 = Response.ok, shows: (Response) throws -> String = Self.text
  ) async throws -> Response {
    let proposal = try await peer.propose(member, chaincode, args, channel: channel)
    let response = await peer.endorse(proposal).response ?? Response()
    try showAnswer(member, Self.call(chaincode, args), response, status: status, text: shows)
    return response
  }

  /// Has a call endorsed, and makes a transaction of it.
  func endorse(_ member: Member, _ chaincode: WireString, _ args: Argument...) async throws -> Transaction {
    let proposal = try await peer.propose(member, chaincode, args, channel: TradeChannel.name)
    let header = try Header(wireBytes: Proposal(wireBytes: proposal.proposalBytes).header)
    let txid = try ChannelHeader(wireBytes: header.channelHeader).txid
    let answer = await peer.endorse(proposal)
    try showAnswer(member, Self.call(chaincode, args), answer.response ?? Response()) { _ in
      let ran = try Self.action(of: answer).chaincodeID ?? ChaincodeID()
      return "ran on \(ran.name):\(ran.version), endorsed by peer0: tx \(txid.string.prefix(6))"
    }
    let envelope = try await ClientTransaction.envelope(proposal, [answer], signer: member)
    return Transaction(txid: txid, envelope: envelope)
  }

  /// Commits transactions as one block.
  func commit(_ transactions: Transaction..., verdicts: TxValidationCode...) async throws {
    let found = try await peer.commit(transactions.map(\.envelope))
    let number = try await peer.ledger.blockchainInfo().height - 1
    for (transaction, verdict) in zip(transactions, found) {
      screen.line("   committed in block \(number)", "\(transaction.name) \(verdict)")
    }
    try screen.expect(found == verdicts, "the verdicts \(verdicts)")
  }

  /// Shows a call and its answer; stops if the status is another.
  func showAnswer(
    _ member: Member, _ call: String, _ response: Response, status: Int32 = Response.ok,
    text: (Response) throws -> String
  ) throws {
    let answer = response.status == Response.ok ? try text(response) : response.message.string
    screen.line("\(member.name) → \(call)", "\(response.status) \(answer)")
    try screen.expect(response.status == status, "status \(status)")
  }

  static func text(of response: Response) -> String {
    String(decoding: response.payload, as: UTF8.self)
  }

  /// What was endorsed.
  static func action(of response: ProposalResponse) throws -> ChaincodeAction {
    try ChaincodeAction(wireBytes: ProposalResponsePayload(wireBytes: response.payload).extension_)
  }

  private static func call(_ chaincode: WireString, _ args: [Argument]) -> String {
    ([chaincode.string] + args.map(\.shown)).joined(separator: " ")
  }
}
