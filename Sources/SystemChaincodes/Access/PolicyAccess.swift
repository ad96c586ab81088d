public import InprocHost
public import MessageFSM

/// Lets through whoever satisfies the policy of a resource (Fabric `aclmgmt.defaultACLProvider`, `policy.PolicyChecker`).
public struct PolicyAccess: ACLProvider {
  private let table: AccessTable
  private let policies: any PolicyEvaluator
  private let version: FabricVersion

  /// An access control that asks `policies` for what `table` says; `nil` is Fabric's own table.
  public init(policies: any PolicyEvaluator, version: FabricVersion, table: AccessTable? = nil) {
    self.table = table ?? AccessTable(version)
    self.policies = policies
    self.version = version
  }

  /// Returns if the proposal's creator satisfies the policy of the resource.
  ///
  /// - Throws: Fabric's text if not; a resource that is not in the table is nobody's.
  public func checkACL(resource: String, channel: WireString, proposal: SignedProposal?) async throws {
    switch table.rules[resource] {
    case .channel(let policy): try await check(policy, channel: channel, proposal)
    case .local(let policy): try await check(policy, channel: .empty, proposal)
    case .coveredByProposal, nil: throw LedgerError("Unmapped policy for \(WireString(resource))")
    }
  }

  private func check(_ policy: WireString, channel: WireString, _ proposal: SignedProposal?) async throws {
    let place =
      channel.isEmpty
      ? WireString(joining: "during channelless check policy with policy [", policy, "]")
      : WireString(joining: "during check policy on channel [", channel, "] with policy [", policy, "]")
    guard let proposal else { throw LedgerError(joining: capital("Invalid"), " signed proposal ", place) }
    let signed: SignedIdentity
    do {
      signed = try SignedIdentity(proposal, version: version)
    } catch {
      throw LedgerError(joining: capital("Failing"), " extracting header ", place, ": [", error.text, "]")
    }
    do {
      try await policies.evaluate(named: policy, [signed], channel: channel)
    } catch {
      let what: WireString =
        channel.isEmpty
        ? " verifying that proposal's creator satisfies local MSP principal "
        : " evaluating policy on signed data "
      throw LedgerError(joining: capital("Failed"), what, place, ": [", error.text, "]")
    }
  }

  /// 2.0 and later write these texts in small letters.
  private func capital(_ word: String) -> WireString {
    WireString(version == .v1_4 ? word : word.lowercased())
  }
}

extension SignedIdentity {
  /// Who made a proposal, and what was signed.
  ///
  /// - Throws: Fabric's text if the proposal cannot be read that far.
  init(_ proposal: SignedProposal, version: FabricVersion) throws(LedgerError) {
    let inner = try Proposal.read(proposal.proposalBytes, version, as: "Proposal")
    let header = try Header.read(inner.header, version, as: "Header")
    let signature = try SignatureHeader.read(header.signatureHeader, version, as: "SignatureHeader")
    self.init(
      identity: signature.creator, data: proposal.proposalBytes, signature: proposal.signature)
  }
}
