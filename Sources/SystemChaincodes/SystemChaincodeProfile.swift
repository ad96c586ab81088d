public import InprocHost
public import MessageFSM

/// Which system chaincodes a release of Fabric deploys, and with which flags.
///
/// Names that a release has, and this package has no chaincode for, are kept: nobody can install a chaincode under them.
public struct SystemChaincodeProfile: Sendable, Hashable {
  /// The release.
  public let release: String
  /// Whose protocol a host with this profile speaks.
  public let version: FabricVersion
  /// The chaincodes, in the order in which they are deployed; a disabled one only keeps its name.
  public var descriptors: [SystemChaincodeDescriptor]
  /// What a channel that cscc joins may ask for.
  public var capabilities: CapabilitySupport

  /// A profile of its own.
  public init(
    release: String, version: FabricVersion, capabilities: CapabilitySupport,
    descriptors: [SystemChaincodeDescriptor]
  ) {
    self.release = release
    self.version = version
    self.capabilities = capabilities
    self.descriptors = descriptors
  }

  /// Fabric 1.0 and 1.1, where endorsement and validation are chaincodes: escc and vscc, which only the peer calls.
  public static let v1_0 = SystemChaincodeProfile(
    release: "1.0", version: .v1_4,
    capabilities: CapabilitySupport(
      channel: ["V1_1"],
      application: ["V1_1"]),
    descriptors: [
      SystemChaincodeDescriptor(name: "cscc", invokableCC2CC: false),
      SystemChaincodeDescriptor(name: "lscc"),
      SystemChaincodeDescriptor(name: "escc", invokableExternal: false, invokableCC2CC: false),
      SystemChaincodeDescriptor(name: "vscc", invokableExternal: false, invokableCC2CC: false),
      SystemChaincodeDescriptor(name: "qscc"),
    ])

  /// Fabric 1.2 to 1.4.
  public static let v1_4 = SystemChaincodeProfile(
    release: "1.4", version: .v1_4,
    capabilities: CapabilitySupport(
      channel: ["V1_1", "V1_3", "V1_4_2", "V1_4_3"],
      application: [
        "V1_1", "V1_1_PVTDATA_EXPERIMENTAL", "V1_1_RESOURCETREE_EXPERIMENTAL", "V1_2", "V1_3", "V1_4_2",
      ]),
    descriptors: [
      SystemChaincodeDescriptor(name: "lscc"),
      SystemChaincodeDescriptor(name: "cscc", invokableCC2CC: false),
      SystemChaincodeDescriptor(name: "qscc"),
      .reserved("_lifecycle"),
    ])

  /// Fabric 2.0 to 2.5, where chaincodes check by themselves who calls them.
  public static let v2_5 = SystemChaincodeProfile(
    release: "2.5", version: .v3_1,
    capabilities: CapabilitySupport(
      channel: ["V1_1", "V1_3", "V1_4_2", "V1_4_3", "V2_0"],
      application: [
        "V1_1", "V1_1_PVTDATA_EXPERIMENTAL", "V1_1_RESOURCETREE_EXPERIMENTAL", "V1_2", "V1_3", "V1_4_2",
        "V2_0", "V2_5",
      ]),
    descriptors: [
      SystemChaincodeDescriptor(name: "lscc"),
      SystemChaincodeDescriptor(name: "cscc"),
      SystemChaincodeDescriptor(name: "qscc"),
      SystemChaincodeDescriptor(name: "_lifecycle"),
    ])

  /// Fabric 3.0 and 3.1, without lscc.
  public static let v3_1 = SystemChaincodeProfile(
    release: "3.1", version: .v3_1,
    capabilities: CapabilitySupport(
      channel: ["V1_1", "V1_3", "V1_4_2", "V1_4_3", "V2_0", "V3_0"],
      application: [
        "V1_1", "V1_1_PVTDATA_EXPERIMENTAL", "V1_1_RESOURCETREE_EXPERIMENTAL", "V1_2", "V1_3", "V1_4_2",
        "V2_0", "V2_5",
      ]),
    descriptors: [
      SystemChaincodeDescriptor(name: "cscc"),
      SystemChaincodeDescriptor(name: "qscc"),
      SystemChaincodeDescriptor(name: "_lifecycle"),
      .reserved("lscc"),
    ])

  /// All that are built in, the oldest first.
  public static let all = [v1_0, v1_4, v2_5, v3_1]
}

extension SystemChaincodeDescriptor {
  /// A name that nobody can use and nobody can call.
  static func reserved(_ name: WireString) -> SystemChaincodeDescriptor {
    SystemChaincodeDescriptor(name: name, invokableExternal: false, invokableCC2CC: false, enabled: false)
  }
}

/// Which system chaincodes an operator allows (`chaincode.system` in core.yaml); one that is not listed is not deployed.
public struct SystemChaincodeAllowList: Sendable, Hashable {
  private static let affirmations: Set<String> = ["true", "t", "1", "enable", "enabled", "yes"]

  private let values: [WireString: String]

  /// The entries of core.yaml, such as `["qscc": "enable"]`.
  public init(_ values: [WireString: String]) {
    self.values = values
  }

  /// Whether the chaincode may be deployed: exactly `true`, `t`, `1`, `enable`, `enabled` and `yes` say so.
  public func allows(_ name: WireString) -> Bool {
    values[name].map(Self.affirmations.contains) ?? false
  }
}
