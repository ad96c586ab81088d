import MessageFSM
import SystemChaincodes
import Testing

@testable import InprocHost

/// Counts in `n`, and says which version it is.
struct SysccCounter: Chaincode {
  let version: String

  func initialize(_ stub: ChaincodeStub) async throws -> Response {
    if stub.args.first == Array("fail".utf8) { return .failure("init says no") }
    try await stub.putState("version", Array(version.utf8))
    return .success()
  }

  func invoke(_ stub: ChaincodeStub) async throws -> Response {
    switch stub.functionAndParameters.function {
    case "count":
      let old = try await stub.getState("n") ?? []
      try await stub.putState("n", old + [1])
    case "put":
      let parameters = stub.functionAndParameters.parameters
      try await stub.putState(parameters[0], [1])
    case "wrong": throw LedgerError("no such function")
    case _: break
    }
    return .success(Array(version.utf8))
  }
}

@Suite("lscc")
struct LifecycleChaincodeTests {
  private static let v1 = ChaincodeVersion(name: "assets", version: "1.0")
  private static let v2 = ChaincodeVersion(name: "assets", version: "2.0")

  private static func spec(_ id: ChaincodeVersion, args: [[UInt8]] = []) -> [UInt8] {
    ChaincodePackage(id, args: args).specBytes
  }

  @Test func aChaincodesLifeFromInstallToUpgrade() async throws {
    try await SysccPeer.run { (peer: SysccPeer) async throws in
      try peer.host.offer(SysccCounter(version: "one"), as: Self.v1)
      try peer.host.offer(SysccCounter(version: "two"), as: Self.v2)
      let unknown = try await peer.ask("assets", ["count"], channel: "trade")
      #expect(
        unknown.message.string
          == "make sure the chaincode assets has been successfully instantiated and try again: "
          + "chaincode assets not found")

      try await peer.install(Self.v1)
      try await peer.install(Self.v2)
      let installed = try await peer.ask("lscc", ["getinstalledchaincodes"], as: .admin)
      let list = try ChaincodeQueryResponse(wireBytes: installed.payload).chaincodes
      #expect(list.map(\.version) == ["1.0", "2.0"])
      #expect(list.first?.path == "assets/path")
      #expect(list.first?.id.count == 32)

      let deployed = try await peer.submit("lscc", ["deploy", "trade", Self.spec(Self.v1)], as: .admin)
      let definition = try ChaincodeData(wireBytes: deployed.payload)
      #expect(definition.escc == "escc" && definition.vscc == "vscc" && definition.version == "1.0")
      let executor = try peer.ledger.newQueryExecutor()
      defer { executor.done() }
      let stored = try await executor.getState(namespace: "lscc", key: "assets")
      #expect(stored == deployed.payload)
      let initialized = try await executor.getState(namespace: "assets", key: "version")
      #expect(initialized == Array("one".utf8))

      #expect(try await peer.submit("assets", ["count"]).payload == Array("one".utf8))
      let info = try await peer.ask("qscc", ["GetChainInfo", "trade"], channel: "trade")
      #expect(try BlockchainInfo(wireBytes: info.payload).height == 3)

      let upgraded = try await peer.endorsed("lscc", ["upgrade", "trade", Self.spec(Self.v2)], as: .admin)
      try await peer.commit([upgraded.0])
      let after = try await peer.submit("assets", ["count"])
      #expect(after.payload == Array("two".utf8))
      try await peer.host.retireUnreferenced("assets", versions: ["1.0", "2.0"], channels: ["trade"])
      await peer.host.waitForExit(of: Self.v1)
      #expect(peer.host.status(of: "assets", version: "1.0").state == .stopped)
      #expect(peer.host.status(of: "assets", version: "2.0").state == .ready)
    }
  }

  @Test func questionsAboutWhatIsInForce() async throws {
    try await SysccPeer.run { (peer: SysccPeer) async throws in
      try peer.host.offer(SysccCounter(version: "one"), as: Self.v1)
      try await peer.install(Self.v1)
      let collections = CollectionConfigPackage(collections: [
        CollectionConfig(
          fixed: StaticCollectionConfig(
            name: "secret",
            memberOrgsPolicy: CollectionPolicyConfig(signaturePolicy: SysccGenesis.member("Org1"))))
      ]).wireBytes()
      let deployed = try await peer.submit(
        "lscc", ["deploy", "trade", Self.spec(Self.v1), [UInt8](), "", "myvscc", collections], as: .admin)
      for name in ["getid", "ChaincodeExists"] {
        #expect(
          try await peer.ask("lscc", [name, "trade", "assets"], channel: "trade").payload == "assets".bytes)
      }
      for name in ["getccdata", "GetChaincodeData"] {
        let answer = try await peer.ask("lscc", [name, "trade", "assets"], channel: "trade")
        #expect(answer.payload == deployed.payload)
      }
      for name in ["getdepspec", "GetDeploymentSpec"] {
        let answer = try await peer.ask("lscc", [name, "trade", "assets"], channel: "trade")
        #expect(try ChaincodePackage(wireBytes: answer.payload).id == Self.v1)
      }
      for name in ["GetCollectionsConfig", "getcollectionsconfig"] {
        #expect(try await peer.ask("lscc", [name, "assets"], channel: "trade").payload == collections)
      }
      for name in ["getchaincodes", "GetChaincodes"] {
        let answer = try await peer.ask("lscc", [name], channel: "trade")
        let list = try ChaincodeQueryResponse(wireBytes: answer.payload).chaincodes
        #expect(list.count == 1)
        #expect(list.first?.vscc == "myvscc")
        #expect(list.first?.input == "args:\"init\" ")
      }
    }
  }

  private static let faults: [(args: [String], text: String)] = [
    ([], "invalid number of arguments to lscc: 0"),
    ([""], "invalid function to lscc: "),
    (["stop", "x"], "invalid function to lscc: stop"),
    (["install"], "invalid number of arguments to lscc: 1"),
    (["install", ""], "could not unmarshaled chaincode package to CDS or SignedCDS"),
    (["install", "\n"], "could not unmarshaled chaincode package to CDS or SignedCDS"),
    (["deploy", "trade"], "invalid number of arguments to lscc: 2"),
    (["upgrade"], "invalid number of arguments to lscc: 1"),
    (["deploy", "", ""], "invalid channel name: "),
    (["deploy", "nochan", ""], "programming error, non-existent appplication config for channel 'nochan'"),
    (["deploy", "trade", "\n"], "error unmarshaling ChaincodeDeploymentSpec: unexpected EOF"),
    (["deploy", "trade", ""], "chaincode name not provided"),
    (["deploy", "trade", "", "", "", "", "", ""], "invalid number of arguments to lscc: 8"),
    (["getid", "trade"], "invalid number of arguments to lscc: 2"),
    (["getid", "trade", "x", "y"], "invalid number of arguments to lscc: 4"),
    (["getid", "trade", "no"], "could not find chaincode with name 'no'"),
    (["getccdata", "trade", "no"], "could not find chaincode with name 'no'"),
    (["getdepspec", "trade", "no"], "could not find chaincode with name 'no'"),
    (["getid", "trade", ""], "could not find chaincode with name ''"),
    (["getchaincodes", "x"], "invalid number of arguments to lscc: 2"),
    (["getinstalledchaincodes", "x"], "invalid number of arguments to lscc: 2"),
    (["GetCollectionsConfig"], "invalid number of arguments to lscc: 1"),
    (["GetCollectionsConfig", "no"], "collections config not defined for chaincode no"),
  ]

  @Test(arguments: faults.indices) func saysWhatIsWrong(_ index: Int) async throws {
    let fault = Self.faults[index]
    let text = try await SysccPeer.run { (peer: SysccPeer) async throws in
      try await peer.ask("lscc", fault.args, channel: "trade", as: .admin).message.string
    }
    #expect(text == fault.text, "\(fault.args)")
  }

  @Test func deniedCallsSayByWhomAndWhy() async throws {
    // Who is asked for, which channel is shown, and which arguments come before.
    let denied: [(name: String, resource: String, shown: String, parameters: [String])] = [
      ("install", "Install", "install", ["x"]), ("getid", "ChaincodeExists", "getid][trade", ["trade", "a"]),
      ("ChaincodeExists", "ChaincodeExists", "ChaincodeExists][trade", ["trade", "a"]),
      ("getdepspec", "GetDeploymentSpec", "getdepspec][trade", ["trade", "a"]),
      ("GetChaincodeData", "GetChaincodeData", "GetChaincodeData][trade", ["trade", "a"]),
      ("GetChaincodes", "GetInstantiatedChaincodes", "GetChaincodes][here", []),
      ("getinstalledchaincodes", "GetInstalledChaincodes", "getinstalledchaincodes", []),
      ("GetInstalledChaincodes", "GetInstalledChaincodes", "GetInstalledChaincodes", []),
      ("GetCollectionsConfig", "GetCollectionsConfig", "GetCollectionsConfig", ["a"]),
    ]
    for call in denied {
      let access = SysccAccess(refusals: ["lscc/\(call.resource)": "not you"])
      let text = try await SysccBench.run(access: access) { (bench: SysccBench) async throws in
        try await bench.refusal("lscc", [call.name] + call.parameters, channel: "here")
      }
      #expect(text == "access denied for [\(call.shown)]: not you")
      #expect(access.questions.count == 1)
    }
  }

  @Test(arguments: [
    ("", "1.0", "chaincode name not provided"),
    ("-a", "1.0", "invalid chaincode name '-a'. Names can only consist of alphanumerics, '_', and '-'"),
    ("a--b", "1.0", "invalid chaincode name 'a--b'. Names can only consist of alphanumerics, '_', and '-'"),
    ("a/b", "1.0", "invalid chaincode name 'a/b'. Names can only consist of alphanumerics, '_', and '-'"),
    ("a", "", "version not provided for chaincode with name 'a'"),
    (
      "a", "1/2",
      "invalid chaincode version '1/2'. Versions can only consist of alphanumerics, '_',  '-', '+', and '.'"
    ),
    ("qscc", "1.0", "cannot install: qscc is the name of a system chaincode"),
    (
      "_lifecycle", "1",
      "invalid chaincode name '_lifecycle'. Names can only consist of alphanumerics, '_', and '-'"
    ),
    ("vscc", "1", "cannot install: vscc is the name of a system chaincode"),
    ("a-b_c", "1.0+x_y-z", "OK"),
  ])
  func installChecksNames(_ name: String, _ version: String, _ expected: String) async throws {
    let response = try await SysccPeer.run { (peer: SysccPeer) async throws in
      let package = ChaincodePackage(ChaincodeVersion(name: WireString(name), version: WireString(version)))
      return try await peer.ask("lscc", ["install", package.wireBytes], as: .admin)
    }
    #expect((response.status == Response.ok ? "OK" : response.message.string) == expected)
  }

  @Test func refusalsOfDeployAndUpgrade() async throws {
    try await SysccPeer.run { (peer: SysccPeer) async throws in
      try peer.host.offer(SysccCounter(version: "one"), as: Self.v1)
      try peer.host.offer(SysccCounter(version: "two"), as: Self.v2)
      func text(_ function: String, _ id: ChaincodeVersion, as client: SysccIdentity = .admin) async throws
        -> String
      {
        try await peer.ask("lscc", [function, "trade", Self.spec(id)], channel: "trade", as: client).message
          .string
      }
      #expect(try await text("deploy", Self.v1) == "cannot get package for chaincode (assets:1.0)")
      try await peer.install(Self.v1)
      let again = await #expect(throws: LedgerError.self) { try await peer.install(Self.v1) }
      #expect(
        again?.message
          == "Error installing chaincode code assets:1.0(chaincode chaincodes/assets.1.0 exists)")
      #expect(try await text("upgrade", Self.v1) == "could not find chaincode with name 'assets'")
      #expect(
        try await text("deploy", Self.v1, as: .alice)
          == "instantiation policy violation: signature set did not satisfy policy")
      try await peer.submit("lscc", ["deploy", "trade", Self.spec(Self.v1)], as: .admin)
      #expect(try await text("deploy", Self.v1) == "chaincode with name 'assets' already exists")
      #expect(try await text("upgrade", Self.v1) == "version already exists for chaincode with name 'assets'")
      #expect(try await text("upgrade", Self.v2) == "cannot get package for chaincode (assets:2.0)")
      try await peer.install(Self.v2)
      #expect(
        try await text("upgrade", Self.v2, as: .bob)
          == "instantiation policy violation: signature set did not satisfy policy")
      let (_, response) = try await peer.endorsed(
        "lscc", ["upgrade", "trade", Self.spec(Self.v2)], as: .admin)
      #expect(response.status == Response.ok)
    }
  }

  @Test func aFailedInitializationIsNoDefinition() async throws {
    let text = try await SysccPeer.run { (peer: SysccPeer) async throws in
      try peer.host.offer(SysccCounter(version: "one"), as: Self.v1)
      try await peer.install(Self.v1)
      return try await peer.ask(
        "lscc", ["deploy", "trade", Self.spec(Self.v1, args: ["fail".bytes])], channel: "trade", as: .admin
      ).message.string
    }
    #expect(text == "transaction returned with failure: init says no")
  }

  @Test func aPackageOfOtherCodeIsNotStarted() async throws {
    let packages = MemoryPackageStore()
    try await SysccPeer.run(packages: packages) { (peer: SysccPeer) async throws in
      try peer.host.offer(SysccCounter(version: "one"), as: Self.v1)
      try await peer.install(Self.v1, code: "some code")
      // The definition on the channel is of other code, as another organization might have put it there.
      var data = ChaincodeData(name: "assets", version: "1.0", escc: "escc", vscc: "vscc")
      data.data = [0x0a, 0x01, 0x07]
      let simulator = try peer.ledger.newTxSimulator(txid: "seed")
      try await simulator.setState(namespace: "lscc", key: "assets", value: data.wireBytes())
      let results = try await simulator.simulationResults()
      let seed = EndorsedTransaction(
        channelID: "trade", txid: "seed", chaincode: ChaincodeVersion(name: "lscc", version: "latest"),
        args: [], response: .success(), event: nil, results: results)
      try await peer.ledger.commit([seed])
      let text = try await peer.ask("assets", ["count"], channel: "trade").message.string
      #expect(text.hasSuffix("could not get chaincode code: chaincode fingerprint mismatch: data mismatch"))
    }
  }

  @Test func collectionsMustNameTheirMembers() async throws {
    func package(_ policy: CollectionPolicyConfig?) -> [UInt8] {
      CollectionConfigPackage(collections: [
        CollectionConfig(fixed: StaticCollectionConfig(name: "c", memberOrgsPolicy: policy))
      ]).wireBytes()
    }
    var outOfRange = SysccGenesis.member("Org1")
    outOfRange.identities = []
    let unsupported = SignaturePolicyEnvelope(
      rule: SignaturePolicy(signedBy: 0), identities: [MSPPrincipal(classification: 4)])
    let cases: [([UInt8], String)] = [
      ([0x0a], "invalid collection configuration supplied for chaincode assets:1.0"),
      ([0x0a, 0], "collection member policy check failed: collection configuration is empty"),
      (package(nil), "collection member policy check failed: collection member policy is not set"),
      (
        package(CollectionPolicyConfig()),
        "collection member policy check failed: collection member org policy is empty"
      ),
      (
        package(CollectionPolicyConfig(signaturePolicy: outOfRange)),
        "collection member policy check failed: invalid member org policy for collection 'c': "
          + "identity index out of range, requested 0, but identities length is 0"
      ),
      (
        package(CollectionPolicyConfig(signaturePolicy: unsupported)),
        "collection member policy check failed: collection-name: c -- principal type COMBINED is not supported"
      ),
    ]
    try await SysccPeer.run { (peer: SysccPeer) async throws in
      try await peer.install(Self.v1)
      for (collections, expected) in cases {
        let args: [any SysccArgument] = ["deploy", "trade", Self.spec(Self.v1), "", "", "", collections]
        let text = try await peer.ask("lscc", args, channel: "trade", as: .admin).message.string
        #expect(text == expected)
      }
    }
  }

  @Test func isReadOnlyAfterTheMoveToTheNewLifecycle() async throws {
    let text = try await SysccPeer.run(.v2_5) { (peer: SysccPeer) async throws in
      try await peer.ask("lscc", ["deploy", "trade", Self.spec(Self.v1)], channel: "trade", as: .admin)
        .message
    }
    #expect(text == "Channel 'trade' has been migrated to the new lifecycle, LSCC is now read-only")
  }
}
