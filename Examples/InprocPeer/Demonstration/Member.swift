import InprocHost
import MessageFSM
import SystemChaincodes

/// Somebody who signs; a real peer has certificates and keys here.
///
/// The hash that stands for a signature can be made by anybody: it shows where a signature goes, and protects nothing.
struct Member: SigningIdentity {
  let organization: WireString
  let name: String
  var isAdmin = false

  static let ann = Member(organization: "Org1", name: "ann", isAdmin: true)
  static let alice = Member(organization: "Org1", name: "alice")
  static let bob = Member(organization: "Org2", name: "bob")
  static let eve = Member(organization: "Org9", name: "eve")
  static let peer = Member(organization: "Org1", name: "peer0")

  var serialized: [UInt8] {
    SerializedIdentity(mspid: organization, idBytes: Array(name.utf8)).wireBytes()
  }

  func sign(_ message: [UInt8]) -> [UInt8] {
    SHA256.hash(serialized + message)
  }
}
