internal import InprocHost
internal import MessageFSM

/// What collections a definition may have (Fabric `lscc.putChaincodeCollectionData`).
struct CollectionRules {
  /// What follows a chaincode's name in the key of its collections; names cannot hold it.
  static let keySuffix: WireString = "~collection"

  let version: FabricVersion

  static func key(of chaincode: WireString) -> WireString {
    WireString(joining: chaincode, keySuffix)
  }

  /// Checks a marshalled `CollectionConfigPackage`.
  ///
  /// - Throws: Fabric's text if it is none, or a collection's members cannot be told.
  func check(_ bytes: [UInt8], of id: ChaincodeVersion) throws(LedgerError) {
    guard let package = try? CollectionConfigPackage(wireBytes: bytes) else {
      throw LedgerError(
        joining: "invalid collection configuration supplied for chaincode ", id.name, ":", id.version)
    }
    for collection in package.collections {
      do throws(LedgerError) {
        try check(collection)
      } catch {
        throw LedgerError(joining: "collection member policy check failed: ", error.message)
      }
    }
  }

  private func check(_ collection: CollectionConfig) throws(LedgerError) {
    guard let config = collection.fixed else { throw LedgerError("collection configuration is empty") }
    guard let members = config.memberOrgsPolicy else {
      throw LedgerError("collection member policy is not set")
    }
    guard let policy = members.signaturePolicy else {
      throw LedgerError("collection member org policy is empty")
    }
    for principal in policy.identities { try check(principal, of: config.name) }
    do throws(LedgerError) {
      try SignaturePolicies.check(policy)
    } catch {
      throw LedgerError(
        joining: "invalid member org policy for collection '", config.name, "': ", error.message)
    }
  }

  private func check(_ principal: MSPPrincipal, of collection: WireString) throws(LedgerError) {
    do throws(WireError) {
      switch principal.classification {
      case 0: _ = try MSPRole(wireBytes: principal.principal)
      case 1: _ = try OrganizationUnit(wireBytes: principal.principal)
      case _: break
      }
    } catch {
      throw LedgerError(
        joining: "collection-name: ", collection, " -- cannot unmarshal identities: ",
        WireString(error.text(version)))
    }
    guard !(0...2).contains(principal.classification) else { return }
    let kind =
      switch principal.classification {
      case 3: "ANONYMITY"
      case 4: "COMBINED"
      case let other: "\(other)"
      }
    throw LedgerError(
      joining: "collection-name: ", collection, " -- principal type ", kind, " is not supported")
  }
}
