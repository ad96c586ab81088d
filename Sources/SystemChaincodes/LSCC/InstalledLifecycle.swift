public import InprocHost
public import MessageFSM

/// Finds definitions in lscc's namespace, and the packages they are of in a store (Fabric `lscc.ChaincodeContainerInfo`).
///
/// Put it into a host's configuration, so that the host starts user chaincode where it is in force.
public struct InstalledLifecycle: ChaincodeLifecycle {
  private let definitions = LSCCLifecycle()
  private let packages: any PackageStore

  /// A lifecycle for what is in this store, which should be the one that lscc installs into.
  public init(_ packages: any PackageStore) {
    self.packages = packages
  }

  /// Reads `lscc`/`name`.
  ///
  /// - Throws: `chaincode NAME not found` if there is nothing.
  public func definition(
    of name: WireString, channel: WireString, executor: any QueryExecutor
  ) async throws -> ChaincodeDefinition {
    try await definitions.definition(of: name, channel: channel, executor: executor)
  }

  /// Returns if the package of the definition is installed.
  ///
  /// - Throws: Fabric's text if it is not, or another of that name and version is.
  public func checkInstalled(_ name: WireString, _ definition: ChaincodeDefinition) async throws {
    do throws(LedgerError) {
      let stored = try LifecycleChaincode.definition(definition.stored, name)
      _ = try await InstalledPackages(packages).package(of: stored)
    } catch {
      throw LedgerError(joining: "could not get chaincode code: ", error.message)
    }
  }
}

extension ChaincodeHost {
  /// Stops the versions of a chaincode that are in force on no channel any more, each when no transaction runs on it.
  ///
  /// What is in force is what the configuration's lifecycle says.
  /// To be called after the commit of an upgrade (Fabric 2.0 `StopUnreferencedChaincodes`). Returns when it has looked at all
  /// channels; a version that was needed for a transaction's older snapshot is started again, and stopped by the next call.
  ///
  /// - Parameters:
  ///   - name: the chaincode.
  ///   - versions: the versions that may run.
  ///   - channels: the channels of the peer.
  /// - Throws: what hinders reading a channel's state; nothing is stopped then.
  public func retireUnreferenced(
    _ name: WireString, versions: [WireString], channels: some Sequence<WireString>
  ) async throws {
    let lifecycle = configuration.effectiveLifecycle
    var referenced: Set<WireString> = []
    for channel in channels {
      guard let ledger = configuration.ledgers.ledger(channel: channel) else { continue }
      let executor = try await ledger.newQueryExecutor()
      defer { executor.done() }
      do {
        let definition = try await lifecycle.definition(of: name, channel: channel, executor: executor)
        referenced.insert(definition.version)
      } catch let error as LedgerError where error == .noDefinition(of: name) {
        continue
      }
    }
    for version in versions where !referenced.contains(version) {
      retire(ChaincodeVersion(name: name, version: version))
    }
  }
}
