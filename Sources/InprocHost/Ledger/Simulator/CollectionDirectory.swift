internal import MessageFSM

/// Where a chaincode's collections are defined, and how Fabric looks them up: each look-up of a simulator is a read of the
/// transaction, so which keys are read, and in which case, shows in every read set with private data.
struct CollectionDirectory: Sendable {
  typealias Read = (_ namespace: WireString, _ key: WireString) throws(LedgerError) -> [UInt8]?

  static let lscc: WireString = "lscc"
  static let lifecycle: WireString = "_lifecycle"
  static let implicitPrefix = "_implicit_org_"

  let version: FabricVersion
  let provider: InMemoryLedger.CollectionProvider
  let organizations: [WireString]
  let channel: WireString

  /// The names of a chaincode's collections.
  ///
  /// 1.4 reads the definition first (`lscc.DeployedCCInfoProvider.ChaincodeInfo`), 3.1's legacy provider the collections alone
  /// (`AllCollectionsConfigPkg`), and 3.1's `lifecycle.ValidatorCommitter` looks into `_lifecycle` before lscc.
  ///
  /// - Throws: Fabric's text if the chaincode has no collections.
  func collectionNames(of chaincode: WireString, read: Read) throws(LedgerError) -> [WireString] {
    var package: CollectionConfigPackage?
    switch (version, provider) {
    case (.v3_1, .lscc):
      package = try legacyPackage(chaincode, read)
    case (.v1_4, _):
      if try read(Self.lscc, chaincode) != nil { package = try legacyPackage(chaincode, read) }
    case (.v3_1, .lifecycle):
      if let defined = try definedPackage(chaincode, read) {
        let implicit = organizations.map { WireString("\(Self.implicitPrefix)\($0)") }
        return Self.names(defined) + implicit
      }
      // Fabric 3.1 dereferences the missing definition; its peer answers with the text of the panic it caught.
      guard try read(Self.lscc, chaincode) != nil else { throw LedgerError("panic during execution") }
      package = try legacyPackage(chaincode, read)
    }
    guard let package else {
      throw LedgerError(
        "collection config not defined for chaincode [\(chaincode)], pass the collection configuration upon chaincode definition/instantiation"
      )
    }
    return Self.names(package)
  }

  /// One collection; `nil` if it is not defined (Fabric `CollectionInfo`).
  func collection(_ name: CollectionName, read: Read) throws(LedgerError) -> StaticCollectionConfig? {
    if version == .v3_1 && provider == .lifecycle, let defined = try definedPackage(name.namespace, read) {
      if let organization = Self.implicitOrganization(name.collection) {
        guard organizations.isEmpty || organizations.contains(organization) else { return nil }
        return Self.implicitCollection(organization)
      }
      return Self.find(name.collection, in: defined)
    }
    return try legacyPackage(name.namespace, read).flatMap { Self.find(name.collection, in: $0) }
  }

  static func notFound(_ channel: WireString, _ name: CollectionName) -> LedgerError {
    LedgerError("collection \(channel)/\(name.namespace)/\(name.collection) could not be found")
  }

  // MARK: lscc

  private func legacyPackage(_ chaincode: WireString, _ read: Read) throws(LedgerError)
    -> CollectionConfigPackage?
  {
    let key =
      chaincode.isValidUTF8
      ? WireString(chaincode.string + "~collection")
      : WireString(bytes: chaincode.bytes + Array("~collection".utf8))
    guard let bytes = try read(Self.lscc, key) else { return nil }
    return try package(bytes)
  }

  private func package(_ bytes: [UInt8]) throws(LedgerError) -> CollectionConfigPackage {
    do {
      return try CollectionConfigPackage(wireBytes: bytes)
    } catch {
      let text = error.text(version)
      throw LedgerError(WireString("error unmarshalling collection config package: \(text)"))
    }
  }

  // MARK: _lifecycle

  /// The collections of a definition in `_lifecycle`; `nil` if the chaincode is not defined there.
  ///
  /// The serializer reads the metadata and then every field (Fabric `lifecycle.Serializer.Deserialize`).
  private func definedPackage(_ chaincode: WireString, _ read: Read) throws(LedgerError)
    -> CollectionConfigPackage?
  {
    // It is always defined, and has no collections but the organizations' (Fabric `ChaincodeDefinitionIfDefined`).
    if chaincode == Self.lifecycle { return CollectionConfigPackage() }
    guard let bytes = try read(Self.lifecycle, "namespaces/metadata/\(chaincode)") else { return nil }
    do {
      let metadata = try LifecycleMetadata(wireBytes: bytes)
      guard metadata.datatype == "ChaincodeDefinition" else {
        throw LedgerError("not a chaincode type: \(metadata.datatype)")
      }
      var package = CollectionConfigPackage()
      for field in ["Sequence", "EndorsementInfo", "ValidationInfo", "Collections"] {
        let data = try read(Self.lifecycle, "namespaces/fields/\(chaincode)/\(WireString(field))")
        guard field == "Collections", let data else { continue }
        package = try self.package(LifecycleData(wireBytes: data).bytes)
      }
      return package
    } catch let error as LedgerError {
      throw error
    } catch let error as WireError {
      throw LedgerError(WireString("could not unmarshal metadata for namespace: \(error.text(version))"))
    } catch {
      throw LedgerError(WireString("\(error)"))
    }
  }

  private static func implicitOrganization(_ collection: WireString) -> WireString? {
    let name = collection.string
    return name.hasPrefix(implicitPrefix) ? WireString(String(name.dropFirst(implicitPrefix.count))) : nil
  }

  private static func implicitCollection(_ organization: WireString) -> StaticCollectionConfig {
    let member = MSPPrincipal(principal: MSPRole(mspIdentifier: organization).wireBytes())
    let rule = SignaturePolicy(nOutOf: NOutOf(n: 1, rules: [SignaturePolicy(signedBy: 0)]))
    return StaticCollectionConfig(
      name: "\(implicitPrefix)\(organization)",
      memberOrgsPolicy: CollectionPolicyConfig(
        signaturePolicy: SignaturePolicyEnvelope(rule: rule, identities: [member])))
  }

  private static func names(_ package: CollectionConfigPackage) -> [WireString] {
    package.collections.compactMap { $0.fixed?.name }
  }

  private static func find(_ name: WireString, in package: CollectionConfigPackage) -> StaticCollectionConfig?
  {
    package.collections.lazy.compactMap { $0.fixed }.first { $0.name == name }
  }
}
