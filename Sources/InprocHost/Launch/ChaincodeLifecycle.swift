public import MessageFSM

/// What a channel knows of a user chaincode.
public struct ChaincodeDefinition: Sendable, Hashable {
  /// Its version.
  public var version: WireString
  /// Whether the first call of this version must be an initialization (Fabric 2.0 and later).
  public var initRequired: Bool
  /// The definition as it is stored, for whoever compares it with a package.
  public var stored: [UInt8]

  /// A definition.
  public init(version: WireString, initRequired: Bool = false, stored: [UInt8] = []) {
    self.version = version
    self.initRequired = initRequired
    self.stored = stored
  }
}

/// Finds the definitions of chaincodes that are not system chaincodes (Fabric `chaincode.Lifecycle`).
public protocol ChaincodeLifecycle: Sendable {
  /// The definition of a chaincode on a channel, read through the transaction's executor, so that it is in its read set.
  ///
  /// - Throws: ``LedgerError/noDefinition(of:)`` if there is none; otherwise what hinders it, with Fabric's text.
  func definition(of name: WireString, channel: WireString, executor: any QueryExecutor) async throws
    -> ChaincodeDefinition

  /// Returns if the host can run that chaincode.
  ///
  /// - Throws: an error with Fabric's text if its package is not there.
  func checkInstalled(_ name: WireString, _ definition: ChaincodeDefinition) async throws
}

/// Finds definitions where 1.4 keeps them: in the namespace of lscc.
public struct LSCCLifecycle: ChaincodeLifecycle {
  /// A lifecycle that reads lscc's namespace.
  public init() {}

  /// Reads `lscc`/`name`.
  ///
  /// - Throws: ``LedgerError/noDefinition(of:)`` if there is nothing.
  public func definition(
    of name: WireString, channel: WireString, executor: any QueryExecutor
  ) async throws -> ChaincodeDefinition {
    guard let bytes = try await executor.getState(namespace: "lscc", key: name), !bytes.isEmpty else {
      throw LedgerError.noDefinition(of: name)
    }
    do throws(WireError) {
      return ChaincodeDefinition(version: try DefinitionRecord(wireBytes: bytes).version, stored: bytes)
    } catch {
      throw LedgerError("chaincode \(name) has bad definition: \(error)")
    }
  }

  /// Refuses: there are no packages here.
  ///
  /// - Throws: always, Fabric's text for a package that is not on the disk.
  public func checkInstalled(_ name: WireString, _ definition: ChaincodeDefinition) async throws {
    throw LedgerError(
      """
      could not get chaincode code: invalid deployment spec: \
      open chaincodes/\(name).\(definition.version): no such file or directory
      """)
  }
}

/// The part of lscc's `ChaincodeData` that a launch needs.
private struct DefinitionRecord: WireMessage {
  static let protoName = "ccprovider.ChaincodeData"
  var name = WireString.empty
  var version = WireString.empty

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "name", &name)
    coder.string(2, "version", &version)
  }
}
