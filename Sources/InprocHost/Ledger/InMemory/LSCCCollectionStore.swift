public import MessageFSM

/// Who signed a proposal, and what: the material of a policy (Fabric `protoutil.SignedData`).
public struct SignedIdentity: Sendable, Hashable {
  /// A marshalled ``SerializedIdentity``.
  public var identity: [UInt8]
  /// What was signed.
  public var data: [UInt8]
  /// The signature.
  public var signature: [UInt8]

  /// An identity with its signature.
  public init(identity: [UInt8], data: [UInt8], signature: [UInt8]) {
    self.identity = identity
    self.data = data
    self.signature = signature
  }
}

/// Knows identities and what they belong to; an embedder brings it (Fabric `msp.IdentityDeserializer`, `Identity.SatisfiesPrincipal`).
public protocol PrincipalEvaluator: Sendable {
  /// Whether the identity is valid on the channel, has made the signature, and belongs to the principal.
  ///
  /// - Throws: what hinders the answer; it counts as a no.
  func satisfies(_ principal: MSPPrincipal, identity: SignedIdentity, channel: WireString) async throws
    -> Bool
}

/// Answers who may read and write private collections from their definitions in the ledger
/// (Fabric `core/common/privdata.simpleCollectionStore`).
///
/// The definition is read through the executor, so a transaction's read set shows that it was looked up.
public struct LSCCCollectionStore: CollectionStore {
  private let options: InMemoryLedger.Options
  private let evaluator: any PrincipalEvaluator

  /// A store for ledgers with these options; `evaluator` says who is a member.
  public init(options: InMemoryLedger.Options, evaluator: any PrincipalEvaluator) {
    self.options = options
    self.evaluator = evaluator
  }

  /// Whether whoever signed the proposal may read the collection: a member, unless the collection lets everybody.
  ///
  /// - Throws: Fabric's text if the collection is not there.
  public func hasReadAccess(
    channel: WireString, namespace: WireString, collection: WireString, proposal: SignedProposal?,
    executor: any QueryExecutor
  ) async throws -> Bool {
    let name = CollectionName(namespace: namespace, collection: collection)
    let config = try await config(of: name, channel, executor)
    guard config.memberOnlyRead else { return true }
    return try await isMember(proposal, config, channel)
  }

  /// Whether whoever signed the proposal may write the collection: a member, unless the collection lets everybody.
  ///
  /// - Throws: Fabric's text if the collection is not there.
  public func hasWriteAccess(
    channel: WireString, namespace: WireString, collection: WireString, proposal: SignedProposal?,
    executor: any QueryExecutor
  ) async throws -> Bool {
    let name = CollectionName(namespace: namespace, collection: collection)
    let config = try await config(of: name, channel, executor)
    guard config.memberOnlyWrite else { return true }
    return try await isMember(proposal, config, channel)
  }

  /// The definition; the look-up is begun anew whenever it asks for a key that was not read yet, as reading may wait.
  private func config(
    of name: CollectionName, _ channel: WireString, _ executor: any QueryExecutor
  ) async throws -> StaticCollectionConfig {
    let directory = CollectionDirectory(
      version: options.fabricVersion, provider: options.collectionProvider,
      organizations: options.organizations, channel: channel)
    var known: [WireString: [WireString: [UInt8]?]] = [:]
    while true {
      var wanted: (namespace: WireString, key: WireString)?
      do throws(LedgerError) {
        let config = try directory.collection(name) { (namespace, key) throws(LedgerError) in
          if let value = known[namespace]?[key] { return value }
          wanted = (namespace, key)
          throw LedgerError("not read yet")
        }
        guard let config else { throw CollectionDirectory.notFound(channel, name) }
        return config
      } catch {
        guard let wanted else { throw error }
        let value = try await executor.getState(namespace: wanted.namespace, key: wanted.key)
        known[wanted.namespace, default: [:]][wanted.key] = .some(value)
      }
    }
  }

  /// - Throws: an error if there is no proposal that tells who asks, where Fabric 1.4 crashes.
  private func isMember(
    _ proposal: SignedProposal?, _ config: StaticCollectionConfig, _ channel: WireString
  ) async throws -> Bool {
    guard let proposal else {
      throw LedgerError("signed proposal must not be nil for a member-only collection")
    }
    let creator: [UInt8]
    do {
      let header = try Header(wireBytes: Proposal(wireBytes: proposal.proposalBytes).header)
      creator = try SignatureHeader(wireBytes: header.signatureHeader).creator
    } catch {
      throw LedgerError(WireString("error unmarshaling proposal: \(error.text(options.fabricVersion))"))
    }
    guard let policy = config.memberOrgsPolicy?.signaturePolicy, let rule = policy.rule else { return false }
    let identity = SignedIdentity(
      identity: creator, data: proposal.proposalBytes, signature: proposal.signature)
    var isUsed = false
    return await holds(rule, policy.identities, identity, channel, &isUsed, depth: 0)
  }

  /// Whether the rule holds with the one signature there is; a signature counts once (Fabric `cauthdsl.compile`).
  private func holds(
    _ rule: SignaturePolicy, _ principals: [MSPPrincipal], _ identity: SignedIdentity, _ channel: WireString,
    _ isUsed: inout Bool, depth: Int
  ) async -> Bool {
    // The codec bounds the depth of what it reads; an embedder's own value might be deeper.
    guard depth < 64 else { return false }
    if let number = rule.signedBy {
      guard !isUsed, number >= 0, Int(number) < principals.count else { return false }
      let principal = principals[Int(number)]
      isUsed =
        (try? await evaluator.satisfies(principal, identity: identity, channel: channel)) ?? false
      return isUsed
    }
    guard let some = rule.nOutOf else { return false }
    var count: Int32 = 0
    for inner in some.rules {
      var isUsedThen = isUsed
      guard await holds(inner, principals, identity, channel, &isUsedThen, depth: depth + 1) else { continue }
      count += 1
      isUsed = isUsedThen
    }
    return count >= some.n
  }
}
