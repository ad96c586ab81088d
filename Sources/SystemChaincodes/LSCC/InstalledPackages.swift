internal import InprocHost
internal import MessageFSM

/// Finds the package of a definition and compares the two (Fabric `lscc.getCCCode`).
struct InstalledPackages: Sendable {
  private let store: any PackageStore

  init(_ store: any PackageStore) {
    self.store = store
  }

  /// The package that a channel's definition is of.
  ///
  /// - Throws: Fabric's text if it is not installed, or another one is.
  func package(of definition: ChaincodeData) async throws(LedgerError) -> ChaincodePackage {
    let package: ChaincodePackage
    do {
      package = try await store.package(ChaincodeVersion(name: definition.name, version: definition.version))
    } catch {
      throw LedgerError(joining: "invalid deployment spec: ", error.text)
    }
    do throws(LedgerError) {
      try package.check(definition)
    } catch {
      throw LedgerError(joining: "chaincode fingerprint mismatch: ", error.message)
    }
    return package
  }
}
