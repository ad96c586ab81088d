import InprocHost
import MessageFSM

/// The input of a golden file: channels, chaincodes, steps.
struct Scenario: Sendable {
  let name: String
  /// In the order of the names.
  let channels: [ScenarioChannel]
  let chaincodes: [ScenarioChaincode]
  /// Real system chaincodes beside qscc.
  let system: [String]
  let executeTimeout: Duration?
  let totalQueryLimit: Int32?
  let hasHistory: Bool
  /// Which resources are refused, and with which text.
  let refusals: [String: WireString]
  /// What READY offers in 3.1.
  let runtime: ChaincodeAdditionalParams
  /// Whether collections are defined in lscc alone.
  let hasLegacyProvider: Bool
  let steps: [ScenarioStep]

  init(_ reader: GoldenReader) throws(GoldenError) {
    self.name = try reader.required("name").string()
    self.channels = try reader.members("channels").mapping { member throws(GoldenError) in
      try ScenarioChannel(name: member.name.wireString, member.value)
    }
    self.chaincodes = try reader.array("chaincodes").mapping(ScenarioChaincode.init)
    self.system = try reader.array("system").mapping { name throws(GoldenError) in try name.string() }
    self.executeTimeout = try reader.int("executeTimeoutMs").map { .milliseconds($0) }
    self.totalQueryLimit = try reader.int("totalQueryLimit").flatMap { Int32(exactly: $0) }
    self.hasHistory = try reader.bool("historyDB") ?? true
    var refusals: [String: WireString] = [:]
    for (resource, text) in try reader.members("acl") { refusals[resource] = try text.string().wireString }
    self.refusals = refusals
    self.runtime = try Self.runtime(reader)
    self.hasLegacyProvider = try reader.bool("legacyProvider") ?? false
    self.steps = try reader.array("steps").mapping(ScenarioStep.init)
  }

  /// A size that is not set, or zero, is 1000; a switch that is not set is off, but all is on without any setting.
  private static func runtime(_ reader: GoldenReader) throws(GoldenError) -> ChaincodeAdditionalParams {
    func size(_ name: String, _ reader: GoldenReader) throws(GoldenError) -> UInt32 {
      guard let size = try reader.int(name), size != 0 else { return 1000 }
      guard let size = UInt32(exactly: size) else { throw reader.error("\(name) is no 32-bit number") }
      return size
    }
    guard let runtime = reader.optional("runtime") else {
      return ChaincodeAdditionalParams(
        useWriteBatch: true, maxSizeWriteBatch: 1000, useGetMultipleKeys: true,
        maxSizeGetMultipleKeys: 1000)
    }
    return ChaincodeAdditionalParams(
      useWriteBatch: try runtime.bool("useWriteBatch") ?? false,
      maxSizeWriteBatch: try size("maxSizeWriteBatch", runtime),
      useGetMultipleKeys: try runtime.bool("useGetMultipleKeys") ?? false,
      maxSizeGetMultipleKeys: try size("maxSizeGetMultipleKeys", runtime))
  }
}

/// A channel and what it allows.
struct ScenarioChannel: Sendable {
  let name: WireString
  let capabilities: ApplicationCapabilities

  init(name: WireString, _ reader: GoldenReader) throws(GoldenError) {
    self.name = name
    self.capabilities = ApplicationCapabilities(
      keyLevelEndorsement: try reader.bool("keyLevelEndorsement") ?? true,
      purgePrivateData: try reader.bool("purgePvtData") ?? true,
      lifecycleV20: try reader.bool("lifecycleV20") ?? true)
  }
}

/// A scripted system chaincode.
struct ScenarioChaincode: Sendable {
  let descriptor: SystemChaincodeDescriptor

  init(_ reader: GoldenReader) throws(GoldenError) {
    if case .string(let name) = reader.value {
      self.descriptor = SystemChaincodeDescriptor(name: name.wireString)
      return
    }
    self.descriptor = SystemChaincodeDescriptor(
      name: try reader.required("name").string().wireString,
      initArgs: try reader.array("initArgs").mapping { arg throws(GoldenError) in try arg.expanded().bytes },
      invokableExternal: try reader.bool("invokableExternal") ?? true,
      invokableCC2CC: try reader.bool("invokableCC2CC") ?? true,
      enabled: try reader.bool("enabled") ?? true,
      enforcesInit: try reader.bool("enforceInit") ?? false)
  }
}

/// One step of a scenario.
struct ScenarioStep: Sendable {
  /// What is done.
  enum Kind: String, Sendable {
    case invoke, initialize = "init", legacyInit, raw, commit, stop, deploy, sleep, parallel
  }

  let kind: Kind
  let txid: WireString
  let channel: WireString
  let chaincode: WireString
  let version: WireString?
  let decorations: [MapEntry]
  /// Which defect the proposal has; `nil` is none.
  let proposal: String?
  let duration: Duration
  let delay: Duration
  let isOrdered: Bool
  let steps: [ScenarioStep]

  init(_ reader: GoldenReader) throws(GoldenError) {
    let kind = try reader.required("kind").string()
    guard let known = Kind(rawValue: kind) else { throw reader.error("has the unknown kind \(kind)") }
    self.kind = known
    self.txid = try reader.wireString("txid") ?? .empty
    self.channel = try reader.wireString("channel") ?? .empty
    self.chaincode = try reader.wireString("chaincode") ?? .empty
    self.version = try reader.wireString("version")
    self.decorations = try reader.members("decorations").mapping { member throws(GoldenError) in
      MapEntry(key: ScriptedChaincode.expanded(member.name), value: try member.value.expanded().bytes)
    }.sorted { $0.key < $1.key }
    self.proposal = try reader.string("proposal")
    self.duration = .milliseconds(try reader.int("ms") ?? 0)
    self.delay = .milliseconds(try reader.int("delayMs") ?? 0)
    self.isOrdered = try reader.bool("ordered") ?? false
    self.steps = try reader.array("steps").mapping(ScenarioStep.init)
  }
}
