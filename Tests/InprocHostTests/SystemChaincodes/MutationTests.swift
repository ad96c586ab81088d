import Foundation
import InprocHost
import MessageFSM
import SystemChaincodes
import Testing

/// SplitMix64: the same seed gives the same mutations.
private struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// Lets everybody do everything, so that mutations reach as deep as they can.
private struct Permissive: PolicyEvaluator {
  func evaluate(_ policy: SignaturePolicyEnvelope, _ signatures: [SignedIdentity], channel: WireString)
    async throws
  {}
  func evaluate(named name: WireString, _ signatures: [SignedIdentity], channel: WireString) async throws {}
}

/// No argument traps: every call gets an answer, or an error of its own.
@Suite("Mutated arguments")
struct MutationTests {
  /// How many per chaincode; `SYSCC_MUTATIONS=100000` takes minutes in a debug build.
  private static let count =
    ProcessInfo.processInfo.environment["SYSCC_MUTATIONS"].flatMap { Int($0) } ?? 2_000
  private static let id = ChaincodeVersion(name: "assets", version: "1.0")

  private static func bytes(_ args: any SysccArgument...) -> [[UInt8]] {
    args.map(\.bytes)
  }

  private static let calls: [String: [[[UInt8]]]] = [
    "qscc": [
      bytes("GetChainInfo", "trade"), bytes("GetBlockByNumber", "trade", "0"),
      bytes("GetBlockByNumber", "trade", "18446744073709551615"),
      bytes("GetBlockByHash", "trade", SysccGenesis().block.header?.hash ?? []),
      bytes("GetTransactionByID", "trade", "tx1"), bytes("GetBlockByTxID", "trade", "tx1"),
    ],
    "cscc": [
      bytes("JoinChain", SysccGenesis(channel: "x").block.wireBytes()), bytes("GetConfigBlock", "trade"),
      bytes("GetChannels"), bytes("GetConfigTree", "trade"),
      bytes("SimulateConfigTreeUpdate", "trade", update), bytes("SimulateConfigTreeUpdate", "trade", update),
    ],
    "lscc": [
      bytes("install", ChaincodePackage(id, code: [1, 2, 3]).wireBytes), bytes("install", signedPackage),
      bytes("deploy", "trade", ChaincodePackage(id).specBytes),
      bytes("deploy", "trade", ChaincodePackage(id).specBytes, policy, "escc", "vscc", collections),
      bytes("upgrade", "trade", ChaincodePackage(id).specBytes), bytes("getid", "trade", "assets"),
      bytes("getdepspec", "trade", "assets"), bytes("getccdata", "trade", "assets"), bytes("getchaincodes"),
      bytes("getinstalledchaincodes"), bytes("GetCollectionsConfig", "assets"),
    ],
    "escc": [
      bytes(
        "", header.wireBytes(), proposal.payload, ChaincodeID(name: "assets").wireBytes(),
        Response.success([1]).wireBytes(), [1], [2], [3])
    ],
    "vscc": [bytes("", deployment, policy)],
    "_lifecycle": [
      bytes("ApproveChaincodeDefinitionForMyOrg", definition), bytes("CommitChaincodeDefinition", definition),
      bytes("CheckCommitReadiness", definition), bytes("QueryChaincodeDefinitions", ""),
      bytes("QueryApprovedChaincodeDefinition", ChaincodeDefinitionQuery(name: "assets").wireBytes()),
      bytes("QueryChaincodeDefinition", ChaincodeDefinitionQuery(name: "assets").wireBytes()),
    ],
  ]

  private static var definition: [UInt8] {
    var message = ChaincodeDefinitionMessage()
    message.sequence = 1
    message.name = "assets"
    message.version = "1.0"
    message.collections = try? CollectionConfigPackage(wireBytes: collections)
    message.source = ChaincodeSource(packageID: "assets:1").wireBytes()
    return message.wireBytes()
  }

  private static let proposal =
    (try? Proposal(
      wireBytes: sysccProposal(
        "lscc", bytes("deploy", "trade", ChaincodePackage(id).specBytes), channel: "trade"
      ).proposalBytes)) ?? Proposal()

  private static let header = (try? Header(wireBytes: proposal.header)) ?? Header()

  /// A transaction that puts a chaincode into force, with its endorsement.
  private static var deployment: [UInt8] {
    let write = KVWrite(key: "assets", value: ChaincodeData(name: "assets", version: "1.0").wireBytes())
    let results = TxReadWriteSet(namespaces: [
      NsReadWriteSet(namespace: "lscc", rwset: KVRWSet(writes: [write]).wireBytes())
    ])
    let response = ProposalResponsePayload(
      extension_: ChaincodeAction(results: results.wireBytes(), response: .success()).wireBytes())
    let action = ChaincodeActionPayload(
      proposalPayload: proposal.payload,
      action: ChaincodeEndorsedAction(
        responsePayload: response.wireBytes(),
        endorsements: [Endorsement(endorser: SysccIdentity.peer.serialized, signature: [1])]))
    let transaction = Transaction(actions: [TransactionAction(payload: action.wireBytes())])
    return Envelope(
      payload: EnvelopePayload(header: header, data: transaction.wireBytes()).wireBytes()
    ).wireBytes()
  }

  private static let policy = SysccGenesis.member("Org1").wireBytes()

  private static let collections = CollectionConfigPackage(collections: [
    CollectionConfig(
      fixed: StaticCollectionConfig(
        name: "c", memberOrgsPolicy: CollectionPolicyConfig(signaturePolicy: SysccGenesis.member("Org1"))))
  ]).wireBytes()

  private static var signedPackage: [UInt8] {
    var signed = SignedChaincodeDeploymentSpec()
    signed.deploymentSpec = ChaincodePackage(id, code: [1]).specBytes
    signed.instantiationPolicy = policy
    let header = ChannelHeader(type: 6, channelID: .empty, txid: .empty)
    let payload = EnvelopePayload(
      header: Header(channelHeader: header.wireBytes(), signatureHeader: []), data: signed.wireBytes())
    return Envelope(payload: payload.wireBytes()).wireBytes()
  }

  private static var update: [UInt8] {
    var root = SysccGenesis().config.channelGroup ?? ConfigGroup()
    var update = ConfigUpdate()
    update.channelID = "trade"
    update.readSet = root
    root.version = 1
    update.writeSet = root
    var signed = ConfigUpdateEnvelope()
    signed.configUpdate = update.wireBytes()
    let header = ChannelHeader(type: 2, channelID: "trade", txid: .empty)
    let payload = EnvelopePayload(
      header: Header(channelHeader: header.wireBytes(), signatureHeader: []), data: signed.wireBytes())
    return Envelope(payload: payload.wireBytes()).wireBytes()
  }

  private static func mutated(_ args: [[UInt8]], _ random: inout Seeded) -> [[UInt8]] {
    var args = args
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      switch Int.random(in: 0..<10, using: &random) {
      case 0:
        args.append(
          (0..<Int.random(in: 0...4, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
      case 1: _ = args.popLast()
      case 2:
        if args.count > 1 { args.swapAt(args.count - 1, Int.random(in: 0..<args.count, using: &random)) }
      case _:
        // The function's name is spared, or little would come of it.
        guard let index = args.indices.dropFirst().randomElement(using: &random) else { continue }
        args[index] = mutated(args[index], &random)
      }
    }
    return args
  }

  private static func mutated(_ bytes: [UInt8], _ random: inout Seeded) -> [UInt8] {
    guard !bytes.isEmpty else { return [UInt8.random(in: 0...255, using: &random)] }
    var bytes = bytes
    let place = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: bytes.removeSubrange(place...)
    case 3: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
    case 4: bytes.remove(at: place)
    case _: bytes.insert(contentsOf: bytes[place...].prefix(20), at: place)
    }
    return bytes
  }

  @Test(arguments: ["qscc", "cscc", "lscc", "escc", "vscc", "_lifecycle"]) func neverTrap(_ chaincode: String)
    async throws
  {
    let calls = try #require(Self.calls[chaincode])
    let answered = try await SysccBench.run(
      chaincode == "_lifecycle" ? .v3_1 : .v1_0,
      adjust: {
        $0.policies = Permissive()
        $0.signer = SysccIdentity.peer
      }
    ) {
      (bench: SysccBench) async throws in
      try await bench.join(SysccGenesis())
      let proposal = sysccProposal(WireString(chaincode))
      let ledger = try #require(bench.ledgers.ledger(channel: "trade"))
      return try await withThrowingTaskGroup(of: Int.self) { group in
        for task in 0..<4 {
          group.addTask {
            var random = Seeded(state: UInt64(task))
            var answered = 0
            for number in 0..<Self.count / 4 {
              let args = Self.mutated(calls[number % calls.count], &random)
              let txid: WireString = "t\(task)-\(number)"
              let simulator = try await ledger.newTxSimulator(txid: txid)
              defer { simulator.done() }
              do {
                let response = try await bench.call(
                  WireString(chaincode), args, txid: txid, channel: "trade", proposal: proposal,
                  simulator: chaincode == "lscc" || chaincode == "_lifecycle" ? simulator : nil)
                #expect([Response.ok, Response.error, 404].contains(response.status))
                answered += 1
              } catch let error as TransactionError {
                // A text that is not UTF-8 cannot be in a response.
                guard error.code == .failed else { throw error }
              }
            }
            return answered
          }
        }
        return try await group.reduce(0, +)
      }
    }
    #expect(answered > Self.count / 2)
  }
}
