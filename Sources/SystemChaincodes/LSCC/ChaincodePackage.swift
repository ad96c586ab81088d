public import InprocHost
public import MessageFSM

/// What is installed: a name, a version, and what identifies the code behind them (Fabric `ccprovider.CCPackage`).
///
/// Chaincode that is compiled in has a package like any other; its code is in the binary, and the package's code bytes
/// are whatever its owner wants to be part of the fingerprint, such as a version control id.
public struct ChaincodePackage: Sendable, Hashable {
  /// The chaincode.
  public let id: ChaincodeVersion
  /// What was installed, as the client sent it.
  public let wireBytes: [UInt8]
  /// The package's specification.
  public let spec: ChaincodeDeploymentSpec
  /// The marshalled specification.
  public let specBytes: [UInt8]
  /// The hash of code, name, version, and of the owners of a signed package.
  public let fingerprint: [UInt8]
  /// The marshalled policy of a signed package; others have none.
  public let instantiationPolicy: [UInt8]?
  let hashes: PackageHashes

  /// The package that these bytes hold: a signed one, or a plain one.
  ///
  /// - Throws: Fabric's text if they hold neither.
  public init(wireBytes: [UInt8]) throws(LedgerError) {
    // Bytes can be both, then Fabric takes them for a signed package.
    if let signed = try? Self(signed: wireBytes) {
      self = signed
    } else if let plain = try? Self(spec: wireBytes, wireBytes: wireBytes, signed: nil) {
      self = plain
    } else {
      throw LedgerError("could not unmarshaled chaincode package to CDS or SignedCDS")
    }
  }

  /// A plain package.
  ///
  /// - Parameters:
  ///   - id: the chaincode.
  ///   - code: what identifies its code.
  ///   - path: where its source is.
  ///   - args: the arguments that a listing shows.
  public init(_ id: ChaincodeVersion, code: [UInt8] = [], path: WireString = .empty, args: [[UInt8]] = []) {
    var spec = ChaincodeDeploymentSpec()
    spec.chaincodeSpec = ChaincodeSpec(
      chaincodeID: ChaincodeID(name: id.name, version: id.version, path: path),
      input: ChaincodeInput(args: args))
    spec.codePackage = code
    let bytes = spec.wireBytes()
    self.init(id: id, spec: spec, specBytes: bytes, wireBytes: bytes, signed: nil)
  }

  private init(signed bytes: [UInt8]) throws {
    let payload = try EnvelopePayload(wireBytes: Envelope(wireBytes: bytes).payload)
    guard let header = payload.header,
      try ChannelHeader(wireBytes: header.channelHeader).type
        == ChannelHeader.HeaderType.chaincodePackage.rawValue
    else { throw LedgerError("invalid type of envelope for chaincode package") }
    let signed = try SignedChaincodeDeploymentSpec(wireBytes: payload.data)
    guard !signed.deploymentSpec.isEmpty, !signed.instantiationPolicy.isEmpty else {
      throw LedgerError("Instantiation policy cannot be null for a SignedCCDeploymentSpec")
    }
    try self.init(spec: signed.deploymentSpec, wireBytes: bytes, signed: signed)
  }

  private init(spec bytes: [UInt8], wireBytes: [UInt8], signed: SignedChaincodeDeploymentSpec?) throws {
    let spec = try ChaincodeDeploymentSpec(wireBytes: bytes)
    // Fabric reads the name without looking whether there is one, and dies.
    guard let id = spec.chaincodeSpec?.chaincodeID else {
      throw LedgerError("the package has no chaincode id")
    }
    guard id.name.isValidUTF8, GoText.isPrintable(id.name.string) else {
      throw LedgerError("invalid chaincode name: \(WireString(GoText.quoted(id.name)))")
    }
    self.init(
      id: ChaincodeVersion(name: id.name, version: id.version), spec: spec, specBytes: bytes,
      wireBytes: wireBytes, signed: signed)
  }

  private init(
    id: ChaincodeVersion, spec: ChaincodeDeploymentSpec, specBytes: [UInt8], wireBytes: [UInt8],
    signed: SignedChaincodeDeploymentSpec?
  ) {
    var hashes = PackageHashes()
    hashes.code = SHA256.hash(spec.codePackage)
    hashes.metadata = SHA256.hash(id.name.bytes + id.version.bytes)
    if let signed {
      hashes.signatures = SHA256.hash(
        signed.instantiationPolicy + signed.ownerEndorsements.flatMap(\.endorser))
    }
    self.id = id
    self.wireBytes = wireBytes
    self.spec = spec
    self.specBytes = specBytes
    self.hashes = hashes
    self.fingerprint = SHA256.hash(hashes.code + hashes.metadata + hashes.signatures)
    self.instantiationPolicy = signed?.instantiationPolicy
  }

  /// What a definition of this package begins as.
  var definition: ChaincodeData {
    ChaincodeData(name: id.name, version: id.version, data: hashes.wireBytes(), id: fingerprint)
  }

  /// Returns if a channel's definition is of this package (Fabric `CCPackage.ValidateCC`).
  ///
  /// - Throws: Fabric's text if it is of another.
  func check(_ definition: ChaincodeData) throws(LedgerError) {
    guard definition.name == id.name, definition.version == id.version else {
      throw LedgerError(
        joining: "invalid chaincode data ", definition.name, ":", definition.version, " (", id.name, ":",
        id.version, ")")
    }
    let defined: PackageHashes
    do throws(WireError) {
      defined = try PackageHashes(wireBytes: definition.data)
    } catch {
      throw LedgerError(WireString(error.text(.v1_4)))
    }
    guard defined == hashes else { throw LedgerError("data mismatch") }
  }
}
