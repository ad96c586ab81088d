internal import InprocHost
internal import MessageFSM

/// Whether an identity is what a policy asks for (Fabric `msp.SatisfiesPrincipal`).
enum Principal {
  /// Combined principals hold others; the codec bounds how deep, an embedder's own might be deeper.
  private static let depthMax = 16

  /// Returns if the identity belongs to the principal.
  ///
  /// - Throws: why it does not, or why the principal is none.
  static func check(_ principal: MSPPrincipal, _ identity: KnownIdentity, depth: Int = 0) throws {
    switch principal.classification {
    case 0: try checkRole(MSPRole(wireBytes: principal.principal), identity)
    case 1: try checkUnit(OrganizationUnit(wireBytes: principal.principal), identity)
    case 2:
      guard principal.principal == identity.serialized else {
        throw LedgerError("the identities do not match")
      }
    case 3:
      let anonymity = try IdentityAnonymity(wireBytes: principal.principal)
      guard anonymity.type == 0 else { throw LedgerError("the identity is not anonymous") }
    case 4:
      let all = try CombinedPrincipal(wireBytes: principal.principal).principals
      guard !all.isEmpty, depth < depthMax else {
        throw LedgerError("No principals in CombinedPrincipal")
      }
      for principal in all { try check(principal, identity, depth: depth + 1) }
    case let other: throw LedgerError("invalid principal type \(other)")
    }
  }

  private static func checkRole(_ role: MSPRole, _ identity: KnownIdentity) throws {
    try checkOrganization(role.mspIdentifier, identity)
    // Whoever is valid is a member.
    if role.role == 0 { return }
    guard let wanted = KnownIdentity.Role(rawValue: role.role) else {
      throw LedgerError("invalid MSP role type \(role.role)")
    }
    guard identity.roles.contains(wanted) else {
      let name =
        switch wanted {
        case .admin: "an admin"
        case .client: "a client"
        case .peer: "a peer"
        case .orderer: "an orderer"
        }
      throw LedgerError("This identity is not \(WireString(name))")
    }
  }

  private static func checkUnit(_ unit: OrganizationUnit, _ identity: KnownIdentity) throws {
    try checkOrganization(unit.mspIdentifier, identity)
    let wanted = KnownIdentity.Unit(unit.unit, certifiersIdentifier: unit.certifiersIdentifier)
    guard identity.units.contains(wanted) else { throw LedgerError("The identities do not match") }
  }

  private static func checkOrganization(_ wanted: WireString, _ identity: KnownIdentity) throws {
    guard wanted == identity.organization else {
      throw LedgerError(
        "the identity is a member of a different MSP (expected \(wanted), got \(identity.organization))")
    }
  }
}
