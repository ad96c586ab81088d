public import InprocHost
public import MessageFSM

/// Decides whether signatures satisfy policies (Fabric `policies.Manager`, `cauthdsl`).
public protocol PolicyEvaluator: Sendable {
  /// Returns if the signatures satisfy the policy; organizations and identities are those of the channel.
  ///
  /// - Throws: why they do not.
  func evaluate(_ policy: SignaturePolicyEnvelope, _ signatures: [SignedIdentity], channel: WireString)
    async throws

  /// Returns if the signatures satisfy a policy that the channel's configuration names, such as `/Channel/Application/Readers`.
  ///
  /// - Parameters:
  ///   - name: the policy; on the empty channel `Admins` or `Members`, of the peer's own organization.
  ///   - signatures: who signed what.
  ///   - channel: the channel, or empty for the peer itself.
  /// - Throws: why they do not.
  func evaluate(named name: WireString, _ signatures: [SignedIdentity], channel: WireString) async throws
}

/// Refuses everything: what system chaincodes do whose embedder gave no policies.
public struct RefusingPolicyEvaluator: PolicyEvaluator {
  /// An evaluator that refuses.
  public init() {}

  /// Refuses.
  ///
  /// - Throws: always.
  public func evaluate(
    _ policy: SignaturePolicyEnvelope, _ signatures: [SignedIdentity], channel: WireString
  ) async throws {
    throw Self.refusal
  }

  /// Refuses.
  ///
  /// - Throws: always.
  public func evaluate(
    named name: WireString, _ signatures: [SignedIdentity], channel: WireString
  ) async throws {
    throw Self.refusal
  }

  private static let refusal = LedgerError(
    "signature set did not satisfy policy: the host was configured without policies")
}
