import InprocHost
import MessageFSM

/// Compares lists of messages, byte for byte.
enum MessageComparison {
  /// - Throws: the first message that differs, is missing, or is too much; both taken apart.
  static func compare(
    _ expected: [GoldenMessage], _ got: [GoldenMessage], version: FabricVersion, name: String = "message"
  ) throws(ReplayDifference) {
    for index in 0..<max(expected.count, got.count) {
      let golden = index < expected.count ? expected[index] : nil
      let ours = index < got.count ? got[index] : nil
      if golden == ours || isSame(golden, ours, version) { continue }
      throw ReplayDifference(
        "\(name) \(index)", expected: show(expected, index, beside: ours),
        got: show(got, index, beside: golden))
    }
  }

  private static func show(_ messages: [GoldenMessage], _ index: Int, beside other: GoldenMessage?) -> String
  {
    guard index < messages.count else { return "(no message)" }
    let bytes = messages[index].bytes
    return """
      \(MessageText.describe(messages, at: index))
                    \(ReplayDifference.show(bytes, beside: other?.bytes ?? bytes))
      """
  }

  // MARK: Texts of protobuf

  /// Whether both are the same but for what depends on how Fabric's binary was linked.
  private static func isSame(_ golden: GoldenMessage?, _ ours: GoldenMessage?, _ version: FabricVersion)
    -> Bool
  {
    guard version == .v3_1, let golden, let ours, golden.fromPeer == ours.fromPeer,
      golden.chaincode == ours.chaincode, golden.type == ours.type,
      let first = try? ChaincodeMessage(wireBytes: golden.bytes),
      let second = try? ChaincodeMessage(wireBytes: ours.bytes)
    else { return false }
    return normalized(first).wireBytes() == normalized(second).wireBytes()
  }

  /// The message with protobuf's texts in one form, also inside of a result or of a called chaincode's message.
  private static func normalized(_ message: ChaincodeMessage) -> ChaincodeMessage {
    var message = message
    switch (message.type, try? message.payload.typed()) {
    case (.completed, .completed(var response)?):
      response.message = normalized(response.message)
      response.payload = normalized(response.payload)
      message.payload = .completed(response)
    case (.response, _):
      let bytes = message.payload.wireBytes()
      if let called = try? ChaincodeMessage(wireBytes: bytes), called.wireBytes() == bytes {
        message.payload = .response(.message(normalized(called)))
      }
    case (.error, _): message.payload = .raw(.error, normalized(message.payload.wireBytes()))
    case _: break
    }
    return message
  }

  /// The text with a plain space behind `proto:`, where protobuf-go puts that or a NO-BREAK SPACE by chance.
  static func normalized(_ text: WireString) -> WireString {
    WireString(bytes: normalized(text.bytes))
  }

  static func normalized(_ bytes: [UInt8]) -> [UInt8] {
    let odd = Array("proto:\u{a0}".utf8)
    var result: [UInt8] = []
    var rest = bytes[...]
    while let first = rest.first {
      if first == odd[0], rest.starts(with: odd) {
        result += Array("proto: ".utf8)
        rest = rest.dropFirst(odd.count)
      } else {
        result.append(first)
        rest = rest.dropFirst()
      }
    }
    return result
  }
}
