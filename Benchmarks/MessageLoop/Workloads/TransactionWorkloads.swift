import InprocHost
import MessageFSM
import SystemChaincodes

/// Transactions on a running host.
enum TransactionWorkloads {
  /// What a transaction answers that should have succeeded.
  struct Failed: Error {
    let response: Response
  }

  static var all: [Workload] {
    BenchmarkChaincode.Work.allCases.map(transactions) + [system, launch]
  }

  /// Sixteen txids of 64 hex digits that no other client uses; each is used again when its transaction has ended.
  static func txids(client: Int) -> [WireString] {
    (0..<16).map { use in
      let digits = String(client * 16 + use, radix: 16)
      return WireString(String(repeating: "0", count: 64 - digits.count) + digits)
    }
  }

  private static func transactions(_ work: BenchmarkChaincode.Work) -> Workload {
    Workload(name: work.rawValue, kind: .loop, operations: work.operations) { executor in
      var chaincodes: [(WireString, any Chaincode)] = [("noop", BenchmarkChaincode(work: .noop))]
      if work != .noop { chaincodes.append((WireString(work.rawValue), BenchmarkChaincode(work: work))) }
      let running = try await RunningHost(version: work.version, executor: executor, chaincodes: chaincodes)
      return Workload.Prepared { index in
        client(running, WireString(work.rawValue), index)
      } end: {
        try await running.stop()
      }
    }
  }

  /// One transaction after another.
  static func client(
    _ running: RunningHost, _ chaincode: WireString, _ index: Int, args: [String] = ["run"]
  ) -> any Client {
    client(running, chaincode, txids: txids(client: index), args: args)
  }

  /// One transaction after another, with these sixteen txids.
  static func client(
    _ running: RunningHost, _ chaincode: WireString, txids: [WireString], args: [String] = ["run"]
  ) -> any Client {
    TransactionClient(
      running, chaincode, txids: txids,
      input: ChaincodeInput(args: args.map { Array($0.utf8) }))
  }

  /// A system chaincode as clients use it: the height of a chain, from a ledger in memory.
  private static var system: Workload {
    Workload(name: "system", kind: .loop, operations: 1) { executor in
      let ledgers = InMemoryLedgerProvider()
      ledgers.makeLedger(channel: "bench")
      let chaincode = QueryChaincode(access: AllowingAccess(), version: .v1_4) { channel, _ in
        ledgers.ledger(channel: channel)
      }
      let running = try await RunningHost(
        version: .v1_4, executor: executor, chaincodes: [(QueryChaincode.name, chaincode)])
      return Workload.Prepared { index in
        client(running, QueryChaincode.name, index, args: ["GetChainInfo", "bench"])
      } end: {
        try await running.stop()
      }
    }
  }

  /// A host of its own per client: deploy, invoke once, stop.
  private static var launch: Workload {
    Workload(name: "launch", kind: .loop, operations: 1) { executor in
      Workload.Prepared { index in
        let running = try await RunningHost(
          version: .v1_4, executor: executor, chaincodes: [("noop", BenchmarkChaincode(work: .noop))],
          deploys: false)
        return LaunchClient(running.host, transaction: client(running, "noop", index))
      } end: {
      }
    }
  }
}

private struct AllowingAccess: ACLProvider {
  func checkACL(resource: String, channel: WireString, proposal: SignedProposal?) async throws {}
}

private final class TransactionClient: Client {
  private let host: ChaincodeHost
  private let ledger: TableLedger
  private let chaincode: WireString
  private let txids: [WireString]
  private let input: ChaincodeInput
  private let turn = Turn()

  init(_ running: RunningHost, _ chaincode: WireString, txids: [WireString], input: ChaincodeInput) {
    self.host = running.host
    self.ledger = running.ledger
    self.chaincode = chaincode
    self.txids = txids
    self.input = input
  }

  func run() async throws {
    let result = try await host.execute(
      chaincode, input: input,
      params: TransactionParams(channelID: "bench", txid: txids[turn.next() & 15], simulator: ledger))
    guard result.response.status == Response.ok else {
      throw TransactionWorkloads.Failed(response: result.response)
    }
  }

  func run(until deadline: UInt64, repeats: Int) async throws -> Stopwatch {
    var stopwatch = Stopwatch(until: deadline)
    while stopwatch.runs {
      try await run()
      stopwatch.lap(of: 1)
    }
    return stopwatch
  }
}

private final class LaunchClient: Client {
  private let host: ChaincodeHost
  private let transaction: any Client

  init(_ host: ChaincodeHost, transaction: any Client) {
    self.host = host
    self.transaction = transaction
  }

  func run() async throws {
    try await host.deploy()
    try await transaction.run()
    try await host.stop(chaincode: "noop")
  }
}
