public import MessageFSM

/// Finds definitions where Fabric 2.0 and later keep them: in the namespace `_lifecycle`, and in lscc's if they are not there.
///
/// Both reads are in the transaction's read set. On a channel without the capability V2_0 only lscc's namespace is read.
public struct DefinedLifecycle: ChaincodeLifecycle {
  private let capabilities: @Sendable (_ channel: WireString) -> ApplicationCapabilities
  private let legacy = LSCCLifecycle()

  /// A lifecycle for channels that allow this.
  public init(
    capabilities: @escaping @Sendable (_ channel: WireString) -> ApplicationCapabilities = { _ in
      ApplicationCapabilities()
    }
  ) {
    self.capabilities = capabilities
  }

  /// Reads the definition's sequence and, if there is one, its version and whether it asks for an initialization; otherwise what
  /// lscc knows.
  ///
  /// - Throws: `chaincode NAME not found` if there is nothing in either namespace.
  public func definition(
    of name: WireString, channel: WireString, executor: any QueryExecutor
  ) async throws -> ChaincodeDefinition {
    if capabilities(channel).lifecycleV20,
      let sequence = try await field("Sequence", of: name, executor), sequence.int64 > 0
    {
      let info = try await field("EndorsementInfo", of: name, executor)?.bytes ?? []
      do throws(WireError) {
        let endorsement = try EndorsementInfo(wireBytes: info)
        return ChaincodeDefinition(version: endorsement.version, initRequired: endorsement.initRequired)
      } catch {
        throw LedgerError("could not unmarshal endorsement info of chaincode \(name): \(error.text(.v3_1))")
      }
    }
    return try await legacy.definition(of: name, channel: channel, executor: executor)
  }

  /// Refuses: there are no packages here.
  ///
  /// - Throws: always, Fabric's text for a package that is not on the disk.
  public func checkInstalled(_ name: WireString, _ definition: ChaincodeDefinition) async throws {
    throw LedgerError(
      """
      failed security checks: invalid deployment spec: \
      open chaincodes/\(name).\(definition.version): no such file or directory
      """)
  }

  private func field(
    _ field: String, of name: WireString, _ executor: any QueryExecutor
  ) async throws -> LifecycleData? {
    let key = WireString(bytes: Array("namespaces/fields/".utf8) + name.bytes + Array("/\(field)".utf8))
    guard let bytes = try await executor.getState(namespace: "_lifecycle", key: key), !bytes.isEmpty else {
      return nil
    }
    do throws(WireError) {
      return try LifecycleData(wireBytes: bytes)
    } catch {
      throw LedgerError(
        "could not unmarshal state for key namespaces/fields/\(name)/\(field): \(error.text(.v3_1))")
    }
  }
}

/// The part of `lifecycle.ChaincodeEndorsementInfo` that a launch needs.
private struct EndorsementInfo: WireMessage {
  static let protoName = "lifecycle.ChaincodeEndorsementInfo"
  var version = WireString.empty
  var initRequired = false

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "version", &version)
    coder.bool(2, &initRequired)
  }
}
