import InprocHost
import MessageFSM

/// Shows messages as a person reads them.
struct MessageText: Sendable {
  /// The requests that were open before a message: an answer's form follows from its request.
  private var requests: [String: MessageType] = [:]

  /// The message at `index` of `messages`, taken apart, with what is known from the messages before it.
  static func describe(_ messages: [GoldenMessage], at index: Int) -> String {
    var text = MessageText()
    for message in messages.prefix(index) { text.note(message) }
    return text.describe(messages[index])
  }

  private mutating func note(_ message: GoldenMessage) {
    guard !message.fromPeer, let decoded = try? ChaincodeMessage(wireBytes: message.bytes) else { return }
    requests[Self.key(message, decoded)] = decoded.type
  }

  private func describe(_ message: GoldenMessage) -> String {
    let head =
      "\(message.fromPeer ? "peer->chaincode" : "chaincode->peer") \(message.chaincode) \(message.type)"
    guard let decoded = try? ChaincodeMessage(wireBytes: message.bytes) else {
      return "\(head), which cannot be read: \(message.bytes.hex)"
    }
    var parts = [head]
    if !decoded.txid.isEmpty { parts.append("txid=\(decoded.txid)") }
    if !decoded.channelID.isEmpty { parts.append("channel=\(decoded.channelID)") }
    if decoded.proposal != nil { parts.append("with proposal") }
    if let event = decoded.event { parts.append("event=\(Self.show(event))") }
    let payload = decoded.payload.wireBytes()
    if !payload.isEmpty {
      parts.append(Self.show(typed(decoded, payload, request: requests[Self.key(message, decoded)])))
    }
    return parts.joined(separator: " ")
  }

  private static func key(_ message: GoldenMessage, _ decoded: ChaincodeMessage) -> String {
    "\(message.chaincode) \(decoded.txid) \(decoded.channelID)"
  }

  /// The content of a message in its own form, as far as it can be read.
  private func typed(_ message: ChaincodeMessage, _ payload: [UInt8], request: MessageType?) -> Any {
    guard message.type == .response else {
      guard let typed = try? message.payload.typed() else { return payload }
      if case .raw = typed { return payload }
      return typed
    }
    switch request {
    case .getStateByRange, .getQueryResult, .queryStateNext, .queryStateClose:
      return (try? QueryResponse(wireBytes: payload)).map { readable($0) { try? KV(wireBytes: $0) } }
        ?? payload
    case .getHistoryForKey:
      return (try? QueryResponse(wireBytes: payload)).map {
        readable($0) { try? KeyModification(wireBytes: $0) }
      } ?? payload
    case .getStateMetadata: return (try? StateMetadataResult(wireBytes: payload)) ?? payload
    case .getStateMultiple: return (try? GetStateMultipleResult(wireBytes: payload)) ?? payload
    case .invokeChaincode: return (try? ChaincodeMessage(wireBytes: payload)) ?? payload
    case _: return payload
    }
  }

  private func readable(_ response: QueryResponse, _ read: ([UInt8]) -> Any?) -> Any {
    (
      results: response.results.map { read($0.wireBytes()) ?? $0.wireBytes() }, hasMore: response.hasMore,
      id: response.id, metadata: response.metadata as Any
    )
  }

  // MARK: Values

  /// A value with the names of its fields; bytes as text where they are text.
  static func show(_ value: Any) -> String {
    switch value {
    case let string as WireString: return quoted(string.bytes)
    case let string as String: return quoted(Array(string.utf8))
    // An empty list of anything can be cast to any list.
    case let bytes as [UInt8] where type(of: value) == [UInt8].self: return quoted(bytes)
    case let message as ChaincodeMessage:
      return "\(message.type)(txid: \(show(message.txid)), \(show(message.payload)))"
    case let type as MessageType: return type.name
    case let number as any BinaryInteger: return String(describing: number)
    case let bool as Bool: return String(bool)
    case _: return reflected(value)
    }
  }

  private static func reflected(_ value: Any) -> String {
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional: return mirror.children.first.map { show($0.value) } ?? "-"
    case .collection: return "[" + mirror.children.map { show($0.value) }.joined(separator: ", ") + "]"
    case .enum:
      guard let inner = mirror.children.first else { return String(describing: value) }
      return show(inner.value)
    case _:
      let fields = mirror.children.map { child in "\(child.label ?? "_"): \(show(child.value))" }
      return "(" + fields.joined(separator: ", ") + ")"
    }
  }

  /// Bytes in quotes if they are printable ASCII, else in hexadecimal; long ones with their middle left out.
  private static func quoted(_ bytes: [UInt8]) -> String {
    let isText = bytes.allSatisfy { (0x20..<0x7f).contains($0) || $0 == 0x0a }
    let text =
      isText
      ? "\""
        + String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        .joined(separator: "\\n") + "\""
      : "0x" + bytes.hex
    return text.count <= shownMax
      ? text : "\(text.prefix(shownMax / 2))…\(text.suffix(shownMax / 2)) (\(bytes.count) bytes)"
  }

  /// How many characters of a value are shown.
  private static let shownMax = 400
}
