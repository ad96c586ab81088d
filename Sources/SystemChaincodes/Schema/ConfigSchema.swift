// Configurations and their updates (Fabric `common/configtx.proto`, `common/policies.proto`).

public import MessageFSM

/// A channel's configuration.
public struct ChannelConfig: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.Config"
  /// How often it was changed.
  public var sequence: UInt64 = 0
  /// The root of the tree.
  public var channelGroup: ConfigGroup? = nil

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.uint64(1, &sequence)
    coder.message(2, &channelGroup)
  }
}

/// A node of a configuration; what is below it stays marshalled, so that a tree is read level by level.
public struct ConfigGroup: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.ConfigGroup"
  /// How often the group was changed.
  public var version: UInt64 = 0
  /// Marshalled ``ConfigGroup``s.
  public var groups: [MapEntry] = []
  /// Marshalled ``ConfigValue``s.
  public var values: [MapEntry] = []
  /// Marshalled ``ConfigPolicy``s.
  public var policies: [MapEntry] = []
  /// The policy that a change needs.
  public var modPolicy: WireString = .empty

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.uint64(1, &version)
    coder.map(2, "groups", &groups)
    coder.map(3, "values", &values)
    coder.map(4, "policies", &policies)
    coder.string(5, "mod_policy", &modPolicy)
  }
}

/// A leaf of a configuration.
public struct ConfigValue: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.ConfigValue"
  /// How often it was changed.
  public var version: UInt64 = 0
  /// A marshalled message that depends on the name.
  public var value: [UInt8] = []
  /// The policy that a change needs.
  public var modPolicy: WireString = .empty

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.uint64(1, &version)
    coder.bytes(2, &value)
    coder.string(3, "mod_policy", &modPolicy)
  }
}

/// A policy of a configuration.
public struct ConfigPolicy: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.ConfigPolicy"
  /// How often it was changed.
  public var version: UInt64 = 0
  /// The policy.
  public var policy: TypedPolicy? = nil
  /// The policy that a change needs.
  public var modPolicy: WireString = .empty

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.uint64(1, &version)
    coder.message(2, &policy)
    coder.string(3, "mod_policy", &modPolicy)
  }
}

/// A policy of one of the kinds.
public struct TypedPolicy: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.Policy"
  /// 1 signature, 3 implicit meta.
  public var type: Int32 = 0
  /// A marshalled message of that kind.
  public var value: [UInt8] = []

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int32(1, &type)
    coder.bytes(2, &value)
  }
}

/// A policy made of those with one name in the groups below.
public struct ImplicitMetaPolicy: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.ImplicitMetaPolicy"
  /// The name.
  public var subPolicy: WireString = .empty
  /// 0 any, 1 all, 2 most of them.
  public var rule: Int32 = 0

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "sub_policy", &subPolicy)
    coder.int32(2, &rule)
  }
}

/// A signed update of a configuration.
public struct ConfigUpdateEnvelope: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.ConfigUpdateEnvelope"
  /// A marshalled ``ConfigUpdate``.
  public var configUpdate: [UInt8] = []
  /// The signatures.
  public var signatures: [ConfigSignature] = []

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &configUpdate)
    coder.messages(2, &signatures)
  }
}

/// A signature under an update.
public struct ConfigSignature: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.ConfigSignature"
  /// A marshalled `SignatureHeader`.
  public var signatureHeader: [UInt8] = []
  /// The signature of header and update.
  public var signature: [UInt8] = []

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &signatureHeader)
    coder.bytes(2, &signature)
  }
}

/// What an update read, and what it writes.
public struct ConfigUpdate: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.ConfigUpdate"
  /// The channel.
  public var channelID: WireString = .empty
  /// The versions that the update was made from.
  public var readSet: ConfigGroup? = nil
  /// What is to be in the configuration, with the versions it is to have.
  public var writeSet: ConfigGroup? = nil

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "channel_id", &channelID)
    coder.message(2, &readSet)
    coder.message(3, &writeSet)
  }
}
