import InprocHost
import MessageFSM
import SystemChaincodes

// A peer serves its clients.
extension Demonstration {
  func transfer() async throws -> Transaction {
    screen.act(
      "4. One transaction, message by message",
      "Left the peer, right the chaincode. Look at PUT_STATE: nothing is written until a block has it."
    )
    let paid = try await endorse(.alice, "assets", "transfer", "alice", "bob", "30")
    screen.line("\n\(peer.diagram.drawing(of: paid.txid))\n")
    try await ask(.bob, "assets", "balance", "bob")
    try await commit(paid, verdicts: .valid)
    let balance = try await ask(.bob, "assets", "balance", "bob")
    try screen.expect(Self.text(of: balance) == "80", "bob to have 80")
    try await ask(.bob, "assets", "transfer", "bob", "alice", "1000", status: Response.error)
    return paid
  }

  func conflict() async throws -> Transaction {
    screen.act(
      "5. Two transactions have read the same balance",
      "Both are endorsed, and in one block. Look at the verdicts: only the first may still change it."
    )
    let first = try await endorse(.alice, "assets", "transfer", "alice", "bob", "5")
    let second = try await endorse(.alice, "assets", "transfer", "alice", "bob", "7")
    try await commit(first, second, verdicts: .valid, .mvccReadConflict)
    let balance = try await ask(.alice, "assets", "balance", "alice")
    try screen.expect(Self.text(of: balance) == "65", "alice to have paid once")
    return second
  }

  func query(_ paid: Transaction, _ lost: Transaction) async throws {
    screen.act(
      "6. What the chain holds: qscc, asked by a client and by a chaincode",
      "Look at the diagram: the chaincode asks qscc within its own transaction.")
    try await ask(.alice, "qscc", "GetChainInfo", "trade", shows: Self.chain)
    for (transaction, verdict) in [(paid, TxValidationCode.valid), (lost, .mvccReadConflict)] {
      let response = try await ask(
        .alice, "qscc", "GetTransactionByID", "trade",
        Argument(transaction.txid.bytes, shown: "«\(transaction.name)»"), shows: Self.committed)
      let processed = try ProcessedTransaction(wireBytes: response.payload)
      try screen.expect(processed.validationCode == Int32(verdict.rawValue), "the verdict \(verdict)")
    }
    let asked = try await endorse(.alice, "assets", "chain")
    screen.line("\n\(peer.diagram.drawing(of: asked.txid))")
  }

  private static func chain(_ response: Response) throws -> String {
    let info = try BlockchainInfo(wireBytes: response.payload)
    return "\(info.height) blocks; the last one is \(info.currentBlockHash.hex.prefix(12))…"
  }

  /// The verdict on a transaction, and what its proposal called.
  private static func committed(_ response: Response) throws -> String {
    let processed = try ProcessedTransaction(wireBytes: response.payload)
    let verdict = TxValidationCode(rawValue: UInt8(truncatingIfNeeded: processed.validationCode))
    let payload = try EnvelopePayload(wireBytes: processed.envelope?.payload ?? [])
    let actions = try InprocHost.Transaction(wireBytes: payload.data).actions
    let calls = try actions.map { action in
      let payload = try ChaincodeActionPayload(wireBytes: action.payload).proposalPayload
      let input = try ChaincodeProposalPayload(wireBytes: payload).input
      let spec = try ChaincodeInvocationSpec(wireBytes: input).chaincodeSpec
      return (spec?.input?.args ?? []).map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }
    return "\(verdict): \(calls.joined(separator: ", "))"
  }
}
