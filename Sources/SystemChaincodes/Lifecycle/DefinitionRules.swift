internal import InprocHost
internal import MessageFSM

/// What a definition may be called, and which collections it may have (Fabric `lifecycle.Invocation.validateInput`).
struct DefinitionRules {
  private static let systemChaincodes: Set<WireString> = ["cscc", "escc", "lscc", "qscc", "vscc"]

  /// Those of the channel.
  let organizations: [WireString]

  /// Returns if the definition keeps the rules.
  ///
  /// - Throws: Fabric's text if it does not.
  func check(
    _ message: ChaincodeDefinitionMessage, replacing committed: CollectionConfigPackage?
  ) throws(LedgerError) {
    guard (try? ChaincodeNames.checkName(message.name, version: .v3_1)) != nil else {
      throw LedgerError(
        joining: "invalid chaincode name '", message.name,
        "'. Names can only consist of alphanumerics, '_', and '-' and can only begin with alphanumerics")
    }
    if Self.systemChaincodes.contains(message.name) {
      throw LedgerError(joining: "chaincode name '", message.name, "' is the name of a system chaincode")
    }
    guard (try? ChaincodeNames.checkVersion(message.version, of: message.name, version: .v3_1)) != nil else {
      throw LedgerError(
        joining: "invalid chaincode version '", message.version,
        "'. Versions can only consist of alphanumerics, '_', '-', '+', and '.'")
    }
    var collections: [StaticCollectionConfig] = []
    for collection in message.collections?.collections ?? [] {
      guard let config = collection.fixed else {
        throw LedgerError("collection config contains unexpected payload type: <nil>")
      }
      if collections.contains(where: { $0.name == config.name }) {
        throw LedgerError(
          joining: "collection-name: ", config.name, " -- found duplicate in collection configuration")
      }
      try check(config)
      collections.append(config)
    }
    try check(collections, replacing: committed?.collections ?? [])
  }

  private func check(_ collection: StaticCollectionConfig) throws(LedgerError) {
    let name = collection.name
    let isValid = name.bytes.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      case _: false
      }
    }
    guard isValid, let first = name.bytes.first, first != UInt8(ascii: "_") else {
      throw LedgerError(
        joining: "invalid collection name '", name,
        "'. Names can only consist of alphanumerics, '_', and '-' and cannot begin with '_'")
    }
    if collection.maximumPeerCount < collection.requiredPeerCount {
      throw LedgerError(
        joining: "collection-name: ", name, " -- maximum peer count (\(collection.maximumPeerCount)) ",
        "cannot be less than the required peer count (\(collection.requiredPeerCount))")
    }
    if collection.requiredPeerCount < 0 {
      throw LedgerError(
        joining: "collection-name: ", name, " -- requiredPeerCount (\(collection.requiredPeerCount)) ",
        "cannot be less than zero")
    }
    guard let members = collection.memberOrgsPolicy else {
      throw LedgerError(joining: "collection member policy is not set for collection '", name, "'")
    }
    guard let policy = members.signaturePolicy else {
      throw LedgerError(joining: "collection member org policy is empty for collection '", name, "'")
    }
    do throws(LedgerError) {
      try SignaturePolicies.check(policy)
    } catch {
      throw LedgerError(
        joining: "invalid member org policy for collection '", name, "': ", error.message)
    }
    if let some = Self.conjunction(in: policy.rule) {
      throw LedgerError(
        joining: "collection-name: ", name,
        " -- error in member org policy: signature policy is not an OR concatenation, NOutOf \(some)")
    }
    for principal in policy.identities { try check(principal, of: name) }
  }

  /// The number of signatures of a rule that asks for more or less than one.
  private static func conjunction(in rule: SignaturePolicy?) -> Int32? {
    guard let some = rule?.nOutOf else { return nil }
    guard some.n == 1 else { return some.n }
    return some.rules.lazy.compactMap { conjunction(in: $0) }.first
  }

  private func check(_ principal: MSPPrincipal, of collection: WireString) throws(LedgerError) {
    func unreadable(_ type: WireString) -> (WireString) -> WireString {
      {
        WireString(
          joining: "collection-name: ", collection, " -- cannot unmarshal identity bytes into ", type, ": ",
          $0)
      }
    }
    let organization: WireString
    switch principal.classification {
    case 0:
      organization = try MSPRole.read(principal.principal, .v3_1, unreadable("MSPRole")).mspIdentifier
    case 1:
      organization = try OrganizationUnit.read(
        principal.principal, .v3_1, unreadable("OrganizationUnit")
      ).mspIdentifier
    case 2:
      guard let identity = try? SerializedIdentity(wireBytes: principal.principal),
        organizations.contains(identity.mspid)
      else {
        throw LedgerError(
          joining: "collection-name: ", collection,
          " -- contains an identity that is not part of the channel")
      }
      return
    case let other:
      throw LedgerError(
        joining: "collection-name: ", collection, " -- principal type \(other) is not supported")
    }
    guard organizations.contains(organization) else {
      throw LedgerError(
        joining: "collection-name: ", collection, " -- collection member '", organization,
        "' is not part of the channel")
    }
  }

  /// A collection that is there stays, and lives as long as before.
  private func check(
    _ proposed: [StaticCollectionConfig], replacing committed: [CollectionConfig]
  ) throws(LedgerError) {
    if !committed.isEmpty && proposed.isEmpty {
      throw LedgerError("the proposed collection config does not contain previously defined collections")
    }
    for old in committed {
      guard let old = old.fixed else { throw LedgerError("unknown collection configuration type") }
      guard let new = proposed.first(where: { $0.name == old.name }) else {
        throw LedgerError(
          joining: "existing collection [", old.name, "] missing in the proposed collection configuration")
      }
      guard new.blockToLive == old.blockToLive else {
        throw LedgerError(
          joining: "the BlockToLive in an existing collection [", old.name,
          "] modified. Existing value [\(old.blockToLive)]")
      }
    }
  }
}
