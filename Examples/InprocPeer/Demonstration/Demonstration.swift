import InprocHost
import MessageFSM

/// What a newcomer sees first: one channel, two chaincodes, a few transfers, a block, and an orderly end.
struct Demonstration {
  private static let channel: WireString = "trade"

  func run() async -> Int32 {
    do {
      try await show()
      return 0
    } catch {
      print("the demonstration failed: \(error)")
      return 1
    }
  }

  private func show() async throws {
    let ledgers = InMemoryLedgerProvider()
    let ledger = ledgers.makeLedger(channel: Self.channel)
    let diagram = MessageDiagram()
    var configuration = HostConfiguration(version: .v1_4, ledgers: ledgers, clock: ContinuousClock())
    configuration.observer = diagram
    let host = ChaincodeHost(configuration)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await host.run() }
      guard await host.hasStarted() else { return }
      do {
        try await deploy(host)
        try await transfer(host, ledger, diagram)
      } catch {
        await host.stop()
        throw error
      }
      heading("5. Stop")
      await host.stop()
      try await group.waitForAll()
    }
    let left = host.openWork
    print("  the host has stopped; left behind: \(left.isNothing ? "nothing" : "\(left)")")
  }

  private func deploy(_ host: ChaincodeHost) async throws {
    heading("1. Deploy: each chaincode registers over its pair of streams, then runs INIT on the channel")
    try host.register(AssetChaincode(), as: SystemChaincodeDescriptor(name: "assets"))
    try host.register(FeeChaincode(), as: SystemChaincodeDescriptor(name: "fees", invokableExternal: false))
    try await host.deploy()
    try await host.deploy(channel: Self.channel)
    for name in ["assets", "fees"] as [WireString] {
      print("  \("\(name)".padded(to: 8)) \(host.status(of: name).state.rawValue)")
    }
  }

  private func transfer(
    _ host: ChaincodeHost, _ ledger: InMemoryLedger, _ diagram: MessageDiagram
  ) async throws {
    heading("2. Open three accounts and commit them as block 0")
    var opened: [EndorsedTransaction] = []
    for (account, amount) in [("alice", "100"), ("bob", "50"), ("bank", "0")] {
      opened.append(try await invoke(host, ["open", account, amount], "open-\(account)"))
    }
    try await commit(opened, to: ledger)

    heading("3. Transfer: the messages of one transaction")
    let paid = try await invoke(host, ["transfer", "alice", "bob", "30"], "pay-1")
    print(diagram.drawing(of: "pay-1"))
    print("  its event: \(String(decoding: paid.event?.payload ?? [], as: UTF8.self))")
    try await commit([paid], to: ledger)

    print("\n  One that fails, and harms nobody:\n")
    let refused = try await invoke(host, ["transfer", "bob", "alice", "1000"], "pay-2")
    print("  status \(refused.response.status): \(refused.response.message)\n")

    print("  One that calls another chaincode, in the same transaction:\n")
    let fee = try await invoke(host, ["payFee", "bob"], "pay-3")
    print(diagram.drawing(of: "pay-3"))
    try await commit([fee], to: ledger)

    heading("4. Two at once: both have read the same balances, so only the first in the block is valid")
    async let first = invoke(host, ["transfer", "alice", "bank", "5"], "pay-4")
    async let second = invoke(host, ["transfer", "alice", "bank", "7"], "pay-5")
    try await commit(try await [first, second], to: ledger)
    print("\n  the chain has \(ledger.blockchainInfo().height) blocks; the state is now\n")
    for account in ["alice", "bob", "bank"] {
      let balance = try await invoke(host, ["balance", account], "ask-\(account)")
      print("    \(account.padded(to: 6)) \(String(decoding: balance.response.payload, as: UTF8.self))")
    }
  }

  private func invoke(
    _ host: ChaincodeHost, _ args: [String], _ txid: WireString
  ) async throws -> EndorsedTransaction {
    try await host.invoke("assets", args, channel: Self.channel, txid: txid)
  }

  private func commit(_ transactions: [EndorsedTransaction], to ledger: InMemoryLedger) async throws {
    let number = ledger.blockchainInfo().height
    let verdicts = try await ledger.commit(transactions)
    for (transaction, verdict) in zip(transactions, verdicts) {
      print("  block \(number)  \("\(transaction.txid)".padded(to: 12)) \(verdict)")
    }
  }

  private func heading(_ text: String) {
    print("\n\(text)\n")
  }
}
