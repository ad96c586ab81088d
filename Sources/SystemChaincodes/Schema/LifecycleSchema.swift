// Packages and what lscc answers (Fabric `peer/chaincode.proto`, `peer/signed_cc_dep_spec.proto`, `peer/query.proto`).

public import InprocHost
public import MessageFSM

/// A package: name, version and code.
public struct ChaincodeDeploymentSpec: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ChaincodeDeploymentSpec"
  /// Name, version, language and the arguments of the initialization.
  public var chaincodeSpec: ChaincodeSpec? = nil
  /// The code; chaincode that is compiled in has none.
  public var codePackage: [UInt8] = []
  /// 0 Docker, 1 system (up to Fabric 1.4).
  public var executionEnvironment: Int32 = 0

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.message(1, &chaincodeSpec)
    coder.bytes(3, &codePackage)
    coder.int32(4, &executionEnvironment)
  }
}

/// A package with its own instantiation policy.
public struct SignedChaincodeDeploymentSpec: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.SignedChaincodeDeploymentSpec"
  /// A marshalled ``ChaincodeDeploymentSpec``.
  public var deploymentSpec: [UInt8] = []
  /// A marshalled `SignaturePolicyEnvelope`.
  public var instantiationPolicy: [UInt8] = []
  /// Who signed the package.
  public var ownerEndorsements: [Endorsement] = []

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &deploymentSpec)
    coder.bytes(2, &instantiationPolicy)
    coder.messages(3, &ownerEndorsements)
  }
}

/// Chaincodes that are installed or instantiated.
public struct ChaincodeQueryResponse: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ChaincodeQueryResponse"
  /// The chaincodes.
  public var chaincodes: [ChaincodeInfo] = []

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.messages(1, &chaincodes)
  }
}

/// One chaincode.
public struct ChaincodeInfo: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ChaincodeInfo"
  /// The name.
  public var name: WireString = .empty
  /// The version.
  public var version: WireString = .empty
  /// Where its source was.
  public var path: WireString = .empty
  /// The arguments of its initialization, as text.
  public var input: WireString = .empty
  /// Who endorses.
  public var escc: WireString = .empty
  /// Who validates.
  public var vscc: WireString = .empty
  /// The fingerprint of the package.
  public var id: [UInt8] = []

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "name", &name)
    coder.string(2, "version", &version)
    coder.string(3, "path", &path)
    coder.string(4, "input", &input)
    coder.string(5, "escc", &escc)
    coder.string(6, "vscc", &vscc)
    coder.bytes(7, &id)
  }
}

/// The event of an upgrade.
public struct LifecycleEvent: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.LifecycleEvent"
  /// The chaincode.
  public var chaincodeName: WireString = .empty

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "chaincode_name", &chaincodeName)
  }
}
