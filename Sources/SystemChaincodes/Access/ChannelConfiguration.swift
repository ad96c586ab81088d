internal import InprocHost
internal import MessageFSM

/// The configuration of channels, as their ledgers hold it.
struct ChannelConfiguration: Sendable {
  let ledgers: any LedgerProvider
  let version: FabricVersion

  /// The last configuration block of a ledger (Fabric `peer.ConfigBlockFromLedger`).
  ///
  /// - Throws: what hinders it.
  func block(_ ledger: any PeerLedger) async throws -> Block {
    // The greatest number there is stands for the last block.
    let last = try await ledger.block(number: .max)
    return try await ledger.block(number: ConfigBlock(last, version: version).lastConfigNumber())
  }

  /// The root of a channel's configuration.
  ///
  /// - Throws: what hinders it; an error if the channel has no ledger.
  func config(_ channel: WireString) async throws -> ChannelConfig {
    guard let ledger = ledgers.ledger(channel: channel) else {
      throw LedgerError(joining: "there is no channel ", channel)
    }
    let envelope = try ConfigBlock(try await block(ledger), version: version).configuration()
    return try ChannelConfig(wireBytes: envelope.config ?? [])
  }

  /// The organizations that may run applications on a channel (Fabric `peer.GetMSPIDs`), in the order of their names.
  ///
  /// - Throws: what hinders it.
  func organizations(_ channel: WireString) async throws -> [WireString] {
    guard let application = try await config(channel).channelGroup?.group("Application") else { return [] }
    var names: Set<WireString> = []
    for entry in application.groups {
      guard let value = try ConfigGroup(wireBytes: entry.value).value("MSP") else { continue }
      let msp = try MSPConfig(wireBytes: value.value)
      names.insert(try FabricMSPConfig(wireBytes: msp.config).name)
    }
    return names.sorted()
  }
}

extension ConfigGroup {
  /// The group of this name below.
  func group(_ name: WireString) throws(WireError) -> ConfigGroup? {
    guard let entry = groups.first(where: { $0.key == name }) else { return nil }
    return try ConfigGroup(wireBytes: entry.value)
  }

  /// The value of this name.
  func value(_ name: WireString) throws(WireError) -> ConfigValue? {
    guard let entry = values.first(where: { $0.key == name }) else { return nil }
    return try ConfigValue(wireBytes: entry.value)
  }

  /// The policy of this name.
  func policy(_ name: WireString) throws(WireError) -> ConfigPolicy? {
    guard let entry = policies.first(where: { $0.key == name }) else { return nil }
    return try ConfigPolicy(wireBytes: entry.value)
  }
}
