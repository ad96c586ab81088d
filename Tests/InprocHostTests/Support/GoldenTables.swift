import Foundation
import MessageFSM

/// The golden files that are copied beside the tests.
enum Golden {
  static func data(_ path: String) throws -> Data {
    guard let root = Bundle.module.resourceURL else { throw CocoaError(.fileNoSuchFile) }
    return try Data(contentsOf: root.appendingPathComponent("Golden").appendingPathComponent(path))
  }

  static func decode<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
    try JSONDecoder().decode(type, from: try data(path))
  }

  /// The names of the files of a folder, sorted.
  static func files(_ folder: String) throws -> [String] {
    guard let root = Bundle.module.resourceURL else { throw CocoaError(.fileNoSuchFile) }
    let url = root.appendingPathComponent("Golden").appendingPathComponent(folder)
    return try FileManager.default.contentsOfDirectory(atPath: url.path).sorted().map { "\(folder)/\($0)" }
  }
}

/// One case of a table of message loops.
struct LoopCase: Decodable, Sendable, CustomStringConvertible {
  struct Message: Decodable, Sendable, Equatable {
    var type: String
    var txid: String?
    var channel: String?
    var event: String?
    /// 1.4: the payload in hexadecimal; 3.1 has it in `payload`.
    var hex: String?
    var payload: String?
  }

  let side: String
  let state: String
  let name: String
  let input: [Message]
  let replies: [Message]
  let streamEnds: Bool
  let error: String
  let notes: [String]

  private enum Key: String, CodingKey {
    case side, state, name = "case", input, replies, streamEnds, error, notes
  }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    side = try values.decode(String.self, forKey: .side)
    state = try values.decode(String.self, forKey: .state)
    name = try values.decode(String.self, forKey: .name)
    input = try values.decodeIfPresent([Message].self, forKey: .input) ?? []
    replies = try values.decodeIfPresent([Message].self, forKey: .replies) ?? []
    streamEnds = try values.decode(Bool.self, forKey: .streamEnds)
    error = try values.decodeIfPresent(String.self, forKey: .error) ?? ""
    if let one = try? values.decodeIfPresent(String.self, forKey: .notes) {
      notes = [one]
    } else {
      notes = try values.decodeIfPresent([String].self, forKey: .notes) ?? []
    }
  }

  var description: String { "\(side), \(state): \(name)" }

  static let v1_4: [LoopCase] = (try? Golden.decode([LoopCase].self, "tables/loops.json")) ?? []

  static let v3_1: Table = {
    (try? Golden.decode(Table.self, "v3_1/tables/loops.json")) ?? Table(cases: [], limits: [])
  }()

  struct Table: Decodable, Sendable {
    struct Limit: Decodable, Sendable, CustomStringConvertible {
      let readyPayload: String
      let note: String
      let putOf130InABatch: String
      let getMultipleOf130: String
      var description: String { note }
    }

    let cases: [LoopCase]
    let limits: [Limit]
  }
}

/// A message as the tests compare it: what is in the tables, and in the same form.
struct Shown: Equatable, Sendable, CustomStringConvertible {
  var type: String
  var txid = ""
  var channel = ""
  var payload: [UInt8] = []
  var event = ""

  init(
    _ type: MessageType, txid: String = "", channel: String = "", payload: [UInt8] = [], event: String = ""
  ) {
    self.type = type.name
    self.txid = txid
    self.channel = channel
    self.payload = payload
    self.event = event
  }

  /// An ERROR with this text.
  init(error: String, txid: String = "", channel: String = "") {
    self.init(.error, txid: txid, channel: channel, payload: Array(error.utf8))
  }

  init(_ message: LoopCase.Message) {
    self.type = message.type
    self.txid = message.txid ?? ""
    self.channel = message.channel ?? ""
    self.payload = bytes(hex: message.hex ?? message.payload ?? "")
    self.event = message.event ?? ""
  }

  init(_ message: ChaincodeMessage, version: FabricVersion = .v3_1) {
    self.type = message.type.name(in: version)
    self.txid = message.txid.string
    self.channel = message.channelID.string
    self.payload = message.payload.wireBytes()
    self.event = message.event?.goText ?? ""
  }

  var description: String {
    let text = String(decoding: payload, as: UTF8.self).debugDescription
    return "\(type) \(channel)/\(txid) \(text)\(event.isEmpty ? "" : " event \(event)")"
  }
}

extension LoopCase.Message {
  /// The message itself; `nil` for what is no message here (`nil` in Go).
  func message(proposal: SignedProposal? = nil) -> ChaincodeMessage? {
    guard let type = MessageType(name: type) else { return nil }
    var event: ChaincodeEvent?
    if let text = self.event { event = ChaincodeEvent(goText: text) }
    return ChaincodeMessage(
      Payload(type: type, wireBytes: bytes(hex: hex ?? payload ?? "")), txid: WireString(txid ?? ""),
      channelID: WireString(channel ?? ""), proposal: proposal, event: event)
  }
}

extension ChaincodeEvent {
  /// As Go's protobuf prints it.
  var goText: String {
    var text = ""
    if !chaincodeID.isEmpty { text += "chaincode_id:\"\(chaincodeID)\" " }
    if !txid.isEmpty { text += "tx_id:\"\(txid)\" " }
    if !eventName.isEmpty { text += "event_name:\"\(eventName)\" " }
    if !payload.isEmpty { text += "payload:\"\(String(decoding: payload, as: UTF8.self))\" " }
    return text
  }

  init(goText: String) {
    self.init()
    for field in goText.split(separator: " ") {
      let parts = field.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let value = parts[1].filter { $0 != "\"" }
      switch parts[0] {
      case "chaincode_id": chaincodeID = WireString(value)
      case "tx_id": txid = WireString(value)
      case "event_name": eventName = WireString(value)
      case _: payload = Array(value.utf8)
      }
    }
  }
}

/// The bytes that an even number of hexadecimal digits stands for.
func bytes(hex: String) -> [UInt8] {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(hex.utf8.count / 2)
  var high: UInt8?
  for character in hex.utf8 {
    let digit = character < 58 ? character - 48 : (character | 32) - 87
    if let first = high {
      bytes.append(first << 4 | digit)
      high = nil
    } else {
      high = digit
    }
  }
  return bytes
}
