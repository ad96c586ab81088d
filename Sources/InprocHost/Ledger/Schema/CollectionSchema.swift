// Private collections and the policies of who belongs to them (Fabric `peer/collection.proto`, `common/policies.proto`).

public import MessageFSM

/// The collections of a chaincode.
public struct CollectionConfigPackage: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.CollectionConfigPackage"
  /// The collections.
  public var collections: [CollectionConfig]

  /// The message with every field at its default.
  public init() {
    self.collections = []
  }

  /// The message with these fields.
  public init(collections: [CollectionConfig]) {
    self.collections = collections
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.messages(1, &collections)
  }
}

/// A collection; there is one kind.
public struct CollectionConfig: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.CollectionConfig"
  /// The collection.
  public var fixed: StaticCollectionConfig?

  /// The message with every field at its default.
  public init() {
    self.fixed = nil
  }

  /// The message with these fields.
  public init(fixed: StaticCollectionConfig?) {
    self.fixed = fixed
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.message(1, &fixed)
  }
}

/// A collection with a fixed policy.
public struct StaticCollectionConfig: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.StaticCollectionConfig"
  /// The name.
  public var name: WireString
  /// Who belongs to it.
  public var memberOrgsPolicy: CollectionPolicyConfig?
  /// How many peers must have the data before the endorsement.
  public var requiredPeerCount: Int32
  /// How many are tried.
  public var maximumPeerCount: Int32
  /// For how many blocks the data stays; 0 is for ever.
  public var blockToLive: UInt64
  /// Whether only members may read.
  public var memberOnlyRead: Bool
  /// Whether only members may write (Fabric 2.0).
  public var memberOnlyWrite: Bool
  /// A marshalled `ApplicationPolicy` (Fabric 2.0).
  public var endorsementPolicy: [UInt8]?

  /// The message with every field at its default.
  public init() {
    self.name = .empty
    self.memberOrgsPolicy = nil
    self.requiredPeerCount = 0
    self.maximumPeerCount = 0
    self.blockToLive = 0
    self.memberOnlyRead = false
    self.memberOnlyWrite = false
    self.endorsementPolicy = nil
  }

  /// The message with these fields.
  public init(
    name: WireString, memberOrgsPolicy: CollectionPolicyConfig? = nil, requiredPeerCount: Int32 = 0,
    maximumPeerCount: Int32 = 0, blockToLive: UInt64 = 0, memberOnlyRead: Bool = false,
    memberOnlyWrite: Bool = false, endorsementPolicy: [UInt8]? = nil
  ) {
    self.name = name
    self.memberOrgsPolicy = memberOrgsPolicy
    self.requiredPeerCount = requiredPeerCount
    self.maximumPeerCount = maximumPeerCount
    self.blockToLive = blockToLive
    self.memberOnlyRead = memberOnlyRead
    self.memberOnlyWrite = memberOnlyWrite
    self.endorsementPolicy = endorsementPolicy
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "name", &name)
    coder.message(2, &memberOrgsPolicy)
    coder.int32(3, &requiredPeerCount)
    coder.int32(4, &maximumPeerCount)
    coder.uint64(5, &blockToLive)
    coder.bool(6, &memberOnlyRead)
    coder.bool(7, &memberOnlyWrite)
    coder.raw(8, &endorsementPolicy)
  }
}

/// A collection's policy; there is one kind.
public struct CollectionPolicyConfig: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.CollectionPolicyConfig"
  /// The policy.
  public var signaturePolicy: SignaturePolicyEnvelope?

  /// The message with every field at its default.
  public init() {
    self.signaturePolicy = nil
  }

  /// The message with these fields.
  public init(signaturePolicy: SignaturePolicyEnvelope?) {
    self.signaturePolicy = signaturePolicy
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.message(1, &signaturePolicy)
  }
}

/// A rule over signatures, and the principals it speaks of.
public struct SignaturePolicyEnvelope: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.SignaturePolicyEnvelope"
  /// 0.
  public var version: Int32
  /// The rule.
  public var rule: SignaturePolicy?
  /// The principals, by the numbers that the rule uses.
  public var identities: [MSPPrincipal]

  /// The message with every field at its default.
  public init() {
    self.version = 0
    self.rule = nil
    self.identities = []
  }

  /// The message with these fields.
  public init(version: Int32 = 0, rule: SignaturePolicy? = nil, identities: [MSPPrincipal] = []) {
    self.version = version
    self.rule = rule
    self.identities = identities
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int32(1, &version)
    coder.message(2, &rule)
    coder.messages(3, &identities)
  }
}

/// One principal, or some of several rules.
public struct SignaturePolicy: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.SignaturePolicy"
  /// The principal that must sign.
  public var signedBy: Int32?
  /// The rules of which some must hold.
  public var nOutOf: NOutOf?

  /// The message with every field at its default.
  public init() {
    self.signedBy = nil
    self.nOutOf = nil
  }

  /// The message with these fields.
  public init(signedBy: Int32? = nil, nOutOf: NOutOf? = nil) {
    self.signedBy = signedBy
    self.nOutOf = nOutOf
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.oneofInt32(1, &signedBy)
    coder.message(2, &nOutOf)
  }
}

/// Some of several rules.
public struct NOutOf: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.SignaturePolicy.NOutOf"
  /// How many must hold.
  public var n: Int32
  /// The rules.
  public var rules: [SignaturePolicy]

  /// The message with every field at its default.
  public init() {
    self.n = 0
    self.rules = []
  }

  /// The message with these fields.
  public init(n: Int32, rules: [SignaturePolicy] = []) {
    self.n = n
    self.rules = rules
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int32(1, &n)
    coder.messages(2, &rules)
  }
}

/// A set of identities.
public struct MSPPrincipal: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.MSPPrincipal"
  /// 0 role, 1 organization unit, 2 identity, 3 anonymity, 4 combined.
  public var classification: Int32
  /// The marshalled message of that class.
  public var principal: [UInt8]

  /// The message with every field at its default.
  public init() {
    self.classification = 0
    self.principal = []
  }

  /// The message with these fields.
  public init(classification: Int32 = 0, principal: [UInt8] = []) {
    self.classification = classification
    self.principal = principal
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int32(1, &classification)
    coder.bytes(2, &principal)
  }
}

/// The identities that have a role in an organization.
public struct MSPRole: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.MSPRole"
  /// The organization.
  public var mspIdentifier: WireString
  /// 0 member, 1 admin, 2 client, 3 peer, 4 orderer.
  public var role: Int32

  /// The message with every field at its default.
  public init() {
    self.mspIdentifier = .empty
    self.role = 0
  }

  /// The message with these fields.
  public init(mspIdentifier: WireString, role: Int32 = 0) {
    self.mspIdentifier = mspIdentifier
    self.role = role
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "msp_identifier", &mspIdentifier)
    coder.int32(2, &role)
  }
}
