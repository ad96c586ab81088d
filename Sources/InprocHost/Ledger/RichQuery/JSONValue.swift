package import MessageFSM

/// A JSON value as it was written: members keep their order, numbers keep their text.
///
/// Foundation's parsers lose the order of members and the difference between `1` and `1.0`; both matter to a
/// query.
package enum JSONValue: Sendable {
  /// The value `null`.
  case null
  /// A truth value.
  case bool(Bool)
  /// A number.
  case number(JSONNumber)
  /// A string, always valid UTF-8.
  case string(WireString)
  /// An array.
  case array([JSONValue])
  /// An object; names are unique, in the order of their first appearance.
  case object([JSONMember])

  /// The name that Mango's `$type` gives to values of this kind.
  package var typeName: WireString {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .number: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }

  /// The value of the member of this name; `nil` if there is none or this is not an object.
  package func member(_ name: WireString) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// The JSON text without white space; numbers are written as they were read.
  package var text: [UInt8] {
    var output: [UInt8] = []
    write(to: &output)
    return output
  }

  private func write(to output: inout [UInt8]) {
    switch self {
    case .null: output += "null".utf8
    case .bool(let value): output += (value ? "true" : "false").utf8
    case .number(let value): output += value.text.utf8
    case .string(let value): Self.write(value, to: &output)
    case .array(let values):
      output.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        value.write(to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let members):
      output.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        Self.write(member.name, to: &output)
        output.append(UInt8(ascii: ":"))
        member.value.write(to: &output)
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ string: WireString, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in string.bytes {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
      case 0x0A: output += "\\n".utf8
      case 0x0D: output += "\\r".utf8
      case 0x09: output += "\\t".utf8
      case ..<0x20: output += "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
