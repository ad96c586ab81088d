import MessageFSM

/// The place of a field in a document: `owner.name`, `sizes.0`, `dotted\.name`.
///
/// As in CouchDB, a dot separates the parts unless a backslash is before it, all backslashes are then left
/// out, and a part that is a number selects an element where the value is an array.
struct MangoField: Sendable {
  /// What is at the place.
  enum Finding {
    case found(JSONValue)
    /// The last object on the way has no such member.
    case missing
    /// Something on the way is neither object nor array, or the array has no such element.
    case noSuchPath
  }

  /// The names from the outside in; none is the value itself.
  let parts: [WireString]

  /// The value itself.
  static let itself = MangoField(parts: [])

  private init(parts: [WireString]) {
    self.parts = parts
  }

  /// The place of this name.
  init(parsing name: WireString) throws(LedgerError) {
    var raw: [[UInt8]] = [[]]
    var previous: UInt8?
    for byte in name.bytes {
      if byte == UInt8(ascii: "."), previous != UInt8(ascii: "\\") {
        raw.append([])
      } else {
        raw[raw.count - 1].append(byte)
      }
      previous = byte
    }
    guard raw.allSatisfy({ !$0.isEmpty }) else { throw Self.refusal(name, must: "no empty part") }
    guard raw.count <= JSONParser.depthLimit else {
      throw Self.refusal(name, must: "at most \(JSONParser.depthLimit) parts")
    }
    self.parts = raw.map { WireString(bytes: $0.filter { $0 != UInt8(ascii: "\\") }) }
  }

  private static func refusal(_ name: WireString, must rule: String) -> LedgerError {
    MangoRefusal.couch(
      "invalid_field_name", "Invalid field name: \(MangoRefusal.excerpt(.string(name))) (must have \(rule))")
  }

  /// Looks into a value.
  func find(in value: JSONValue) -> Finding {
    var value = value
    for part in parts {
      switch value {
      case .object:
        guard let member = value.member(part) else { return .missing }
        value = member
      case .array(let elements):
        guard let index = Int(part.string), elements.indices.contains(index) else { return .noSuchPath }
        value = elements[index]
      case .null, .bool, .number, .string:
        return .noSuchPath
      }
    }
    return .found(value)
  }

  /// The value at the place, if there is one.
  func value(in value: JSONValue) -> JSONValue? {
    guard case .found(let found) = find(in: value) else { return nil }
    return found
  }
}
