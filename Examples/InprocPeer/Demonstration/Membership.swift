import InprocHost
import MessageFSM
import SystemChaincodes

/// Knows the members of the channel, who are those of two organizations; the peer itself is Org1's.
struct Membership: IdentityVerifier {
  private let members = [Member.ann, .alice, .bob, .peer]

  func identity(_ serialized: [UInt8], channel: WireString) async throws -> KnownIdentity {
    let known = members.filter { !channel.isEmpty || $0.organization == Member.peer.organization }
    guard let member = known.first(where: { $0.serialized == serialized }) else {
      throw LedgerError("nobody of the organizations here")
    }
    return KnownIdentity(
      organization: member.organization, serialized: serialized, roles: member.isAdmin ? [.admin] : [])
  }

  func verify(_ signature: [UInt8], of data: [UInt8], by identity: KnownIdentity) async throws {
    guard signature == SHA256.hash(identity.serialized + data) else {
      throw LedgerError("the signature is another's")
    }
  }
}
