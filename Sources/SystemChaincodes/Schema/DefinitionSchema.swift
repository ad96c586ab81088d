// What `_lifecycle` is asked and answers (Fabric `peer/lifecycle/lifecycle.proto`), and what it stores (`chaincode_definition.proto`).

public import InprocHost
public import MessageFSM

/// A definition to be approved, checked or committed (`ApproveChaincodeDefinitionForMyOrgArgs`, `CheckCommitReadinessArgs`,
/// `CommitChaincodeDefinitionArgs`), or one that was (`QueryApprovedChaincodeDefinitionResult`).
public struct ChaincodeDefinitionMessage: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "lifecycle.ApproveChaincodeDefinitionForMyOrgArgs"
  /// How often the chaincode was defined, this time included.
  public var sequence: Int64 = 0
  /// The chaincode.
  public var name: WireString = .empty
  /// Its version.
  public var version: WireString = .empty
  /// Who endorses; empty is `escc`.
  public var endorsementPlugin: WireString = .empty
  /// Who validates; empty is `vscc`.
  public var validationPlugin: WireString = .empty
  /// A marshalled `ApplicationPolicy`; empty is the channel's own.
  public var validationParameter: [UInt8] = []
  /// Its private collections.
  public var collections: CollectionConfigPackage? = nil
  /// Whether the first call must be an initialization.
  public var initRequired = false
  /// Where its code is, a marshalled ``ChaincodeSource``; only an approval says it.
  public var source: [UInt8]? = nil

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int64(1, &sequence)
    coder.string(2, "name", &name)
    coder.string(3, "version", &version)
    coder.string(4, "endorsement_plugin", &endorsementPlugin)
    coder.string(5, "validation_plugin", &validationPlugin)
    coder.bytes(6, &validationParameter)
    coder.message(7, &collections)
    coder.bool(8, &initRequired)
    coder.raw(9, &source)
  }
}

/// Where the code of an approved definition is.
public struct ChaincodeSource: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "lifecycle.ChaincodeSource"
  /// Nowhere: an empty message.
  public var unavailable: [UInt8]? = nil
  /// In a package of the peer's.
  public var localPackage: LocalPackage? = nil

  /// The message with every field at its default.
  public init() {}

  /// A package; an empty id is none.
  public init(packageID: WireString) {
    if packageID.isEmpty {
      unavailable = []
    } else {
      localPackage = LocalPackage(packageID: packageID)
    }
  }

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.raw(1, &unavailable)
    coder.message(2, &localPackage)
  }

  /// A package of the peer's.
  public struct LocalPackage: WireMessage {
    /// The name in Fabric's schema.
    public static let protoName = "lifecycle.ChaincodeSource.Local"
    /// `label:hash`.
    public var packageID: WireString = .empty

    /// The message with every field at its default.
    public init() {}

    /// A package.
    public init(packageID: WireString) {
      self.packageID = packageID
    }

    /// Shows each field to the coder.
    public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
      coder.string(1, "package_id", &packageID)
    }
  }
}

/// Which chaincode is asked for (`QueryChaincodeDefinitionArgs`, `QueryApprovedChaincodeDefinitionArgs`).
public struct ChaincodeDefinitionQuery: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "lifecycle.QueryApprovedChaincodeDefinitionArgs"
  /// The chaincode.
  public var name: WireString = .empty
  /// The definition; 0 is the newest.
  public var sequence: Int64 = 0

  /// The message with every field at its default.
  public init() {}

  /// A question for a chaincode.
  public init(name: WireString, sequence: Int64 = 0) {
    self.name = name
    self.sequence = sequence
  }

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "name", &name)
    coder.int64(2, &sequence)
  }
}

/// Whether an organization has approved a definition, an entry of a `map<string, bool>`.
public struct OrganizationApproval: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "lifecycle.CheckCommitReadinessResult.ApprovalsEntry"
  /// The organization.
  public var organization: WireString = .empty
  /// 1 if it has; the entries of a map are written with their value, whatever it is.
  private var value: Int32? = 0

  /// Whether it has.
  public var isApproved: Bool { value == 1 }

  /// The message with every field at its default.
  public init() {}

  /// An approval, or that there is none.
  public init(_ organization: WireString, _ isApproved: Bool) {
    self.organization = organization
    self.value = isApproved ? 1 : 0
  }

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "key", &organization)
    coder.oneofInt32(2, &value)
  }
}

/// Who has approved a definition (`CheckCommitReadinessResult`, without what does not match in 3.0 and later).
public struct CommitReadiness: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "lifecycle.CheckCommitReadinessResult"
  /// By organization.
  public var approvals: [OrganizationApproval] = []

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.messages(1, &approvals)
  }
}

/// A definition that is approved or committed (`QueryApprovedChaincodeDefinitionResult`, `QueryChaincodeDefinitionResult`).
public struct ChaincodeDefinitionAnswer: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "lifecycle.QueryChaincodeDefinitionResult"
  /// How often the chaincode was defined.
  public var sequence: Int64 = 0
  /// Its version.
  public var version: WireString = .empty
  /// Who endorses.
  public var endorsementPlugin: WireString = .empty
  /// Who validates.
  public var validationPlugin: WireString = .empty
  /// A marshalled `ApplicationPolicy`.
  public var validationParameter: [UInt8] = []
  /// Its private collections.
  public var collections: CollectionConfigPackage? = nil
  /// Whether the first call must be an initialization.
  public var initRequired = false
  /// Marshalled ``OrganizationApproval``s of a committed definition; the ``ChaincodeSource`` of an approved one.
  public var details: [[UInt8]] = []

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int64(1, &sequence)
    coder.string(2, "version", &version)
    coder.string(3, "endorsement_plugin", &endorsementPlugin)
    coder.string(4, "validation_plugin", &validationPlugin)
    coder.bytes(5, &validationParameter)
    coder.message(6, &collections)
    coder.bool(7, &initRequired)
    coder.bytesList(8, &details)
  }
}

/// All definitions of a channel (`QueryChaincodeDefinitionsResult`).
public struct ChaincodeDefinitionList: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "lifecycle.QueryChaincodeDefinitionsResult"
  /// Definitions with their names, in the order of these.
  public var definitions: [ListedDefinition] = []

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.messages(1, &definitions)
  }

  /// One of them.
  public struct ListedDefinition: WireMessage {
    /// The name in Fabric's schema.
    public static let protoName = "lifecycle.QueryChaincodeDefinitionsResult.ChaincodeDefinition"
    /// The definition, whose source stays empty.
    public var definition = ChaincodeDefinitionMessage()

    /// The message with every field at its default.
    public init() {}

    /// Shows each field to the coder; this message has name and sequence the other way round.
    public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
      coder.string(1, "name", &definition.name)
      coder.int64(2, &definition.sequence)
      coder.string(3, "version", &definition.version)
      coder.string(4, "endorsement_plugin", &definition.endorsementPlugin)
      coder.string(5, "validation_plugin", &definition.validationPlugin)
      coder.bytes(6, &definition.validationParameter)
      coder.message(7, &definition.collections)
      coder.bool(8, &definition.initRequired)
    }
  }
}

// MARK: What is stored

/// Version and endorsement of a definition (`ChaincodeEndorsementInfo`).
struct EndorsementInfo: WireMessage {
  static let protoName = "lifecycle.ChaincodeEndorsementInfo"
  var version: WireString = .empty
  var initRequired = false
  var endorsementPlugin: WireString = .empty

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "version", &version)
    coder.bool(2, &initRequired)
    coder.string(3, "endorsement_plugin", &endorsementPlugin)
  }
}

/// The validation of a definition (`ChaincodeValidationInfo`).
struct ValidationInfo: WireMessage {
  static let protoName = "lifecycle.ChaincodeValidationInfo"
  var validationPlugin: WireString = .empty
  var validationParameter: [UInt8] = []

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "validation_plugin", &validationPlugin)
    coder.bytes(2, &validationParameter)
  }
}

/// A policy that names one of the channel's (`ApplicationPolicy`).
struct PolicyReference: WireMessage {
  static let protoName = "protos.ApplicationPolicy"
  var name: WireString = .empty

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(2, "channel_config_policy_reference", &name)
  }
}

/// One field of a record: a `oneof` whose member is written though it be empty (`StateData`).
struct StateField: WireMessage {
  static let protoName = "lifecycle.StateData"
  var int64: Int64 = 0
  var bytes: [UInt8]? = nil
  var string: [UInt8]? = nil

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int64(1, &int64)
    coder.raw(2, &bytes)
    coder.raw(3, &string)
  }
}
