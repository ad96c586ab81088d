internal import InprocHost
public import MessageFSM

/// Which capabilities of channels a release has (Fabric `common/capabilities`).
public struct CapabilitySupport: Sendable, Hashable {
  /// Those of `/Channel`.
  public var channel: Set<WireString>
  /// Those of `/Channel/Application`.
  public var application: Set<WireString>

  /// These capabilities.
  public init(channel: Set<WireString>, application: Set<WireString>) {
    self.channel = channel
    self.application = application
  }

  /// Returns if the release has all that a channel asks for (Fabric 1.2 `channelconfig.ValidateCapabilities`).
  ///
  /// - Throws: Fabric's text with the first that it does not have.
  func check(_ root: ConfigGroup) throws {
    try Self.check(root, "Channel", channel)
    if let group = try root.group("Application") { try Self.check(group, "Application", application) }
  }

  private static func check(_ group: ConfigGroup, _ kind: WireString, _ known: Set<WireString>) throws {
    guard let value = try group.value("Capabilities") else { return }
    for wanted in try Capabilities(wireBytes: value.value).entries where !known.contains(wanted.key) {
      throw LedgerError(joining: kind, " capability ", wanted.key, " is required but not supported")
    }
  }
}
