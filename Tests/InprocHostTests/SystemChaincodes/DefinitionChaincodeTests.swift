import InprocHost
import MessageFSM
import SystemChaincodes
import Testing

@Suite("_lifecycle")
struct DefinitionChaincodeTests {
  private static func definition(
    _ sequence: Int64, version: WireString = "1.0", name: WireString = "assets", package: WireString? = nil,
    collections: [StaticCollectionConfig] = []
  ) -> [UInt8] {
    var message = ChaincodeDefinitionMessage()
    message.sequence = sequence
    message.name = name
    message.version = version
    message.source = package.map { ChaincodeSource(packageID: $0).wireBytes() }
    if !collections.isEmpty {
      message.collections = CollectionConfigPackage(
        collections: collections.map { CollectionConfig(fixed: $0) })
    }
    return message.wireBytes()
  }

  private static func ask(
    _ peer: SysccPeer, _ function: String, _ message: [UInt8], as client: SysccIdentity = .admin
  ) async throws -> Response {
    try await peer.ask("_lifecycle", [function, message], channel: "trade", as: client)
  }

  private static func refusal(_ peer: SysccPeer, _ function: String, _ message: [UInt8]) async throws
    -> String
  {
    let answer = try await ask(peer, function, message)
    #expect(answer.status == Response.error)
    let prefix = "failed to invoke backing implementation of '\(function)': "
    let text = answer.message.string
    return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
  }

  private static func readiness(_ peer: SysccPeer, _ sequence: Int64) async throws -> [String: Bool] {
    let answer = try await ask(peer, "CheckCommitReadiness", definition(sequence))
    let approvals = try CommitReadiness(wireBytes: answer.payload).approvals
    return Dictionary(uniqueKeysWithValues: approvals.map { ($0.organization.string, $0.isApproved) })
  }

  @Test(arguments: [SystemChaincodeProfile.v2_5, .v3_1])
  func aDefinitionsLifeFromApprovalToCommit(_ profile: SystemChaincodeProfile) async throws {
    try await SysccPeer.run(profile) { (peer: SysccPeer) async throws in
      let query = ChaincodeDefinitionQuery(name: "assets").wireBytes()
      let missing = try await Self.ask(peer, "QueryChaincodeDefinition", query)
      #expect(missing.status == 404 && missing.message == "namespace assets is not defined")
      #expect(try await Self.readiness(peer, 1) == ["Org1": false, "Org2": false])
      #expect(
        try await Self.refusal(peer, "CommitChaincodeDefinition", Self.definition(1))
          == "chaincode definition not agreed to by this org (Org1)")

      let approval = Self.definition(1, package: "assets:123")
      try await peer.submit("_lifecycle", ["ApproveChaincodeDefinitionForMyOrg", approval], as: .admin)
      #expect(
        try await Self.refusal(peer, "ApproveChaincodeDefinitionForMyOrg", approval)
          == "attempted to redefine uncommitted sequence (1) for namespace assets with unchanged content")
      let approved = try ChaincodeDefinitionAnswer(
        wireBytes: await Self.ask(peer, "QueryApprovedChaincodeDefinition", query).payload)
      #expect(approved.sequence == 1 && approved.version == "1.0" && approved.endorsementPlugin == "escc")
      #expect(approved.details == [ChaincodeSource(packageID: "assets:123").wireBytes()])
      #expect(try await Self.readiness(peer, 1) == ["Org1": true, "Org2": false])

      try await peer.submit("_lifecycle", ["CommitChaincodeDefinition", Self.definition(1)], as: .admin)
      let committed = try ChaincodeDefinitionAnswer(
        wireBytes: await Self.ask(peer, "QueryChaincodeDefinition", query, as: .alice).payload)
      #expect(committed.sequence == 1 && committed.validationPlugin == "vscc")
      #expect(
        committed.validationParameter == [0x12, 32] + "/Channel/Application/Endorsement".bytes)
      #expect(
        committed.details
          == [OrganizationApproval("Org1", true), OrganizationApproval("Org2", false)].map { $0.wireBytes() })
      let list = try ChaincodeDefinitionList(
        wireBytes: await Self.ask(peer, "QueryChaincodeDefinitions", []).payload)
      #expect(list.definitions.map(\.definition.name) == ["assets"])

      // What is stored is what the host, and Fabric, look for.
      let executor = try peer.ledger.newQueryExecutor()
      defer { executor.done() }
      let stored = try await executor.getState(
        namespace: "_lifecycle", key: "namespaces/fields/assets/Sequence")
      #expect(stored == [0x08, 1])
      let empty = try await executor.getState(
        namespace: "_lifecycle", key: "namespaces/fields/assets/Collections")
      #expect(empty == [0x12, 0])
      let found = try await DefinedLifecycle().definition(of: "assets", channel: "trade", executor: executor)
      #expect(found.version == "1.0")
    }
  }

  @Test(arguments: [SystemChaincodeProfile.v2_5, .v3_1])
  func whatIsInForceRuns(_ profile: SystemChaincodeProfile) async throws {
    try await SysccPeer.run(profile, adjust: { $0.lifecycle = OfferedLifecycle() }) {
      (peer: SysccPeer) async throws in
      for (version, answer) in [("1.0", "one"), ("2.0", "two")] {
        try peer.host.offer(
          SysccCounter(version: answer), as: ChaincodeVersion(name: "assets", version: WireString(version)))
      }
      #expect(
        try await peer.ask("assets", ["count"], channel: "trade").message.string
          == "make sure the chaincode assets has been successfully defined on channel trade and try again: "
          + "chaincode assets not found")
      for (sequence, version, answer): (Int64, WireString, String) in [(1, "1.0", "one"), (2, "2.0", "two")] {
        let definition = Self.definition(sequence, version: version)
        try await peer.submit("_lifecycle", ["ApproveChaincodeDefinitionForMyOrg", definition], as: .admin)
        try await peer.submit("_lifecycle", ["CommitChaincodeDefinition", definition], as: .admin)
        #expect(try await peer.submit("assets", ["count"]).payload == answer.bytes)
      }
      let old = ChaincodeVersion(name: "assets", version: "1.0")
      // The version in force is the lifecycle's, not lscc's.
      try await peer.host.retireUnreferenced("assets", versions: ["1.0", "2.0"], channels: ["trade"])
      await peer.host.waitForExit(of: old)
      #expect(peer.host.status(of: "assets", version: "1.0").state == .stopped)
      #expect(peer.host.status(of: "assets", version: "2.0").state == .ready)
      // A chaincode that is defined nowhere has no version in force, which is no error.
      try await peer.host.retireUnreferenced("nobody", versions: ["1"], channels: ["trade"])
    }
  }

  @Test func sequencesAreCountedOneByOne() async throws {
    try await SysccPeer.run(.v3_1) { (peer: SysccPeer) async throws in
      func refusal(_ sequence: Int64, _ version: WireString = "1.0") async throws -> String {
        try await Self.refusal(
          peer, "ApproveChaincodeDefinitionForMyOrg", Self.definition(sequence, version: version))
      }
      #expect(try await refusal(0) == "requested sequence is 0, but first definable sequence number is 1")
      #expect(
        try await refusal(2) == "requested sequence 2 is larger than the next available sequence number 1")
      #expect(
        try await Self.refusal(peer, "CheckCommitReadiness", Self.definition(2))
          == "requested sequence is 2, but new definition must be sequence 1")
      for sequence: Int64 in [1, 2] {
        for function in ["ApproveChaincodeDefinitionForMyOrg", "CommitChaincodeDefinition"] {
          let version: WireString = "\(sequence).0"
          try await peer.submit(
            "_lifecycle", [function, Self.definition(sequence, version: version)], as: .admin)
        }
      }
      #expect(try await refusal(1) == "currently defined sequence 2 is larger than requested sequence 1")
      #expect(
        try await refusal(2)
          == "attempted to redefine the current committed sequence (2) for namespace assets with different "
          + "parameters: expected Version '2.0' does not match passed Version '1.0'")
      #expect(
        try await refusal(2, "2.0")
          == "attempted to redefine the current committed sequence (2) for namespace assets")
      // Another package is no redefinition.
      let moved = Self.definition(2, version: "2.0", package: "assets:456")
      try await peer.submit("_lifecycle", ["ApproveChaincodeDefinitionForMyOrg", moved], as: .admin)
      let answer = try await Self.ask(
        peer, "QueryApprovedChaincodeDefinition",
        ChaincodeDefinitionQuery(name: "assets", sequence: 1).wireBytes())
      #expect(try ChaincodeDefinitionAnswer(wireBytes: answer.payload).version == "1.0")
      #expect(
        try await Self.refusal(
          peer, "QueryApprovedChaincodeDefinition", ChaincodeDefinitionQuery(name: "other").wireBytes())
          == "could not fetch approved chaincode definition (name: 'other', sequence: '0') on channel 'trade'"
      )
    }
  }

  private static func collection(
    _ name: WireString, _ organization: WireString = "Org1", required: Int32 = 0, maximum: Int32 = 0,
    n: Int32 = 1, life: UInt64 = 0
  ) -> StaticCollectionConfig {
    var policy = SysccGenesis.member(organization)
    policy.rule?.nOutOf?.n = n
    return StaticCollectionConfig(
      name: name, memberOrgsPolicy: CollectionPolicyConfig(signaturePolicy: policy),
      requiredPeerCount: required, maximumPeerCount: maximum, blockToLive: life)
  }

  private static let faults: [(message: [UInt8], text: String)] = [
    (
      definition(1, name: "a b"),
      "invalid chaincode name 'a b'. Names can only consist of alphanumerics, '_', and '-' and can only "
        + "begin with alphanumerics"
    ),
    (definition(1, name: "qscc"), "chaincode name 'qscc' is the name of a system chaincode"),
    (
      definition(1, version: "1/0"),
      "invalid chaincode version '1/0'. Versions can only consist of alphanumerics, '_', '-', '+', and '.'"
    ),
    (
      definition(1, collections: [collection("_a")]),
      "invalid collection name '_a'. Names can only consist of alphanumerics, '_', and '-' and cannot begin with '_'"
    ),
    (
      definition(1, collections: [collection("a"), collection("a")]),
      "collection-name: a -- found duplicate in collection configuration"
    ),
    (
      definition(1, collections: [collection("a", required: 2, maximum: 1)]),
      "collection-name: a -- maximum peer count (1) cannot be less than the required peer count (2)"
    ),
    (
      definition(1, collections: [collection("a", required: -1)]),
      "collection-name: a -- requiredPeerCount (-1) cannot be less than zero"
    ),
    (
      definition(1, collections: [collection("a", n: 2)]),
      "collection-name: a -- error in member org policy: signature policy is not an OR concatenation, NOutOf 2"
    ),
    (
      definition(1, collections: [collection("a", "Org9")]),
      "collection-name: a -- collection member 'Org9' is not part of the channel"
    ),
    (
      definition(1, collections: [StaticCollectionConfig(name: "a")]),
      "collection member policy is not set for collection 'a'"
    ),
  ]

  @Test func definitionsKeepTheRules() async throws {
    try await SysccPeer.run(.v2_5) { (peer: SysccPeer) async throws in
      for (message, text) in Self.faults {
        for function in ["ApproveChaincodeDefinitionForMyOrg", "CommitChaincodeDefinition"] {
          #expect(
            try await Self.refusal(peer, function, message)
              == "error validating chaincode definition: \(text)")
        }
      }
      let first = Self.definition(1, collections: [Self.collection("a", life: 3)])
      for function in ["ApproveChaincodeDefinitionForMyOrg", "CommitChaincodeDefinition"] {
        try await peer.submit("_lifecycle", [function, first], as: .admin)
      }
      let later: [([StaticCollectionConfig], String)] = [
        ([], "the proposed collection config does not contain previously defined collections"),
        ([Self.collection("b")], "existing collection [a] missing in the proposed collection configuration"),
        (
          [Self.collection("a", life: 4)],
          "the BlockToLive in an existing collection [a] modified. Existing value [3]"
        ),
      ]
      for (collections, text) in later {
        #expect(
          try await Self.refusal(
            peer, "ApproveChaincodeDefinitionForMyOrg", Self.definition(2, collections: collections))
            == "error validating chaincode definition: \(text)")
      }
    }
  }

  @Test func saysWhatItCannotDo() async throws {
    try await SysccPeer.run(.v3_1) { (peer: SysccPeer) async throws in
      for name in [
        "InstallChaincode", "QueryInstalledChaincode", "GetInstalledChaincodePackage",
        "QueryInstalledChaincodes",
      ] {
        #expect(
          try await Self.refusal(peer, name, [])
            == "this peer has no packages of Fabric 2.0 and later: its chaincodes are compiled in")
      }
      #expect(
        try await Self.refusal(peer, "QueryApprovedChaincodeDefinitions", [])
          == "this peer lists approvals one chaincode at a time only")
      #expect(
        try await Self.refusal(peer, "QueryChaincodeDefinition", [0x0a])
          == "could not decode input arg for *lifecycle.Invocation.QueryChaincodeDefinition: "
          + "proto: cannot parse invalid wire-format data")
      let none = try await peer.ask("_lifecycle", [], channel: "trade")
      #expect(none.message == "lifecycle scc must be invoked with arguments")
      let many = try await peer.ask("_lifecycle", ["a", "b", "c"], channel: "trade")
      #expect(
        many.message == "lifecycle scc operations require exactly two arguments but received 3")
      let denied = try await Self.ask(
        peer, "ApproveChaincodeDefinitionForMyOrg", Self.definition(1), as: .alice)
      #expect(
        denied.message.string.hasPrefix(
          "Failed to authorize invocation due to failed ACL check: failed verif"))
    }
    try await SysccBench.run(.v3_1) { (bench: SysccBench) async throws in
      // Who may do everything comes as far as to a function that is none.
      #expect(
        try await bench.refusal("_lifecycle", ["NoFunction", ""])
          == "failed to invoke backing implementation of 'NoFunction': "
          + "receiver *lifecycle.Invocation.NoFunction does not exist")
    }
  }

  @Test func onlyOnChannelsThatHaveMovedToIt() async throws {
    let text = try await SysccPeer.run(
      .v2_5, adjust: { $0.capabilities = { _ in ApplicationCapabilities(lifecycleV20: false) } }
    ) { (peer: SysccPeer) async throws in
      try await Self.ask(peer, "QueryChaincodeDefinitions", []).message
    }
    #expect(
      text
        == "cannot use new lifecycle for channel 'trade' as it does not have the required capabilities enabled"
    )
  }
}
