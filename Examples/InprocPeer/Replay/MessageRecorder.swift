import InprocHost
import MessageFSM

/// Keeps every message as it is received, over all streams of the host.
final class MessageRecorder: MessageObserver, Sendable {
  private let messages = Locked<[GoldenMessage]>([])
  private let version: FabricVersion

  init(version: FabricVersion) {
    self.version = version
  }

  func received(_ message: ChaincodeMessage, by end: StreamEnd, chaincode: WireString) {
    let received = GoldenMessage(
      fromPeer: end == .chaincode, chaincode: name(chaincode), type: message.type.name,
      bytes: message.wireBytes())
    messages.withLock { $0.append(received) }
  }

  /// Takes the messages out that were received since the last time.
  func take() -> [GoldenMessage] {
    messages.withLock { messages in
      defer { messages = [] }
      return messages
    }
  }

  /// The chaincode's name without the version that its id has.
  private func name(_ id: WireString) -> WireString {
    let separator = version == .v1_4 ? UInt8(ascii: ":") : UInt8(ascii: ".")
    guard let end = id.bytes.firstIndex(of: separator) else { return id }
    return WireString(bytes: id.bytes[..<end])
  }
}
