import InprocHost
import MessageFSM
import SystemChaincodes

/// Somebody of an organization; the certificate is a text such as `admin:alice`, the signature a hash.
struct SysccIdentity: SigningIdentity, Hashable {
  let organization: WireString
  let certificate: String

  init(_ organization: WireString, _ certificate: String) {
    self.organization = organization
    self.certificate = certificate
  }

  var serialized: [UInt8] {
    SerializedIdentity(mspid: organization, idBytes: Array(certificate.utf8)).wireBytes()
  }

  func sign(_ message: [UInt8]) -> [UInt8] {
    SHA256.hash(Array("signature".utf8) + serialized + message)
  }

  static let alice = SysccIdentity("Org1", "member:alice")
  static let admin = SysccIdentity("Org1", "admin:ann")
  static let bob = SysccIdentity("Org2", "member,peer,unit=sales:bob")
  static let stranger = SysccIdentity("Org9", "admin:eve")
  static let peer = SysccIdentity("Org1", "peer:peer0")
}

/// Knows the identities of the organizations of a channel; the peer is Org1's.
struct SysccVerifier: IdentityVerifier {
  var organizations: [WireString: Set<WireString>] = ["trade": ["Org1", "Org2"]]

  func identity(_ serialized: [UInt8], channel: WireString) async throws -> KnownIdentity {
    let identity = try SerializedIdentity(wireBytes: serialized)
    let known: Set<WireString> = channel.isEmpty ? ["Org1"] : organizations[channel] ?? []
    guard known.contains(identity.mspid) else { throw LedgerError("MSP \(identity.mspid) is unknown") }
    let text = String(decoding: identity.idBytes, as: UTF8.self)
    var roles: Set<KnownIdentity.Role> = []
    var units: Set<KnownIdentity.Unit> = []
    for attribute in text.prefix(while: { $0 != ":" }).split(separator: ",") {
      switch attribute {
      case "admin": roles.insert(.admin)
      case "client": roles.insert(.client)
      case "peer": roles.insert(.peer)
      case "orderer": roles.insert(.orderer)
      case "expired": throw LedgerError("the certificate has expired")
      case _ where attribute.hasPrefix("unit="):
        units.insert(KnownIdentity.Unit(WireString(String(attribute.dropFirst(5)))))
      case _: break
      }
    }
    return KnownIdentity(
      organization: identity.mspid, serialized: serialized, roles: roles, units: units)
  }

  func verify(_ signature: [UInt8], of data: [UInt8], by identity: KnownIdentity) async throws {
    guard signature == SHA256.hash(Array("signature".utf8) + identity.serialized + data) else {
      throw LedgerError("the signature is invalid")
    }
  }
}

/// Builds the first block of a channel.
struct SysccGenesis {
  var channel: WireString = "trade"
  var organizations: [WireString] = ["Org1", "Org2"]
  /// Replaces the application group; `nil` leaves it out.
  var application: ConfigGroup?
  /// What `/Channel` and `/Channel/Application` ask for.
  var capabilities: (channel: [WireString], application: [WireString]) = ([], [])

  init(channel: WireString = "trade", organizations: [WireString] = ["Org1", "Org2"]) {
    self.channel = channel
    self.organizations = organizations
    self.application = Self.application(organizations)
  }

  static func member(_ organization: WireString, role: Int32 = 0) -> SignaturePolicyEnvelope {
    SignaturePolicyEnvelope(
      rule: SignaturePolicy(nOutOf: NOutOf(n: 1, rules: [SignaturePolicy(signedBy: 0)])),
      identities: [
        MSPPrincipal(principal: MSPRole(mspIdentifier: organization, role: role).wireBytes())
      ])
  }

  static func entry(_ name: WireString, _ message: some WireMessage) -> MapEntry {
    MapEntry(key: name, value: message.wireBytes())
  }

  static func policy(_ type: Int32, _ value: some WireMessage, modPolicy: WireString = "Admins")
    -> ConfigPolicy
  {
    var inner = TypedPolicy()
    inner.type = type
    inner.value = value.wireBytes()
    var policy = ConfigPolicy()
    policy.policy = inner
    policy.modPolicy = modPolicy
    return policy
  }

  static func meta(_ name: WireString, rule: Int32) -> ConfigPolicy {
    var meta = ImplicitMetaPolicy()
    meta.subPolicy = name
    meta.rule = rule
    return policy(3, meta)
  }

  /// An organization: its MSP, and its policies.
  static func organization(_ name: WireString) -> ConfigGroup {
    var group = ConfigGroup()
    var value = ConfigValue()
    // MSPConfig{config: FabricMSPConfig{name}}, by hand: the package keeps these messages to itself.
    let inner: [UInt8] = [0x0a, UInt8(name.count)] + name.bytes
    value.value = [0x12, UInt8(inner.count)] + inner
    value.modPolicy = "Admins"
    group.values = [entry("MSP", value)]
    group.policies = [
      entry("Readers", policy(1, member(name))), entry("Writers", policy(1, member(name))),
      entry("Admins", policy(1, member(name, role: 1))),
    ]
    group.modPolicy = "Admins"
    return group
  }

  static func application(_ organizations: [WireString]) -> ConfigGroup {
    var group = ConfigGroup()
    group.groups = organizations.map { entry($0, organization($0)) }
    group.policies = [
      entry("Readers", meta("Readers", rule: 0)), entry("Writers", meta("Writers", rule: 0)),
      entry("Admins", meta("Admins", rule: 2)), entry("Endorsement", meta("Writers", rule: 2)),
    ]
    group.modPolicy = "Admins"
    return group
  }

  /// Capabilities{map<string, Capability>}, by hand: the package keeps this message to itself.
  private static func capabilities(_ names: [WireString]) -> [MapEntry] {
    guard !names.isEmpty else { return [] }
    var value = ConfigValue()
    value.value = names.flatMap { name -> [UInt8] in
      let entry = [0x0a, UInt8(name.count)] + name.bytes + [0x12, 0]
      return [0x0a, UInt8(entry.count)] + entry
    }
    return [entry("Capabilities", value)]
  }

  var config: ChannelConfig {
    var root = ConfigGroup()
    root.values = Self.capabilities(capabilities.channel)
    var application = application
    application?.values = Self.capabilities(capabilities.application)
    root.groups = application.map { [Self.entry("Application", $0)] } ?? []
    root.modPolicy = "Admins"
    var config = ChannelConfig()
    config.channelGroup = root
    return config
  }

  var block: Block {
    .genesis(channel: channel, config: config)
  }
}
