public import Foundation
public import InprocHost
internal import MessageFSM

/// Keeps packages as files `name.version` of a folder, as a peer does.
///
/// A file is written under another name and renamed, so that a crash leaves no half of one. Beside it lies its hash, which
/// is compared when the file is read for the first time.
public final class DirectoryPackageStore: PackageStore {
  private let folder: URL
  /// Only one package is written at a time, so that of two installs of one version one is refused.
  private let writing = Locked(())
  private let loaded = Locked<[ChaincodeVersion: ChaincodePackage]>([:])

  /// A store in this folder, which is made if it is not there.
  ///
  /// - Throws: what hinders it.
  public init(folder: URL) throws {
    self.folder = folder
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// All packages, in the order of `name.version`; files that are none are left out.
  ///
  /// - Throws: what hinders the listing.
  public func packages() async throws -> [ChaincodePackage] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    return names.map { WireString($0) }.sorted().compactMap { name in
      guard let id = Self.id(of: name) else { return nil }
      return try? load(id)
    }
  }

  /// One package.
  ///
  /// - Throws: Fabric's text if it is not there; an error if it is not what was installed.
  public func package(_ id: ChaincodeVersion) async throws -> ChaincodePackage {
    // A package never changes, so it is read once.
    if let package = loaded.withLock({ $0[id] }) { return package }
    let package = try load(id)
    loaded.withLock { $0[id] = package }
    return package
  }

  /// Writes a package.
  ///
  /// - Throws: Fabric's text if that version is there already, or its name cannot be a file's.
  public func install(_ package: ChaincodePackage) async throws {
    try ChaincodeNames.checkName(package.id.name)
    try ChaincodeNames.checkVersion(package.id.version, of: package.id.name)
    try writing.withLock { _ in
      let file = file(package.id)
      if FileManager.default.fileExists(atPath: file.path) { throw PackageFile.exists(package.id) }
      let hash = Data(SHA256.hash(package.wireBytes).hexBytes)
      // The hash first: a package without one is never seen.
      try hash.write(to: hashFile(package.id), options: .atomic)
      try Data(package.wireBytes).write(to: file, options: .atomic)
    }
  }

  private func load(_ id: ChaincodeVersion) throws -> ChaincodePackage {
    // A name that is none must not lead out of the folder.
    guard (try? ChaincodeNames.checkName(id.name)) != nil,
      (try? ChaincodeNames.checkVersion(id.version, of: id.name)) != nil,
      let content = try? Data(contentsOf: file(id))
    else { throw PackageFile.missing(id) }
    let bytes = Array(content)
    let expected = try? Data(contentsOf: hashFile(id))
    guard let expected, Array(expected) == SHA256.hash(bytes).hexBytes else {
      throw LedgerError(
        joining: "chaincode fingerprint mismatch: ", PackageFile.folder, "/", PackageFile.name(of: id),
        " is not what was installed")
    }
    let package = try ChaincodePackage(wireBytes: bytes)
    guard package.id == id else {
      throw LedgerError(joining: "chaincode name mismatch: ", id.name, "!=", package.id.name)
    }
    return package
  }

  private func file(_ id: ChaincodeVersion) -> URL {
    folder.appendingPathComponent(PackageFile.name(of: id).string, isDirectory: false)
  }

  private func hashFile(_ id: ChaincodeVersion) -> URL {
    folder.appendingPathComponent(".\(PackageFile.name(of: id)).sha256", isDirectory: false)
  }

  /// Names cannot have a dot, so the version begins behind the first.
  private static func id(of file: WireString) -> ChaincodeVersion? {
    let bytes = file.bytes
    guard let dot = bytes.firstIndex(of: UInt8(ascii: ".")), dot > bytes.startIndex else { return nil }
    return ChaincodeVersion(
      name: WireString(bytes: bytes[..<dot]), version: WireString(bytes: bytes[dot...].dropFirst()))
  }
}
