// Answers of cscc (Fabric `peer/query.proto`, `peer/resources.proto`).

public import MessageFSM

/// The channels that a peer has joined, the answer of `GetChannels`.
public struct ChannelQueryResponse: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ChannelQueryResponse"
  /// The channels.
  public var channels: [ChannelInfo] = []

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.messages(1, &channels)
  }
}

/// One channel.
public struct ChannelInfo: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ChannelInfo"
  /// Its name.
  public var channelID: WireString = .empty

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "channel_id", &channelID)
  }
}

/// The configuration of a channel, the answer of `GetConfigTree`.
public struct ConfigTree: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ConfigTree"
  /// A marshalled ``ChannelConfig``, as it is in the block.
  public var channelConfig: [UInt8]? = nil
  /// A marshalled ``ChannelConfig``; Fabric never sets it after 1.1.
  public var resourcesConfig: [UInt8]? = nil

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.raw(1, &channelConfig)
    coder.raw(2, &resourcesConfig)
  }
}
