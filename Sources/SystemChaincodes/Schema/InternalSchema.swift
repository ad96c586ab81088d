// What is stored or signed, and nobody outside needs to see.

internal import InprocHost
internal import MessageFSM

/// The hashes of a package, which a definition carries (`CDSData`, `SignedCDSData`).
struct PackageHashes: WireMessage {
  static let protoName = "ccprovider.CDSData"
  /// Of the code.
  var code: [UInt8] = []
  /// Of name and version.
  var metadata: [UInt8] = []
  /// Of instantiation policy and owners; a plain package has none.
  var signatures: [UInt8] = []

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &code)
    coder.bytes(2, &metadata)
    coder.bytes(3, &signatures)
  }
}

/// What whoever runs a channel must be able to do, by name.
struct Capabilities: WireMessage {
  static let protoName = "common.Capabilities"
  /// Empty messages.
  var entries: [MapEntry] = []

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.map(1, "capabilities", &entries)
  }
}

/// Where the last configuration of the chain is.
struct LastConfig: WireMessage {
  static let protoName = "common.LastConfig"
  /// The number of its block.
  var index: UInt64 = 0

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.uint64(1, &index)
  }
}

/// What orderers sign since 1.4.1.
struct OrdererBlockMetadata: WireMessage {
  static let protoName = "common.OrdererBlockMetadata"
  /// The last configuration.
  var lastConfig: LastConfig? = nil
  /// The orderer's own.
  var consenterMetadata: [UInt8] = []

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.message(1, &lastConfig)
    coder.bytes(2, &consenterMetadata)
  }
}

/// A unit of an organization, as a principal names it.
struct OrganizationUnit: WireMessage {
  static let protoName = "common.OrganizationUnit"
  /// The organization.
  var mspIdentifier: WireString = .empty
  /// The unit.
  var unit: WireString = .empty
  /// The chain of certificates that vouches for it.
  var certifiersIdentifier: [UInt8] = []

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "msp_identifier", &mspIdentifier)
    coder.string(2, "organizational_unit_identifier", &unit)
    coder.bytes(3, &certifiersIdentifier)
  }
}

/// Whether an identity is known by name.
struct IdentityAnonymity: WireMessage {
  static let protoName = "common.MSPIdentityAnonymity"
  /// 0 by name, 1 anonymous.
  var type: Int32 = 0

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int32(1, &type)
  }
}

/// Several principals at once.
struct CombinedPrincipal: WireMessage {
  static let protoName = "common.CombinedPrincipal"
  /// All of them.
  var principals: [MSPPrincipal] = []

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.messages(1, &principals)
  }
}

/// How an organization checks identities.
struct MSPConfig: WireMessage {
  static let protoName = "msp.MSPConfig"
  /// 0 Fabric, 1 idemix.
  var type: Int32 = 0
  /// A marshalled configuration of that kind.
  var config: [UInt8] = []

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int32(1, &type)
    coder.bytes(2, &config)
  }
}

/// The part of an organization's configuration that names it; idemix has it at the same place.
struct FabricMSPConfig: WireMessage {
  static let protoName = "msp.FabricMSPConfig"
  /// The name of the organization.
  var name: WireString = .empty

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "name", &name)
  }
}
