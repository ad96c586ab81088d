public import MessageFSM

/// Which chaincode, and which version of it (Fabric `ccintf.CCID`).
public struct ChaincodeVersion: Sendable, Hashable, CustomStringConvertible {
  /// The name.
  public var name: WireString
  /// The version; may be empty.
  public var version: WireString

  /// A version of a chaincode.
  public init(name: WireString, version: WireString) {
    self.name = name
    self.version = version
  }

  /// Feeds the name to `hasher`: the versions of one name are few.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
  }

  /// `name-version`, or the name where there is no version (Fabric `InprocVM.GetVMName`).
  public var description: String { version.isEmpty ? "\(name)" : "\(name)-\(version)" }
}

/// What can be started in process: chaincodes by name and version (Fabric `inproccontroller.Registry`).
public final class Registry: Sendable {
  private let chaincodes = Locked<[ChaincodeVersion: any Chaincode]>([:])

  /// Nothing is registered.
  public init() {}

  /// Makes a chaincode available; versions of one name stand side by side.
  ///
  /// - Throws: ``HostError/Code/alreadyRegistered`` if that version is registered, ``HostError/Code/invalidName`` if the name is
  ///   empty or has one of the characters that separate name, version and channel.
  public func register(_ chaincode: any Chaincode, as id: ChaincodeVersion) throws(HostError) {
    try Self.check(id)
    try chaincodes.withLock { chaincodes throws(HostError) in
      if chaincodes[id] != nil { throw HostError(.alreadyRegistered, "\(id) already registered") }
      chaincodes[id] = chaincode
    }
  }

  /// Checks that a chaincode may be called so.
  static func check(_ id: ChaincodeVersion) throws(HostError) {
    if id.name.isEmpty { throw HostError(.invalidName, "the name of a chaincode must not be empty") }
    if let bad = id.name.string.first(where: { $0 == ":" || $0 == "/" }) {
      throw HostError(.invalidName, "the name of a chaincode must not contain \"\(bad)\": \(id.name)")
    }
  }

  /// The chaincode that is registered so.
  ///
  /// - Throws: ``HostError/Code/notRegistered`` if there is none.
  public func chaincode(_ id: ChaincodeVersion) throws(HostError) -> any Chaincode {
    guard let chaincode = chaincodes.withLock({ $0[id] }) else {
      throw HostError(.notRegistered, "\(id) not registered")
    }
    return chaincode
  }
}
