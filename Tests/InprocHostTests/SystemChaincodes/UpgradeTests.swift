import MessageFSM
import SystemChaincodes
import Testing

@testable import InprocHost

/// Says which version it is, after some questions to the peer so that it takes a while.
private struct Slow: Chaincode {
  let version: String

  func invoke(_ stub: ChaincodeStub) async throws -> Response {
    for key in 0..<5 { _ = try await stub.getState("k\(key)") }
    try await stub.putState(stub.txid, Array(version.utf8))
    return .success(Array(version.utf8))
  }
}

@Suite("Versions side by side")
struct UpgradeTests {
  private static func id(_ version: WireString) -> ChaincodeVersion {
    ChaincodeVersion(name: "assets", version: version)
  }

  @Test func upgradesUnderLoadLoseNothingAndMixNothing() async throws {
    let versions: [WireString] = ["1", "2", "3", "4"]
    try await SysccPeer.run { (peer: SysccPeer) async throws in
      for version in versions {
        try peer.host.offer(Slow(version: version.string), as: Self.id(version))
        try await peer.install(Self.id(version))
      }
      try await peer.submit(
        "lscc", ["deploy", "trade", ChaincodePackage(Self.id("1")).specBytes], as: .admin)
      let seen = try await withThrowingTaskGroup(of: [String: Int].self) { group in
        for _ in 0..<8 {
          group.addTask {
            var seen: [String: Int] = [:]
            for _ in 0..<60 {
              let (_, response) = try await peer.propose("assets", ["go"], channel: "trade", as: .alice)
              let answer = try #require(response.response)
              try #require(answer.status == Response.ok, "\(answer.message)")
              let payload = try ProposalResponsePayload(wireBytes: response.payload)
              let action = try ChaincodeAction(wireBytes: payload.extension_)
              let ran = String(decoding: answer.payload, as: UTF8.self)
              // What was endorsed is what ran.
              #expect(action.chaincodeID?.version.string == ran)
              seen[ran, default: 0] += 1
              // Retiring what may be in use must harm nobody.
              try await peer.host.retireUnreferenced("assets", versions: versions, channels: ["trade"])
            }
            return seen
          }
        }
        for version in versions.dropFirst() {
          let (envelope, _) = try await peer.endorsed(
            "lscc", ["upgrade", "trade", ChaincodePackage(Self.id(version)).specBytes], as: .admin)
          #expect(try await peer.commit([envelope]) == [.valid])
        }
        var seen: [String: Int] = [:]
        for try await part in group { seen.merge(part, uniquingKeysWith: +) }
        return seen
      }
      #expect(seen.values.reduce(0, +) == 480)
      let last = try await peer.submit("assets", ["go"])
      #expect(last.payload == Array("4".utf8))
      try await peer.host.retireUnreferenced("assets", versions: versions, channels: ["trade"])
      for version in versions.dropLast() {
        await peer.host.waitForExit(of: Self.id(version))
        #expect(peer.host.status(of: "assets", version: version).state == .stopped)
      }
      #expect(peer.host.status(of: "assets", version: "4").state == .ready)
    }
  }

  @Test func aRetiredVersionFinishesWhatItHasBegun() async throws {
    let gate = SysccGate()
    let id = Self.id("1")
    try await SysccPeer.run { (peer: SysccPeer) async throws in
      try peer.host.offer(gate, as: id)
      try await peer.install(id)
      try await peer.submit("lscc", ["deploy", "trade", ChaincodePackage(id).specBytes], as: .admin)
      async let waiting = peer.ask("assets", ["wait"], channel: "trade")
      await gate.entered()
      peer.host.retire(id)
      peer.host.retire(id)
      #expect(peer.host.status(of: "assets", version: "1").state == .ready)
      gate.open()
      let answer = try await waiting
      #expect(answer.status == Response.ok)
      await peer.host.waitForExit(of: id)
      #expect(peer.host.status(of: "assets", version: "1").state == .stopped)
      // It is still in force, so the next call starts it again.
      #expect(try await peer.ask("assets", ["wait"], channel: "trade").status == Response.ok)
      #expect(peer.host.status(of: "assets", version: "1").state == .ready)
    }
  }

  @Test func retiringTheVersionInForceLosesNothing() async throws {
    let id = Self.id("1")
    try await SysccPeer.run { (peer: SysccPeer) async throws in
      try peer.host.offer(Slow(version: "1"), as: id)
      try await peer.install(id)
      try await peer.submit("lscc", ["deploy", "trade", ChaincodePackage(id).specBytes], as: .admin)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask {
            for _ in 0..<100 {
              // Now and then nothing runs, so it is stopped while others are about to call it, or start it.
              peer.host.retire(id)
              let answer = try await peer.ask("assets", ["go"], channel: "trade")
              try #require(answer.status == Response.ok, "\(answer.message)")
              peer.host.retire(id)
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(peer.host.openWork.transactions == 0)
    }
  }

  @Test func theVersionOnAChannelIsTheOneThatRuns() async throws {
    try await SysccPeer.run { (peer: SysccPeer) async throws in
      for version: WireString in ["1", "2"] {
        try peer.host.offer(Slow(version: version.string), as: Self.id(version))
        try await peer.install(Self.id(version))
      }
      #expect(throws: HostError.self) { try peer.host.offer(Slow(version: "1"), as: Self.id("1")) }
      #expect(throws: HostError.self) {
        try peer.host.offer(Slow(version: "1"), as: ChaincodeVersion(name: "qscc", version: "1"))
      }
      try await peer.submit(
        "lscc", ["deploy", "trade", ChaincodePackage(Self.id("1")).specBytes], as: .admin)
      // Without an endorser, and without a version: the definition decides.
      let transaction = try await peer.host.invoke("assets", ["go"], channel: "trade", txid: "t1")
      #expect(transaction.response.payload == Array("1".utf8))
      await #expect(throws: TransactionError.self) {
        let simulator = try peer.ledger.newTxSimulator(txid: "t2")
        defer { simulator.done() }
        _ = try await peer.host.execute(
          "assets", version: "2", input: ChaincodeInput(args: []),
          params: TransactionParams(channelID: "trade", txid: "t2", simulator: simulator))
      }
    }
  }

  @Test(arguments: SystemChaincodeProfile.all)
  func deploysToAHundredChannelsWhileTransactionsRun(_ profile: SystemChaincodeProfile) async throws {
    let slow = CustomSystemChaincode(Slow(version: "1"), as: SystemChaincodeDescriptor(name: "slow"))
    try await SysccBench.run(profile, beside: [slow]) { (bench: SysccBench) async throws in
      try await bench.join(SysccGenesis())
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for number in 0..<100 {
            let block = SysccGenesis(channel: "channel\(number)").block
            let joined = try await bench.call(
              "cscc", [Array("JoinChain".utf8), block.wireBytes()], txid: "join\(number)",
              proposal: sysccProposal("cscc"))
            try #require(joined.status == Response.ok, "\(joined.message)")
          }
        }
        for task in 0..<4 {
          group.addTask {
            for number in 0..<100 {
              let txid: WireString = "q\(task)-\(number)"
              let told = try await bench.call(
                "qscc", [Array("GetChainInfo".utf8), Array("trade".utf8)], txid: txid,
                proposal: sysccProposal("qscc"))
              try #require(told.status == Response.ok)
              let written = try await bench.host.invoke("slow", ["go"], channel: "trade", txid: txid)
              try #require(written.response.status == Response.ok)
            }
          }
        }
        try await group.waitForAll()
      }
      let answer = try await bench.call(
        "cscc", [Array("GetChannels".utf8)], proposal: sysccProposal("cscc"))
      #expect(try ChannelQueryResponse(wireBytes: answer.payload).channels.count == 101)
      for descriptor in profile.descriptors where descriptor.enabled {
        #expect(bench.host.status(of: descriptor.name).state == .ready, "\(descriptor.name)")
      }
      #expect(bench.host.count(.transactionsBegun) == bench.host.count(.transactionsEnded))
    }
  }
}

/// Waits in its first call until it is let go on.
private final class SysccGate: Chaincode {
  private let inside = Promise<Void>()
  private let opened = Promise<Void>()

  func entered() async { _ = await inside.value() }
  func open() { opened.fulfil(()) }

  func invoke(_ stub: ChaincodeStub) async throws -> Response {
    inside.fulfil(())
    _ = await opened.value()
    return .success()
  }
}
