// Answers of cscc (Fabric `peer/query.proto`, `peer/resources.proto`) and what its questions hold (`common/configtx.proto`).

public import MessageFSM

/// The channels that a peer has joined (`protos.ChannelQueryResponse`).
public struct ChannelQueryResponse: WireMessage {
  public static let protoName = "protos.ChannelQueryResponse"
  /// The channels.
  public var channels: [ChannelInfo]

  /// The message with every field at its default.
  public init() {
    self.channels = []
  }

  /// The message with these fields.
  public init(channels: [ChannelInfo]) {
    self.channels = channels
  }

  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.messages(1, &channels)
  }
}

/// One channel.
public struct ChannelInfo: WireMessage {
  public static let protoName = "protos.ChannelInfo"
  /// Its name.
  public var channelID: WireString

  /// The message with every field at its default.
  public init() {
    self.channelID = .empty
  }

  /// The message with these fields.
  public init(channelID: WireString) {
    self.channelID = channelID
  }

  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "channel_id", &channelID)
  }
}

/// The configuration of a channel as `GetConfigTree` answers it; the configurations as they are in the block.
public struct ConfigTree: WireMessage {
  public static let protoName = "protos.ConfigTree"
  /// A marshalled ``ChannelConfig``.
  public var channelConfig: [UInt8]?
  /// A marshalled ``ChannelConfig``; Fabric never sets it after 1.1.
  public var resourcesConfig: [UInt8]?

  /// The message with every field at its default.
  public init() {
    self.channelConfig = nil
    self.resourcesConfig = nil
  }

  /// The message with these fields.
  public init(channelConfig: [UInt8]?) {
    self.channelConfig = channelConfig
    self.resourcesConfig = nil
  }

  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.raw(1, &channelConfig)
    coder.raw(2, &resourcesConfig)
  }
}

/// A channel's configuration (`common.Config`).
public struct ChannelConfig: WireMessage {
  public static let protoName = "common.Config"
  /// How often it was changed.
  public var sequence: UInt64
  /// The root of the tree.
  public var channelGroup: ConfigGroup?

  /// The message with every field at its default.
  public init() {
    self.sequence = 0
    self.channelGroup = nil
  }

  /// The message with these fields.
  public init(sequence: UInt64, channelGroup: ConfigGroup? = nil) {
    self.sequence = sequence
    self.channelGroup = channelGroup
  }

  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.uint64(1, &sequence)
    coder.message(2, &channelGroup)
  }
}

/// A node of a configuration. What is below it is kept marshalled, so that reading a tree takes no more than one level at a time.
public struct ConfigGroup: WireMessage {
  public static let protoName = "common.ConfigGroup"
  /// How often the group was changed.
  public var version: UInt64
  /// Marshalled ``ConfigGroup``s.
  public var groups: [MapEntry]
  /// Marshalled ``ConfigValue``s.
  public var values: [MapEntry]
  /// Marshalled ``ConfigPolicy``s.
  public var policies: [MapEntry]
  /// The policy that a change needs.
  public var modPolicy: WireString

  /// The message with every field at its default.
  public init() {
    self.version = 0
    self.groups = []
    self.values = []
    self.policies = []
    self.modPolicy = .empty
  }

  /// The message with these fields.
  public init(
    version: UInt64 = 0, groups: [MapEntry] = [], values: [MapEntry] = [], policies: [MapEntry] = [],
    modPolicy: WireString = .empty
  ) {
    self.version = version
    self.groups = groups
    self.values = values
    self.policies = policies
    self.modPolicy = modPolicy
  }

  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.uint64(1, &version)
    coder.map(2, "groups", &groups)
    coder.map(3, "values", &values)
    coder.map(4, "policies", &policies)
    coder.string(5, "mod_policy", &modPolicy)
  }
}

/// Where the last configuration of the chain is (`common.LastConfig`).
struct LastConfig: WireMessage {
  static let protoName = "common.LastConfig"
  var index: UInt64 = 0

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.uint64(1, &index)
  }
}

/// What orderers sign since 1.4.1 (`common.OrdererBlockMetadata`).
struct OrdererBlockMetadata: WireMessage {
  static let protoName = "common.OrdererBlockMetadata"
  var lastConfig: LastConfig?
  var consenterMetadata: [UInt8] = []

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.message(1, &lastConfig)
    coder.bytes(2, &consenterMetadata)
  }
}
