public import InprocHost
public import MessageFSM

/// Installs chaincodes, puts them into force on channels, and tells of them: `lscc` (Fabric `core/scc/lscc`, up to 2.5).
///
/// What is in force on a channel is in lscc's namespace of its state, as Fabric writes it: a `ChaincodeData` under the chaincode's
/// name, and its collections under `name~collection`.
public struct LifecycleChaincode: Chaincode {
  /// The name.
  public static let name: WireString = "lscc"

  /// What it can be asked.
  public enum Function: Sendable, Hashable, CaseIterable {
    /// Takes a package.
    case install
    /// Puts a chaincode into force on a channel.
    case deploy
    /// Replaces a chaincode by another version.
    case upgrade
    /// Whether a chaincode is in force.
    case chaincodeExists
    /// The package of a chaincode in force.
    case getDeploymentSpec
    /// The definition of a chaincode.
    case getChaincodeData
    /// All chaincodes in force.
    case getChaincodes
    /// All packages.
    case getInstalledChaincodes
    /// The collections of a chaincode.
    case getCollectionsConfig

    /// Under which names it can be called.
    public var names: [String] {
      switch self {
      case .install: ["install"]
      case .deploy: ["deploy"]
      case .upgrade: ["upgrade"]
      case .chaincodeExists: ["getid", "ChaincodeExists"]
      case .getDeploymentSpec: ["getdepspec", "GetDeploymentSpec"]
      case .getChaincodeData: ["getccdata", "GetChaincodeData"]
      case .getChaincodes: ["getchaincodes", "GetChaincodes"]
      case .getInstalledChaincodes: ["getinstalledchaincodes", "GetInstalledChaincodes"]
      case .getCollectionsConfig: ["GetCollectionsConfig", "getcollectionsconfig"]
      }
    }

    /// The function that is called so.
    init?(named name: WireString) {
      guard let function = Self.allCases.first(where: { $0.names.contains(name.string) }) else { return nil }
      self = function
    }

    /// What the access control is asked for; a deployment is covered by the check of its proposal.
    var resource: String? {
      switch self {
      case .install: "lscc/Install"
      case .deploy, .upgrade: nil
      case .chaincodeExists: "lscc/ChaincodeExists"
      case .getDeploymentSpec: "lscc/GetDeploymentSpec"
      case .getChaincodeData: "lscc/GetChaincodeData"
      case .getChaincodes: "lscc/GetInstantiatedChaincodes"
      case .getInstalledChaincodes: "lscc/GetInstalledChaincodes"
      case .getCollectionsConfig: "lscc/GetCollectionsConfig"
      }
    }
  }

  /// What lscc needs of the peer.
  public struct Peer: Sendable {
    /// Whether a channel has a ledger.
    public var hasChannel: @Sendable (_ channel: WireString) -> Bool
    /// What the channel's configuration allows.
    public var capabilities: @Sendable (_ channel: WireString) -> ApplicationCapabilities
    /// The organizations that may run applications on a channel.
    public var organizations: @Sendable (_ channel: WireString) async throws -> [WireString]
    /// Whether a name is a system chaincode's.
    public var isSystemChaincode: @Sendable (_ name: WireString) -> Bool

    /// A peer.
    public init(
      hasChannel: @escaping @Sendable (_ channel: WireString) -> Bool,
      capabilities: @escaping @Sendable (_ channel: WireString) -> ApplicationCapabilities,
      organizations: @escaping @Sendable (_ channel: WireString) async throws -> [WireString],
      isSystemChaincode: @escaping @Sendable (_ name: WireString) -> Bool
    ) {
      self.hasChannel = hasChannel
      self.capabilities = capabilities
      self.organizations = organizations
      self.isSystemChaincode = isSystemChaincode
    }
  }

  let packages: any PackageStore
  let policies: any PolicyEvaluator
  let version: FabricVersion
  let peer: Peer
  private let access: any ACLProvider

  /// An lscc.
  ///
  /// - Parameters:
  ///   - packages: what is installed.
  ///   - policies: who may put chaincode into force.
  ///   - access: who may ask; `lscc/RESOURCE` is what it is asked for.
  ///   - version: whose texts it answers with.
  ///   - peer: what it needs of the peer.
  public init(
    packages: any PackageStore, policies: any PolicyEvaluator, access: any ACLProvider,
    version: FabricVersion,
    peer: Peer
  ) {
    self.packages = packages
    self.policies = policies
    self.access = access
    self.version = version
    self.peer = peer
  }

  /// Does one function; the arguments are its name and what it is about.
  ///
  /// - Throws: Fabric's text if it cannot be done.
  public func invoke(_ stub: ChaincodeStub) async throws -> Response {
    let args = stub.args
    guard let first = args.first else { throw Self.wrongCount(0) }
    let name = WireString(bytes: first)
    guard let function = Function(named: name) else {
      throw LedgerError(joining: "invalid function to lscc: ", name)
    }
    let call = Call(function: function, name: name, args: args, stub: stub)
    switch function {
    case .install:
      guard args.count >= 2 else { throw Self.wrongCount(args.count) }
      try await check(call, channel: .empty, shown: nil)
      try await install(args[1])
      return .success(Array("OK".utf8))
    case .deploy, .upgrade: return .success(try await putIntoForce(call).wireBytes())
    case .chaincodeExists, .getDeploymentSpec, .getChaincodeData: return .success(try await lookUp(call))
    case .getChaincodes:
      guard args.count == 1 else { throw Self.wrongCount(args.count) }
      try await check(call, channel: stub.channelID, shown: stub.channelID)
      return .success(try await chaincodes(stub).wireBytes())
    case .getInstalledChaincodes:
      guard args.count == 1 else { throw Self.wrongCount(args.count) }
      try await check(call, channel: .empty, shown: nil)
      return .success(try await installed().wireBytes())
    case .getCollectionsConfig:
      guard args.count == 2 else { throw Self.wrongCount(args.count) }
      try await check(call, channel: stub.channelID, shown: nil)
      return .success(try await collections(of: WireString(bytes: args[1]), stub))
    }
  }

  /// One call of a function.
  struct Call {
    let function: Function
    let name: WireString
    let args: [[UInt8]]
    let stub: ChaincodeStub
  }

  static func wrongCount(_ count: Int) -> LedgerError {
    LedgerError("invalid number of arguments to lscc: \(count)")
  }

  /// Asks the access control.
  ///
  /// - Throws: Fabric's text with the reason of the refusal, and the channel where Fabric shows it.
  private func check(_ call: Call, channel: WireString, shown: WireString?) async throws {
    guard let resource = call.function.resource else { return }
    do {
      try await access.checkACL(resource: resource, channel: channel, proposal: call.stub.signedProposal)
    } catch {
      let place = shown.map { WireString(joining: "][", $0) } ?? ""
      throw LedgerError(joining: "access denied for [", call.name, place, "]: ", error.text)
    }
  }

  // MARK: Questions

  private func lookUp(_ call: Call) async throws -> [UInt8] {
    guard call.args.count == 3 else { throw Self.wrongCount(call.args.count) }
    let channel = WireString(bytes: call.args[1])
    let name = WireString(bytes: call.args[2])
    try await check(call, channel: channel, shown: channel)
    let bytes = try await definitionBytes(name, call.stub)
    if call.function == .getChaincodeData { return bytes }
    let definition = try Self.definition(bytes, name)
    if call.function == .chaincodeExists { return definition.name.bytes }
    return try await InstalledPackages(packages).package(of: definition).specBytes
  }

  /// What is stored under a chaincode's name; which channel's state is read is the transaction's matter, as in Fabric.
  func definitionBytes(_ name: WireString, _ stub: ChaincodeStub) async throws(LedgerError) -> [UInt8] {
    let stored: [UInt8]?
    do {
      stored = try await stub.getState(name)
    } catch {
      throw LedgerError(joining: "transaction not found: ", error.text)
    }
    guard let stored else { throw LedgerError(joining: "could not find chaincode with name '", name, "'") }
    return stored
  }

  static func definition(_ bytes: [UInt8], _ name: WireString) throws(LedgerError) -> ChaincodeData {
    guard let definition = try? ChaincodeData(wireBytes: bytes) else {
      throw LedgerError(joining: "error while marshalling: ", name)
    }
    guard definition.name == name else {
      throw LedgerError(joining: "chaincode name mismatch: ", name, "!=", definition.name)
    }
    return definition
  }

  private func chaincodes(_ stub: ChaincodeStub) async throws -> ChaincodeQueryResponse {
    let iterator = try await stub.getStateByRange(from: "", to: "")
    var answer = ChaincodeQueryResponse()
    while iterator.hasNext {
      let entry = try await iterator.next()
      if entry.key.string.contains(CollectionRules.keySuffix.string) { continue }
      let definition: ChaincodeData
      do throws(WireError) {
        definition = try ChaincodeData(wireBytes: entry.value)
      } catch {
        throw LedgerError(WireString(error.text(version)))
      }
      var info = ChaincodeInfo()
      info.name = definition.name
      info.version = definition.version
      info.escc = definition.escc
      info.vscc = definition.vscc
      // What is not installed here is listed too, with less.
      let id = ChaincodeVersion(name: definition.name, version: definition.version)
      if let package = try? await packages.package(id), let spec = package.spec.chaincodeSpec {
        info.path = spec.chaincodeID?.path ?? .empty
        info.input = GoText.compact(spec.input)
      }
      answer.chaincodes.append(info)
    }
    try await iterator.close()
    return answer
  }

  private func installed() async throws -> ChaincodeQueryResponse {
    var answer = ChaincodeQueryResponse()
    answer.chaincodes = try await packages.packages().map { package in
      var info = ChaincodeInfo()
      info.name = package.id.name
      info.version = package.id.version
      info.path = package.spec.chaincodeSpec?.chaincodeID?.path ?? .empty
      info.id = package.fingerprint
      return info
    }
    return answer
  }

  private func collections(of name: WireString, _ stub: ChaincodeStub) async throws -> [UInt8] {
    guard let stored = try await stub.getState(CollectionRules.key(of: name)), !stored.isEmpty else {
      throw LedgerError(joining: "collections config not defined for chaincode ", name)
    }
    return stored
  }

  // MARK: Install

  private func install(_ bytes: [UInt8]) async throws {
    let package = try ChaincodePackage(wireBytes: bytes)
    let id = package.id
    try ChaincodeNames.checkName(id.name, version: version)
    try ChaincodeNames.checkVersion(id.version, of: id.name, version: version)
    if peer.isSystemChaincode(id.name) {
      throw LedgerError(joining: "cannot install: ", id.name, " is the name of a system chaincode")
    }
    do {
      try await packages.install(package)
    } catch {
      throw LedgerError(
        joining: "Error installing chaincode code ", id.name, ":", id.version, "(", error.text, ")")
    }
  }
}
