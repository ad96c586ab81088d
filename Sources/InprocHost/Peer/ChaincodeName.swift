public import MessageFSM

/// The target of INVOKE_CHAINCODE, `name[:version][/channel]`, taken apart as Fabric does (`chaincode.ParseName`).
public struct ChaincodeInstance: Sendable, Hashable {
  /// The chaincode.
  public var name: WireString
  /// Its version; empty if it was not told.
  public var version: WireString
  /// The channel; empty if it was not told.
  public var channelID: WireString

  /// Takes `text` apart: the channel begins behind the first `/`, the version behind the first `:` before it.
  public init(parsing text: WireString) {
    let isName = unsafe text.withBytes { bytes in
      unsafe !bytes.contains { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }
    }
    if isName {
      self.name = text
      self.version = .empty
      self.channelID = .empty
      return
    }
    let bytes = text.bytes
    let slash = bytes.firstIndex(of: UInt8(ascii: "/")) ?? bytes.endIndex
    let head = bytes[..<slash]
    let colon = head.firstIndex(of: UInt8(ascii: ":")) ?? slash
    self.name = WireString(bytes: head[..<colon])
    self.version = WireString(bytes: head[colon...].dropFirst())
    self.channelID = WireString(bytes: bytes[slash...].dropFirst())
  }
}

extension ChaincodeInstance: CustomStringConvertible {
  /// `channel.name#version`.
  public var description: String { "\(channelID).\(name)#\(version)" }
}
