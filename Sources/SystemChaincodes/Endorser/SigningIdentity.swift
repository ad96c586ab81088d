/// Who an endorser, or a client, is; an embedder brings it (Fabric `msp.SigningIdentity`).
public protocol SigningIdentity: Sendable {
  /// The marshalled `SerializedIdentity`.
  var serialized: [UInt8] { get }

  /// Signs a message.
  ///
  /// - Throws: what hinders it.
  func sign(_ message: [UInt8]) async throws -> [UInt8]
}
