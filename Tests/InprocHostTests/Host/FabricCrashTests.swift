import Foundation
import MessageFSM
import Testing

@testable import InprocHost

/// What kills the process of Fabric 1.4 (`tables/crashes.json`): here it ends with an error, and the host serves the next call.
///
/// Not here, since other suites have them: "delete and metadata write in one block" (the ledger's commit), "cscc
/// SimulateConfigTreeUpdate with one argument" and "cscc GetConfigTree of an unknown channel" (the system chaincodes). Not
/// possible: "nil chaincode registered" and "registry without ChaincodeSupport" (types without a null).
@Suite("What kills Fabric 1.4", .timeLimit(.minutes(5)))
struct FabricCrashTests {
  struct Row: Decodable {
    let name: String
    private enum CodingKeys: String, CodingKey { case name = "case" }
  }

  private static let elsewhere: Set<String> = [
    "delete and metadata write in one block", "cscc SimulateConfigTreeUpdate with one argument",
    "cscc GetConfigTree of an unknown channel", "nil chaincode registered",
    "registry without ChaincodeSupport",
  ]

  @Test("every row of the table is here, or is said to be elsewhere")
  func complete() throws {
    let rows = Set(try Golden.decode([Row].self, "tables/crashes.json").map(\.name))
    #expect(rows.count == 25)
    let here = Set(Self.invocations.map(\.name) + Self.requests.map(\.name) + Self.others)
    #expect(here.union(Self.elsewhere) == rows)
    #expect(here.isDisjoint(with: Self.elsewhere))
  }

  private struct Panic: Error, CustomStringConvertible {
    var description: String { "panic of the chaincode" }
  }

  // MARK: in a chaincode

  struct Invocation: Sendable, CustomTestStringConvertible {
    let name: String
    var inInit = false
    let text: String
    let body: @Sendable (ChaincodeStub) async throws -> Response
    var testDescription: String { name }
  }

  static let invocations: [Invocation] = [
    Invocation(name: "chaincode panics in Invoke", text: "panic of the chaincode") { _ in throw Panic() },
    Invocation(name: "chaincode panics in Init", inInit: true, text: "panic of the chaincode") { _ in
      throw Panic()
    },
    Invocation(name: "chaincode ends its goroutine", text: "CancellationError()") { _ in
      unsafe withUnsafeCurrentTask { task in unsafe task?.cancel() }
      try Task.checkCancellation()
      return .success()
    },
    Invocation(
      name: "GetTxTimestamp without a proposal",
      text: "the transaction has no proposal, so it has no timestamp"
    ) { stub in
      .success(Array("\(try stub.txTimestamp())".utf8))
    },
    Invocation(
      name: "GetTxTimestamp in Init of a system chaincode", inInit: true,
      text: "the transaction has no proposal, so it has no timestamp"
    ) { stub in
      .success(Array("\(try stub.txTimestamp())".utf8))
    },
    Invocation(
      name: "SplitCompositeKey of an empty string", text: "the key [] is not a composite key"
    ) { stub in
      .success(try stub.splitCompositeKey("").objectType.bytes)
    },
    Invocation(
      name: "SplitCompositeKey of a simple key", text: "the key [abc] is not a composite key"
    ) { stub in
      .success(try stub.splitCompositeKey("abc").objectType.bytes)
    },
    Invocation(
      name: "GetHistoryForKey in Init of a system chaincode", inInit: true,
      text:
        "GET_HISTORY_FOR_KEY failed: transaction ID: deploy-2: the transaction has no history query executor"
    ) { stub in
      _ = try await stub.getHistoryForKey("k")
      return .success()
    },
  ]

  @Test("in a chaincode", arguments: invocations)
  func invocation(_ row: Invocation) async throws {
    let ledger = TestLedger()
    try await withHost(ledger: ledger) { host, _ in
      let chaincode: ClosureChaincode
      if row.inInit {
        // Only the deployment on the channel does it, as there it has a simulator.
        chaincode = .initializing { stub in stub.channelID.isEmpty ? .success() : try await row.body(stub) }
      } else {
        chaincode = ClosureChaincode { stub in
          if stub.args.isEmpty { return try await row.body(stub) }
          // Whatever the one before did to its task, this one has a good one.
          return Task.isCancelled ? .failure("cancelled") : .success()
        }
      }
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      if row.inInit {
        await #expect {
          try await host.deploy(channel: "ch1")
        } throws: { error in
          guard let error = error as? HostError, error.code == .deployFailed else { return false }
          return error.message.hasSuffix("transaction returned with failure: \(row.text)")
        }
      } else {
        let response = try #require(await host.run("cc").response)
        #expect(response.status == 500)
        #expect(response.message.string.contains(row.text))
      }
      #expect(await host.run("cc", ["next"], txid: "tx2").response?.status == 200)
    }
  }

  // MARK: from a chaincode that is not ours

  struct Request: Sendable, CustomTestStringConvertible {
    let name: String
    let payload: Payload
    var channel: WireString = "ch1"
    let text: String
    var testDescription: String { name }
  }

  static let requests: [Request] = [
    Request(
      name: "PUT_STATE_METADATA with an empty payload", payload: .raw(.putStateMetadata, []),
      text: "unmarshal failed: the metadata of PutStateMetadata is missing"),
    Request(
      name: "PUT_STATE_METADATA without Metadata", payload: .raw(.putStateMetadata, [0x0a, 0x01, 0x6b]),
      text: "unmarshal failed: the metadata of PutStateMetadata is missing"),
    Request(
      name: "INVOKE_CHAINCODE with an empty payload", payload: .raw(.invokeChaincode, []),
      text: "unmarshal failed: the chaincode id of ChaincodeSpec is missing"),
    Request(
      name: "INVOKE_CHAINCODE with an empty payload and no channel", payload: .raw(.invokeChaincode, []),
      channel: "", text: "unmarshal failed: the chaincode id of ChaincodeSpec is missing"),
    Request(
      name: "INVOKE_CHAINCODE without Input",
      payload: .raw(.invokeChaincode, [0x12, 0x05, 0x12, 0x03] + Array("cc2".utf8)),
      text: "unmarshal failed: the input of ChaincodeSpec is missing"),
  ]

  @Test("in a request", arguments: requests)
  func request(_ row: Request) async throws {
    try await withPeerRig { rig in
      try rig.support.systemChaincodes.add(SystemChaincodeDescriptor(name: "cc2"), fabric: .v1_4)
      let wire = await rig.connectReady()
      _ = rig.begin(channel: row.channel)
      #expect(await wire.next()?.type == .transaction)
      wire.send(row.payload, txid: "tx1", channel: row.channel)
      let text = "\(row.payload.type) failed: transaction ID: tx1: \(row.text)"
      #expect(
        await wire.next(1).map { Shown($0) } == [
          Shown(error: text, txid: "tx1", channel: row.channel.string)
        ])
      // The next request of the transaction is answered.
      wire.send(.getState(GetState(key: "k")), txid: "tx1", channel: row.channel)
      #expect(await wire.next()?.type == (row.channel.isEmpty ? .error : .response))
    }
  }

  // MARK: the others

  private static let others = [
    "memberOnlyRead without a signed proposal", "launcher reports success, no handler is registered",
    "ExecuteLegacyInit, the same", "unknown container type", "deploy on a channel without a ledger",
    "system chaincode registered twice with the provider", "InprocVM.Stop twice at the same time",
  ]

  private struct NoPrincipals: PrincipalEvaluator {
    func satisfies(
      _ principal: MSPPrincipal, identity: SignedIdentity, channel: WireString
    ) async throws -> Bool { false }
  }

  @Test("memberOnlyRead without a signed proposal", arguments: [FabricVersion.v1_4])
  func memberOnlyRead(_ version: FabricVersion) async throws {
    let package = CollectionConfigPackage(collections: [
      CollectionConfig(fixed: StaticCollectionConfig(name: "coll", memberOnlyRead: true))
    ])
    let ledger = TestLedger(state: ["lscc": ["cc~collection": package.wireBytes()]])
    let store = LSCCCollectionStore(
      options: InMemoryLedger.Options(fabricVersion: version), evaluator: NoPrincipals())
    try await withHost(version: version, ledger: ledger, configure: { $0.collections = store }) { host, _ in
      let chaincode = ClosureChaincode { stub in .success(try await stub.getPrivateData("coll", "k") ?? []) }
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      let response = try #require(await host.run("cc", ledger: ledger).response)
      #expect(response.status == 500)
      #expect(
        response.message.string.hasPrefix("GET_STATE failed: transaction ID: tx1: "), "\(response.message)")
    }
  }

  @Test("a launch that succeeds without a handler is an error", arguments: [false, true])
  func noHandler(isInit: Bool) async throws {
    try await withPeerRig { rig in
      rig.support.systemChaincodes.deployed(id: PeerRig.registrationID)
      // The launch is the test's, and it is said to have succeeded.
      rig.support.registry.launch(PeerRig.registrationID).launch.notify(nil)
      let params = TransactionParams(channelID: "ch1", txid: "tx1")
      let text = "[channel ch1] claimed to start chaincode container for raw:1.0 but could not find handler"
      await #expect {
        if isInit {
          _ = try await rig.support.executeInit(PeerRig.id, input: ChaincodeInput(args: []), params: params)
        } else {
          _ = try await rig.support.execute(PeerRig.id, input: ChaincodeInput(args: []), params: params)
        }
      } throws: { ($0 as? TransactionError)?.message.string.hasSuffix(text) == true }
    }
  }

  @Test("a container type that nobody runs is an error that names it")
  func unknownContainerType() async throws {
    let controller = VMController(providers: [:])
    let request = StartContainerRequest(id: PeerRig.id, arguments: [], environment: [:])
    await #expect {
      try await controller.process(request, on: ContainerType("SYSTEM2"))
    } throws: { error in
      (error as? HostError)?.code == .unsupportedContainerType
        && (error as? HostError)?.message == "unsupported container type: SYSTEM2"
    }
  }

  @Test("deploying on a channel that has no ledger is an error that names both")
  func deployWithoutLedger() async throws {
    try await withHost { host, _ in
      try host.register(ClosureChaincode { _ in .success() }, as: SystemChaincodeDescriptor(name: "qscc"))
      await #expect {
        try await host.deploy(channel: "nochan")
      } throws: { error in
        (error as? HostError)?.message.contains(
          "syschain qscc start up failure - unexpected nil ledger for channel nochan") == true
      }
    }
  }

  @Test("stopping a chaincode by many at once: one stops it, the others are told", arguments: 0..<20)
  func stopAtOnce(_: Int) async throws {
    try await withHost { host, _ in
      try host.register(ClosureChaincode { _ in .success() }, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      let stopped = await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<8 {
          group.addTask { (try? await host.stop(chaincode: "cc")) != nil }
        }
        var stopped = 0
        for await isStopped in group where isStopped { stopped += 1 }
        return stopped
      }
      #expect(stopped == 1)
      #expect(host.status(of: "cc").state == .stopped)
    }
  }
}

/// What `v3_1/tables/crashes.json` tells: strings that are not UTF-8, and others, with Fabric 3.1.5.
@Suite("What kills Fabric 3.1.5", .timeLimit(.minutes(5)))
struct Fabric31CrashTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let operations: String
    let processDied: Bool
    let offersNothing: Bool
    let messages: [String]
    let status: Int?
    let payload: String?
    let error: String?
    var testDescription: String { name }
  }

  static let rows: [Row] = {
    guard let data = try? Golden.data("v3_1/tables/crashes.json"),
      let root = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
      let rows = root["rows"] as? [[String: Any]]
    else { return [] }
    return rows.map { row in
      let operations = (try? JSONSerialization.data(withJSONObject: row["ops"] ?? [])) ?? Data()
      let result = row["result"] as? [String: Any]
      return Row(
        name: row["case"] as? String ?? "", operations: String(decoding: operations, as: UTF8.self),
        processDied: row["processDied"] as? Bool ?? false, offersNothing: row["runtime"] != nil,
        messages: row["messages"] as? [String] ?? [], status: result?["status"] as? Int,
        payload: result?["payload"] as? String, error: row["error"] as? String)
    }
  }()

  @Test("the table has 31 rows, 21 of which kill the process")
  func count() {
    #expect(Self.rows.count == 31)
    #expect(Self.rows.filter(\.processDied).count == 21)
  }

  /// Lets everything through, and knows no collections where the table has none.
  private struct OpenCollections: CollectionStore {
    func hasReadAccess(
      channel: WireString, namespace: WireString, collection: WireString, proposal: SignedProposal?,
      executor: any QueryExecutor
    ) async throws -> Bool { true }
    func hasWriteAccess(
      channel: WireString, namespace: WireString, collection: WireString, proposal: SignedProposal?,
      executor: any QueryExecutor
    ) async throws -> Bool { true }
  }

  @Test("ends with an error here, or as there", arguments: rows)
  func row(_ row: Row) async throws {
    let ledger = TestLedger()
    let observer = CountingObserver()
    try await withHost(
      version: .v3_1, ledger: ledger,
      configure: { configuration in
        configuration.collections = OpenCollections()
        configuration.observer = observer
        if row.offersNothing {
          configuration.runtimeParams = ChaincodeAdditionalParams(
            useWriteBatch: false, maxSizeWriteBatch: 1000, useGetMultipleKeys: false,
            maxSizeGetMultipleKeys: 1000)
        }
      }
    ) { host, clock in
      for name in ["cc1", "cc2"] as [WireString] {
        try host.register(ScriptedChaincode(clock: clock), as: SystemChaincodeDescriptor(name: name))
      }
      try await host.deploy()
      // The handshake is over when a first transaction is.
      for name in ["cc1", "cc2"] as [WireString] {
        #expect(await host.run(name, ["run", "[]"], ledger: ledger).response?.status == 200)
      }
      observer.start()
      let result = await host.run("cc1", ["run", row.operations], ledger: ledger)
      if row.processDied {
        let told = result.response.map { $0.text } ?? result.error?.message.string ?? ""
        if row.name == "GetTxTimestamp without a proposal" {
          #expect(told == "timestamp=!the transaction has no proposal, so it has no timestamp\n")
        } else {
          // A callee's refusal is the payload of a response, which the script shows in hexadecimal.
          let hex = Array("invalid UTF-8".utf8).map { String($0, radix: 16) }.joined()
          #expect(told.contains("invalid UTF-8") || told.contains(hex), "\(told)")
        }
      } else if row.name != "private hash without a definition of the chaincode" {
        // That one is a matter of the ledger.
        let types = observer.log.compactMap { $0.split(separator: " ").last.map(String.init) }
        #expect(types == row.messages)
        #expect(result.response.map { Int($0.status) } == row.status)
        #expect(result.response?.text == row.payload)
        #expect(result.error?.message.string == row.error)
      }
      // The host goes on.
      #expect(await host.run("cc1", ["run", "[]"], txid: "tx2", ledger: ledger).response?.status == 200)
    }
  }
}
