public import InprocHost
internal import MessageFSM

/// Where installed packages are (Fabric: the folder `chaincodes` of the peer).
public protocol PackageStore: Sendable {
  /// All packages, in the order of `name.version`. What cannot be read is left out.
  ///
  /// - Throws: what hinders the listing.
  func packages() async throws -> [ChaincodePackage]

  /// One package, checked against the fingerprint it had when it was installed.
  ///
  /// - Throws: Fabric's text if it is not there, or not what was installed.
  func package(_ id: ChaincodeVersion) async throws -> ChaincodePackage

  /// Takes a package; it is there as a whole or not at all.
  ///
  /// - Throws: Fabric's text if that version is there already.
  func install(_ package: ChaincodePackage) async throws
}

/// Keeps packages for as long as the process lives.
public final class MemoryPackageStore: PackageStore {
  private let installed = Locked<[ChaincodeVersion: ChaincodePackage]>([:])

  /// A store without packages.
  public init() {}

  /// All packages, in the order of `name.version`.
  public func packages() async throws -> [ChaincodePackage] {
    installed.withLock { installed in
      installed.values.sorted { PackageFile.name(of: $0.id) < PackageFile.name(of: $1.id) }
    }
  }

  /// One package.
  ///
  /// - Throws: Fabric's text if it is not there.
  public func package(_ id: ChaincodeVersion) async throws -> ChaincodePackage {
    guard let package = installed.withLock({ $0[id] }) else { throw PackageFile.missing(id) }
    return package
  }

  /// Takes a package.
  ///
  /// - Throws: Fabric's text if that version is there already.
  public func install(_ package: ChaincodePackage) async throws {
    try installed.withLock { installed throws(LedgerError) in
      guard installed[package.id] == nil else { throw PackageFile.exists(package.id) }
      installed[package.id] = package
    }
  }
}

/// Names of package files, and texts that hold them.
enum PackageFile {
  /// The folder, relative to the peer's, as the texts have it.
  static let folder: WireString = "chaincodes"

  static func name(of id: ChaincodeVersion) -> WireString {
    WireString(joining: id.name, ".", id.version)
  }

  static func missing(_ id: ChaincodeVersion) -> LedgerError {
    LedgerError(joining: "open ", folder, "/", name(of: id), ": no such file or directory")
  }

  static func exists(_ id: ChaincodeVersion) -> LedgerError {
    LedgerError(joining: "chaincode ", folder, "/", name(of: id), " exists")
  }
}
