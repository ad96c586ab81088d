import Dispatch
import Foundation
import InprocHost
import MessageFSM
import SystemChaincodes
import Testing

private struct Case: Sendable, CustomTestStringConvertible {
  let args: [String]
  let text: String
  var testDescription: String { "\(args)" }

  init(_ args: [String], _ text: String) {
    self.args = args
    self.text = text
  }
}

@Suite("qscc")
struct QueryChaincodeTests {
  private static let faults = [
    Case([], "Incorrect number of arguments, 0"),
    Case(["GetChainInfo"], "Incorrect number of arguments, 1"),
    Case([""], "Incorrect number of arguments, 1"),
    Case(["GetBlockByNumber", "trade"], "missing 3rd argument for GetBlockByNumber"),
    Case(["GetBlockByHash", "trade"], "missing 3rd argument for GetBlockByHash"),
    Case(["GetTransactionByID", "trade"], "missing 3rd argument for GetTransactionByID"),
    Case(["GetBlockByTxID", "trade"], "missing 3rd argument for GetBlockByTxID"),
    Case(["", ""], "missing 3rd argument for "),
    Case(["NoFunction", "trade"], "missing 3rd argument for NoFunction"),
    Case(["NoFunction", "trade", "x"], "Requested function NoFunction not found."),
    Case(["", "trade", ""], "Requested function  not found."),
    Case(["GetChainInfo", "nochan"], "Invalid chain ID, nochan"),
    Case(["GetChainInfo", ""], "Invalid chain ID, "),
    Case(["GetBlockByNumber", "nochan", "0"], "Invalid chain ID, nochan"),
    Case(
      ["GetBlockByNumber", "trade", ""],
      #"Failed to parse block number with error strconv.ParseUint: parsing "": invalid syntax"#),
    Case(
      ["GetBlockByNumber", "trade", "-1"],
      #"Failed to parse block number with error strconv.ParseUint: parsing "-1": invalid syntax"#),
    Case(
      ["GetBlockByNumber", "trade", "a\"\\\n\u{1}é\u{200b}"],
      #"Failed to parse block number with error strconv.ParseUint: parsing "a\"\\\n\x01é\u200b": invalid syntax"#
    ),
    Case(
      ["GetBlockByNumber", "trade", "18446744073709551616"],
      "Failed to parse block number with error strconv.ParseUint: parsing \"18446744073709551616\": "
        + "value out of range"),
    Case(["GetBlockByNumber", "trade", "7"], "Failed to get block number 7, error Entry not found in index"),
    Case(["GetBlockByHash", "trade", ""], "Failed to get block hash , error Entry not found in index"),
    Case(
      ["GetTransactionByID", "trade", "no"],
      "Failed to get transaction with id no, error Entry not found in index"),
    Case(["GetBlockByTxID", "trade", ""], "Failed to get block for txID , error Entry not found in index"),
  ]

  @Test(arguments: faults) private func saysWhatIsWrong(_ fault: Case) async throws {
    try await SysccBench.run(channels: []) { bench in
      try await bench.join(SysccGenesis())
      #expect(try await bench.refusal("qscc", fault.args) == fault.text)
    }
  }

  @Test(arguments: QueryChaincode.Function.allCases) func isDenied(_ function: QueryChaincode.Function)
    async throws
  {
    let access = SysccAccess(refusals: ["qscc/\(function.rawValue)": "not you"])
    try await SysccBench.run(access: access) { bench in
      try await bench.join(SysccGenesis())
      let text = try await bench.refusal("qscc", [function.rawValue, "trade", "0"])
      #expect(text == "access denied for [\(function.rawValue)][trade]: [not you]")
      #expect(access.questions == ["qscc/\(function.rawValue)@trade"])
    }
  }

  @Test func surplusArgumentsAreIgnored() async throws {
    try await SysccBench.run { bench in
      try await bench.join(SysccGenesis())
      let response = try await bench.call(
        "qscc", ["GetBlockByNumber", "trade", "0", "more"].map { Array($0.utf8) })
      #expect(response.status == Response.ok)
      #expect(try Block(wireBytes: response.payload).header?.number == 0)
    }
  }

  @Test func aHashThatIsNoTextCannotBeAnswered() async throws {
    // Fabric 1.4 cannot marshal such a response either.
    try await SysccBench.run { bench in
      try await bench.join(SysccGenesis())
      await #expect(throws: TransactionError.self) {
        try await bench.call("qscc", [Array("GetBlockByHash".utf8), Array("trade".utf8), [0xff]])
      }
    }
  }

  @Test func refusesOtherChaincodesIfAsked() async throws {
    try await SysccBench.run(.v3_1, adjust: { $0.queriesRefuseChaincodes = true }) { bench in
      try await bench.join(SysccGenesis())
      let args = ["GetChainInfo", "trade"]
      #expect(
        try await bench.refusal("qscc", args, proposal: sysccProposal("assets"))
          == "Rejecting invoke of QSCC from another chaincode because of potential for deadlocks, "
          + "original invocation for 'assets'")
      #expect(
        try await bench.refusal("qscc", args)
          == "Failed to identify the called chaincode: the transaction has no proposal")
      #expect(try await bench.refusal("qscc", args, proposal: sysccProposal("qscc")) == "status 200")
    }
  }

  @Test(arguments: [SystemChaincodeProfile.v1_4, .v3_1])
  func aChaincodeMayAskDuringItsTransaction(_ profile: SystemChaincodeProfile) async throws {
    let asker = CustomSystemChaincode(Asker(), as: SystemChaincodeDescriptor(name: "asker"))
    try await SysccBench.run(profile, beside: [asker]) { bench in
      try await bench.join(SysccGenesis())
      let ledger = try #require(bench.ledgers.ledger(channel: "trade"))
      let simulator = try await ledger.newTxSimulator(txid: "tx")
      defer { simulator.done() }
      let response = try await bench.call(
        "asker", [], channel: "trade", proposal: sysccProposal("asker"), simulator: simulator)
      #expect(response.status == Response.ok)
      #expect(try BlockchainInfo(wireBytes: response.payload).height == 1)
    }
  }

  @Test(arguments: [SystemChaincodeProfile.v1_4, .v3_1])
  func blocksAndStateOfATransactionAreOfOneMoment(_ profile: SystemChaincodeProfile) async throws {
    let pause = Pause()
    let asker = CustomSystemChaincode(Asker(pause: pause), as: SystemChaincodeDescriptor(name: "asker"))
    try await SysccBench.run(profile, beside: [asker]) { (bench: SysccBench) async throws in
      try await bench.join(SysccGenesis())
      let ledger = bench.ledgers.makeLedger(channel: "trade")
      let proposal = sysccProposal("asker")
      let simulator = ledger.newTxSimulator(txid: "tx")
      defer { simulator.done() }
      async let answer = bench.call(
        "asker", [], channel: "trade", proposal: proposal, simulator: simulator)
      await pause.begun()
      try await ledger.commit(envelopes: [])
      pause.end()
      let response = try await answer
      #expect(try BlockchainInfo(wireBytes: response.payload).height == 1)
      // The next transaction sees the block, and so does whoever asks qscc itself.
      let next = ledger.newTxSimulator(txid: "next")
      defer { next.done() }
      let later = try await bench.call(
        "asker", [], txid: "next", channel: "trade", proposal: proposal, simulator: next)
      #expect(try BlockchainInfo(wireBytes: later.payload).height == 2)
      let direct = try await bench.call(
        "qscc", [Array("GetChainInfo".utf8), Array("trade".utf8)], proposal: sysccProposal("qscc"))
      #expect(try BlockchainInfo(wireBytes: direct.payload).height == 2)
    }
  }

  @Test func aCommitThatWaitsHoldsUpNobodyWhoAsks() async throws {
    // FAB-15285: the caller holds the snapshot, the commit waits, and qscc reads.
    let file = SlowBlockFile()
    let ledger = try InMemoryLedger(channel: "trade", store: FileBlockStore(file: file))
    try ledger.commit(SysccGenesis().block)
    let ledgers = InMemoryLedgerProvider()
    #expect(ledgers.add(ledger))
    let asker = CustomSystemChaincode(Asker(), as: SystemChaincodeDescriptor(name: "asker"))
    try await SysccBench.run(ledgers: ledgers, beside: [asker]) { (bench: SysccBench) async throws in
      file.isSlow.withLock { $0 = true }
      let committed = Promise<Bool>()
      let thread = Thread {
        committed.fulfil((try? ledger.commit(Self.block(after: ledger))) != nil)
        file.waits.fulfil(())
      }
      thread.start()
      _ = await file.waits.value()
      for number in 0..<10 {
        let txid: WireString = "tx\(number)"
        let simulator = ledger.newTxSimulator(txid: txid)
        defer { simulator.done() }
        let response = try await bench.call(
          "asker", [], txid: txid, channel: "trade", proposal: sysccProposal("asker"), simulator: simulator)
        #expect(try BlockchainInfo(wireBytes: response.payload).height == 1)
      }
      file.release.signal()
      #expect(await committed.value() == true)
      #expect(ledger.blockchainInfo().height == 2)
    }
  }

  private static func block(after ledger: InMemoryLedger) -> Block {
    let info = ledger.blockchainInfo()
    let data = BlockData(envelopes: [])
    return Block(
      header: BlockHeader(number: info.height, previousHash: info.currentBlockHash, dataHash: data.hash),
      data: data, metadata: BlockMetadata(metadata: []))
  }
}

/// Asks qscc; with a pause, asks before and after it, and answers only if it heard the same.
private struct Asker: Chaincode {
  var pause: Pause?

  func invoke(_ stub: ChaincodeStub) async throws -> Response {
    let args = [Array("GetChainInfo".utf8), stub.channelID.bytes]
    let first = await stub.invokeChaincode("qscc", args: args)
    guard let pause else { return first }
    await pause.wait()
    let second = await stub.invokeChaincode("qscc", args: args)
    return first == second ? second : .failure("the chain has changed")
  }
}

/// A pause in a transaction; only the first one waits.
private final class Pause: Sendable {
  private let beginning = Promise<Void>()
  private let ending = Promise<Void>()

  func begun() async { _ = await beginning.value() }
  func end() { ending.fulfil(()) }

  func wait() async {
    beginning.fulfil(())
    _ = await ending.value()
  }
}

/// A file whose disk takes as long as the test wants.
private final class SlowBlockFile: BlockFile {
  let isSlow = Locked(false)
  let waits = Promise<Void>()
  let release = DispatchSemaphore(value: 0)
  private let file = MemoryBlockFile()

  var path: String { file.path }

  func size() -> UInt64 { file.size() }
  func read(at offset: UInt64, count: Int) -> [UInt8] { file.read(at: offset, count: count) }
  func truncate(to size: UInt64) throws(LedgerError) { try file.truncate(to: size) }
  func synchronize() throws(LedgerError) { try file.synchronize() }

  func write(_ bytes: [UInt8], at offset: UInt64) throws(LedgerError) {
    if isSlow.withLock({ $0 }) {
      waits.fulfil(())
      release.wait()
    }
    try file.write(bytes, at: offset)
  }
}
