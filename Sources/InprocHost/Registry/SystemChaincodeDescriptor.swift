public import MessageFSM

/// What the host knows of a system chaincode beside its code (Fabric `scc.SysCC`).
public struct SystemChaincodeDescriptor: Sendable, Hashable {
  /// The name.
  public var name: WireString
  /// The version; `nil` is the one that all system chaincodes have in the host's Fabric: `latest` in 1.4, `syscc` in 3.1.
  public var version: WireString?
  /// The arguments of `initialize`.
  public var initArgs: [[UInt8]]
  /// Whether a proposal may call it.
  public var invokableExternal: Bool
  /// Whether a chaincode may call it.
  public var invokableCC2CC: Bool
  /// Whether it is deployed; a disabled one keeps its name reserved.
  public var enabled: Bool
  /// Whether the first call must be an initialization (3.1; Fabric says false for every system chaincode).
  public var enforcesInit: Bool

  /// A system chaincode that anybody may call.
  public init(
    name: WireString, version: WireString? = nil, initArgs: [[UInt8]] = [], invokableExternal: Bool = true,
    invokableCC2CC: Bool = true, enabled: Bool = true, enforcesInit: Bool = false
  ) {
    self.name = name
    self.version = version
    self.initArgs = initArgs
    self.invokableExternal = invokableExternal
    self.invokableCC2CC = invokableCC2CC
    self.enabled = enabled
    self.enforcesInit = enforcesInit
  }

  /// Name and version in that Fabric.
  func id(_ fabric: FabricVersion) -> ChaincodeVersion {
    ChaincodeVersion(name: name, version: version ?? fabric.systemChaincodeVersion)
  }
}

extension FabricVersion {
  /// The version of every system chaincode.
  public var systemChaincodeVersion: WireString {
    switch self {
    case .v1_4: "latest"
    case .v3_1: "syscc"
    }
  }

  /// The id with which a chaincode registers: `name:version`, from 2.0 on `name.syscc` for a system chaincode.
  public func registrationID(_ id: ChaincodeVersion) -> WireString {
    switch self {
    case .v3_1 where id.version == systemChaincodeVersion: "\(id.name).\(id.version)"
    case .v1_4, .v3_1: WireString(bytes: id.name.bytes + [UInt8(ascii: ":")] + id.version.bytes)
    }
  }
}
