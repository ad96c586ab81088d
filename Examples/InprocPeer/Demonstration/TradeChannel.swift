import InprocHost
import MessageFSM
import SystemChaincodes

/// The channel of the demonstration: its first block says who may read it, write to it and administer it.
enum TradeChannel {
  static let name: WireString = "trade"
  static let organizations: [WireString] = ["Org1", "Org2"]

  /// Block 0, as `configtxgen` would make it, with no more than this peer looks at.
  static var genesis: Block {
    var application = ConfigGroup()
    application.policies = [
      policy("Readers", role: 0), policy("Writers", role: 0), policy("Admins", role: 1),
    ]
    var root = ConfigGroup()
    root.groups = [MapEntry(key: "Application", value: application.wireBytes())]
    var config = ChannelConfig()
    config.channelGroup = root
    return .genesis(channel: name, config: config)
  }

  /// One signature by anybody with this role, 0 a member or 1 an administrator, of either organization.
  private static func policy(_ name: WireString, role: Int32) -> MapEntry {
    let signatures = SignaturePolicyEnvelope(
      rule: SignaturePolicy(
        nOutOf: NOutOf(n: 1, rules: organizations.indices.map { SignaturePolicy(signedBy: Int32($0)) })),
      identities: organizations.map {
        MSPPrincipal(principal: MSPRole(mspIdentifier: $0, role: role).wireBytes())
      })
    var typed = TypedPolicy()
    typed.type = 1
    typed.value = signatures.wireBytes()
    var policy = ConfigPolicy()
    policy.policy = typed
    return MapEntry(key: name, value: policy.wireBytes())
  }
}
