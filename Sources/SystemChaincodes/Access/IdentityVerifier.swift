public import MessageFSM

/// Knows certificates and signatures; an embedder brings it (Fabric `msp.MSP`).
public protocol IdentityVerifier: Sendable {
  /// Reads an identity and checks that it is valid: issued by an organization of the channel, not expired, not revoked.
  ///
  /// - Parameters:
  ///   - serialized: a marshalled `SerializedIdentity`.
  ///   - channel: the channel; empty asks whether it is valid for the peer itself, in the peer's own organization.
  /// - Throws: why it is not.
  /// - Returns: what is known of it.
  func identity(_ serialized: [UInt8], channel: WireString) async throws -> KnownIdentity

  /// Returns if the identity has made the signature.
  ///
  /// - Throws: why it has not.
  func verify(_ signature: [UInt8], of data: [UInt8], by identity: KnownIdentity) async throws
}

/// What is known of a valid identity.
public struct KnownIdentity: Sendable, Hashable {
  /// What an identity can be in its organization, besides a member.
  public enum Role: Int32, Sendable, Hashable {
    /// It may administer.
    case admin = 1
    /// It is a client.
    case client = 2
    /// It is a peer.
    case peer = 3
    /// It is an orderer.
    case orderer = 4
  }

  /// A part of the organization that the identity's certificate names.
  public struct Unit: Sendable, Hashable {
    /// The name.
    public var name: WireString
    /// The chain of certificates that vouches for it.
    public var certifiersIdentifier: [UInt8]

    /// A unit.
    public init(_ name: WireString, certifiersIdentifier: [UInt8] = []) {
      self.name = name
      self.certifiersIdentifier = certifiersIdentifier
    }
  }

  /// The organization.
  public var organization: WireString
  /// The marshalled `SerializedIdentity`.
  public var serialized: [UInt8]
  /// Its roles besides that of a member.
  public var roles: Set<Role>
  /// Its parts of the organization.
  public var units: Set<Unit>

  /// A valid identity.
  public init(organization: WireString, serialized: [UInt8], roles: Set<Role> = [], units: Set<Unit> = []) {
    self.organization = organization
    self.serialized = serialized
    self.roles = roles
    self.units = units
  }
}
