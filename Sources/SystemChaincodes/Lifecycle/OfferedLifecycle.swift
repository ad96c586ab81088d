public import InprocHost
public import MessageFSM

/// Finds definitions where Fabric 2.0 and later keep them, and counts every chaincode as installed: a host has what it was offered
/// (``ChaincodeHost/offer(_:as:)``), under the name and the version of the definition.
///
/// Put it into the configuration of a host with `_lifecycle`. Which package an organization has approved says nothing here.
public struct OfferedLifecycle: ChaincodeLifecycle {
  private let definitions: DefinedLifecycle

  /// A lifecycle for channels that allow this.
  public init(
    capabilities: @escaping @Sendable (_ channel: WireString) -> ApplicationCapabilities = { _ in
      ApplicationCapabilities()
    }
  ) {
    definitions = DefinedLifecycle(capabilities: capabilities)
  }

  /// Reads the definition in `_lifecycle`, or in lscc's namespace if there is none.
  ///
  /// - Throws: `chaincode NAME not found` if there is nothing in either namespace.
  public func definition(
    of name: WireString, channel: WireString, executor: any QueryExecutor
  ) async throws -> ChaincodeDefinition {
    try await definitions.definition(of: name, channel: channel, executor: executor)
  }

  /// Returns; a chaincode that was not offered is noticed when it is started.
  public func checkInstalled(_ name: WireString, _ definition: ChaincodeDefinition) async throws {}
}
