public import InprocHost
public import MessageFSM

/// Evaluates policies as the configuration of the channels has them, with the embedder's knowledge of identities.
public struct ConfiguredPolicies: PolicyEvaluator {
  /// Implicit policies refer to groups below; no real configuration is deeper than four.
  private static let depthMax = 16

  private let signaturePolicies: SignaturePolicies
  private let configuration: ChannelConfiguration

  /// An evaluator for the channels with these ledgers.
  ///
  /// - Parameters:
  ///   - verifier: who is who, and who signed.
  ///   - ledgers: the ledgers whose last configuration block counts.
  ///   - version: whose texts it answers with.
  public init(verifier: any IdentityVerifier, ledgers: any LedgerProvider, version: FabricVersion) {
    self.signaturePolicies = SignaturePolicies(verifier: verifier)
    self.configuration = ChannelConfiguration(ledgers: ledgers, version: version)
  }

  /// Returns if the signatures satisfy the policy.
  ///
  /// - Throws: Fabric's text if they do not.
  public func evaluate(
    _ policy: SignaturePolicyEnvelope, _ signatures: [SignedIdentity], channel: WireString
  ) async throws {
    try await signaturePolicies.evaluate(policy, signatures, channel: channel)
  }

  /// Returns if the signatures satisfy the policy of that name.
  ///
  /// - Throws: why they do not; an error if there is no such policy.
  public func evaluate(
    named name: WireString, _ signatures: [SignedIdentity], channel: WireString
  ) async throws {
    if channel.isEmpty { return try await evaluateLocal(name, signatures) }
    guard let root = try await configuration.config(channel).channelGroup else { throw missing(name) }
    var path = name.string.split(separator: "/").map { WireString(String($0)) }
    guard let policyName = path.popLast(), path.first == "Channel" else { throw missing(name) }
    var group = root
    for component in path.dropFirst() {
      guard let next = try group.group(component) else { throw missing(name) }
      group = next
    }
    try await evaluate(policyName, of: group, signatures, channel, depth: 0)
  }

  /// `Admins` and `Members` of the peer's own organization.
  private func evaluateLocal(_ name: WireString, _ signatures: [SignedIdentity]) async throws {
    guard name == "Admins" || name == "Members" else {
      throw LedgerError(joining: "MSP Principal [", name, "] not supported.")
    }
    guard let signed = signatures.first else { throw LedgerError("signature set did not satisfy policy") }
    let identity = try await signaturePolicies.verifier.identity(signed.identity, channel: .empty)
    if name == "Admins" && !identity.roles.contains(.admin) {
      throw LedgerError("This identity is not an admin")
    }
    try await signaturePolicies.verifier.verify(signed.signature, of: signed.data, by: identity)
  }

  private func evaluate(
    _ name: WireString, of group: ConfigGroup, _ signatures: [SignedIdentity], _ channel: WireString,
    depth: Int
  ) async throws {
    guard depth < Self.depthMax, let policy = try group.policy(name)?.policy else { throw missing(name) }
    switch policy.type {
    case 1:
      try await signaturePolicies.evaluate(
        SignaturePolicyEnvelope(wireBytes: policy.value), signatures, channel: channel)
    case 3:
      let meta = try ImplicitMetaPolicy(wireBytes: policy.value)
      try await evaluate(meta, of: group, signatures, channel, depth: depth)
    case let other: throw LedgerError("unknown policy type: \(other)")
    }
  }

  private func evaluate(
    _ meta: ImplicitMetaPolicy, of group: ConfigGroup, _ signatures: [SignedIdentity], _ channel: WireString,
    depth: Int
  ) async throws {
    let wanted =
      switch meta.rule {
      case 0: 1
      case 1: group.groups.count
      case 2: group.groups.count / 2 + 1
      case let other: throw LedgerError("unknown implicit meta policy rule \(other)")
      }
    // Without groups below, "all" and "any" of none hold; that is Fabric's rule too.
    let needed = group.groups.isEmpty ? 0 : wanted
    var satisfied = 0
    for entry in group.groups where satisfied < needed {
      let below = try ConfigGroup(wireBytes: entry.value)
      do {
        try await evaluate(meta.subPolicy, of: below, signatures, channel, depth: depth + 1)
        satisfied += 1
      } catch {
        continue
      }
    }
    guard satisfied >= needed else {
      throw LedgerError(
        """
        implicit policy evaluation failed - \(satisfied) sub-policies were satisfied, but this policy requires \
        \(needed) of the '\(meta.subPolicy)' sub-policies to be satisfied
        """)
    }
  }

  private func missing(_ name: WireString) -> LedgerError {
    LedgerError(joining: "no such policy: '", name, "'")
  }
}
