public import MessageFSM

/// Decides who may call what (Fabric `core/aclmgmt.ACLProvider`).
public protocol ACLProvider: Sendable {
  /// Returns if the proposal's creator may use `resource` (such as `peer/ChaincodeToChaincode`) on `channel`.
  ///
  /// - Throws: the refusal; its text reaches the caller.
  func checkACL(resource: String, channel: WireString, proposal: SignedProposal?) async throws
}

/// Refuses everything: what a host does whose embedder gave no access control.
public struct RefusingACLProvider: ACLProvider {
  /// A provider that refuses.
  public init() {}

  /// Refuses.
  ///
  /// - Throws: always.
  public func checkACL(resource: String, channel: WireString, proposal: SignedProposal?) async throws {
    throw TransactionError(
      .refused,
      "access denied for [\(resource)][\(channel)]: the host was configured without access control")
  }
}

/// The resources that the host itself checks (Fabric `core/aclmgmt/resources`).
public enum ACLResource: Sendable {
  /// Calling a user chaincode from a chaincode.
  public static let chaincodeToChaincode = "peer/ChaincodeToChaincode"
}
