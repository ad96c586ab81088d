/// A message that does not fit the state of the end that received it; the other end's fault, always answered.
public struct ProtocolViolation: Error, Sendable, Hashable, CustomStringConvertible {
  /// The end that received the message.
  public enum Receiver: Sendable, Hashable {
    case peer
    case shim
  }

  /// The end that received the message.
  public let receiver: Receiver
  /// The name of its state.
  public let state: String
  /// The type of the message.
  public let type: MessageType
  /// The transaction that the message names.
  public let txid: WireString
  /// Fabric's text for it.
  public let description: String
}

extension MessageType {
  /// The name that a Fabric of this version prints; a type that is younger than it is printed as a number.
  public func name(in version: FabricVersion) -> String {
    switch (version, self) {
    case (.v1_4, .purgePrivateData), (.v1_4, .writeBatchState), (.v1_4, .getStateMultiple): String(number)
    case (.v1_4, _), (.v3_1, _): name
    }
  }
}
