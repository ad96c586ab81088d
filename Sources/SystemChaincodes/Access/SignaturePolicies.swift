internal import InprocHost
internal import MessageFSM

/// Evaluates signature policies (Fabric `common/cauthdsl`).
struct SignaturePolicies: Sendable {
  let verifier: any IdentityVerifier

  /// Deeper rules are refused, so that nobody can exhaust the stack; the codec stops at the same depth.
  private static let depthMax = 64

  /// The policy that these bytes hold, if it can be evaluated at all.
  ///
  /// - Throws: Fabric's text if it cannot.
  static func policy(
    _ bytes: [UInt8], _ version: FabricVersion
  ) throws(LedgerError) -> SignaturePolicyEnvelope {
    let policy = try SignaturePolicyEnvelope.read(bytes, version) {
      WireString(joining: "Error unmarshaling to SignaturePolicy: ", $0)
    }
    try check(policy)
    return policy
  }

  /// Checks that a policy can be evaluated at all.
  ///
  /// - Throws: Fabric's text if it cannot.
  static func check(_ policy: SignaturePolicyEnvelope) throws(LedgerError) {
    guard policy.version == 0 else {
      throw LedgerError(
        "This evaluator only understands messages of version 0, but version was \(policy.version)")
    }
    try check(policy.rule, identities: policy.identities.count, depth: 0)
  }

  private static func check(_ rule: SignaturePolicy?, identities: Int, depth: Int) throws(LedgerError) {
    guard let rule, depth < depthMax else { throw LedgerError("Empty policy element") }
    if let some = rule.nOutOf {
      for inner in some.rules { try check(inner, identities: identities, depth: depth + 1) }
      return
    }
    guard let number = rule.signedBy else { throw LedgerError("Unknown type: <nil>:<nil>") }
    guard number >= 0, Int(number) < identities else {
      throw LedgerError(
        "identity index out of range, requested \(number), but identities length is \(identities)")
    }
  }

  /// Returns if the signatures satisfy the policy.
  ///
  /// An identity counts once, however often it signed, and a signature satisfies one principal of a rule at most.
  ///
  /// - Throws: Fabric's text if they do not.
  func evaluate(
    _ policy: SignaturePolicyEnvelope, _ signatures: [SignedIdentity], channel: WireString
  ) async throws {
    try Self.check(policy)
    guard let rule = policy.rule else { throw LedgerError("Empty policy element") }
    let signers = await signers(signatures, channel: channel)
    var used = Array(repeating: false, count: signers.count)
    guard Self.holds(rule, policy.identities, signers, &used, depth: 0) else {
      throw LedgerError("signature set did not satisfy policy")
    }
  }

  /// The valid identities among those who signed, each once.
  private func signers(_ signatures: [SignedIdentity], channel: WireString) async -> [KnownIdentity] {
    var seen: Set<[UInt8]> = []
    var signers: [KnownIdentity] = []
    for signed in signatures where seen.insert(signed.identity).inserted {
      // Fabric takes an identity or signature that is not valid for one that is not there.
      guard let identity = try? await verifier.identity(signed.identity, channel: channel) else { continue }
      guard (try? await verifier.verify(signed.signature, of: signed.data, by: identity)) != nil else {
        continue
      }
      signers.append(identity)
    }
    return signers
  }

  private static func holds(
    _ rule: SignaturePolicy, _ principals: [MSPPrincipal], _ signers: [KnownIdentity], _ used: inout [Bool],
    depth: Int
  ) -> Bool {
    if let some = rule.nOutOf {
      var count: Int32 = 0
      for inner in some.rules where depth < depthMax {
        var usedThen = used
        guard holds(inner, principals, signers, &usedThen, depth: depth + 1) else { continue }
        count += 1
        used = usedThen
      }
      return count >= some.n
    }
    guard let number = rule.signedBy, number >= 0, Int(number) < principals.count else { return false }
    let principal = principals[Int(number)]
    for (index, signer) in signers.enumerated() where !used[index] {
      if (try? Principal.check(principal, signer)) != nil {
        used[index] = true
        return true
      }
    }
    return false
  }
}

extension SignaturePolicyEnvelope {
  /// One signature by anybody with this role in one of the organizations, as Fabric writes it (`cauthdsl.SignedByAnyMember`).
  static func anyOf(_ organizations: [WireString], role: Int32) -> SignaturePolicyEnvelope {
    let sorted = organizations.sorted()
    let identities = sorted.map {
      MSPPrincipal(principal: MSPRole(mspIdentifier: $0, role: role).wireBytes())
    }
    let rules = (0..<Int32(clamping: sorted.count)).map { SignaturePolicy(signedBy: $0) }
    return SignaturePolicyEnvelope(
      rule: SignaturePolicy(nOutOf: NOutOf(n: 1, rules: rules)), identities: identities)
  }
}
