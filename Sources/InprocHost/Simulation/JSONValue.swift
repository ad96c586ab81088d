/// A JSON text as a value.
///
/// Objects keep the order of their members. Reads as Go's `encoding/json` does: surrogates without a partner and bytes that are not UTF-8 become U+FFFD, numbers are
/// 64-bit floats, anything behind the value is an error.
package enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// A name and its value.
  package struct Member: Sendable, Hashable {
    package let name: String
    package let value: JSONValue
  }

  /// Why a text is no JSON, and where.
  package struct ParseError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was expected.
    package let reason: String
    /// The number of bytes before the place.
    package let offset: Int

    package var description: String { "\(reason) at byte \(offset)" }
  }

  /// The value that `text` holds.
  package init(_ text: some Collection<UInt8>) throws(ParseError) {
    var parser = JSONParser(bytes: Array(text))
    self = try parser.document()
  }

  /// The value of the last member with this name, as in Go; `nil` if there is none or this is no object.
  package subscript(_ name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.name == name }?.value
  }
}

/// Reads one JSON text from its first byte to its last.
private struct JSONParser {
  /// Deeper nesting is refused, so that a hostile text cannot exhaust the stack.
  static let depthMax = 128

  let bytes: [UInt8]
  var position = 0
  var depth = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func document() throws(JSONValue.ParseError) -> JSONValue {
    let value = try value()
    skipSpace()
    guard position == bytes.count else { throw error("something is behind the value") }
    return value
  }

  private mutating func value() throws(JSONValue.ParseError) -> JSONValue {
    skipSpace()
    switch peek() {
    case UInt8(ascii: "{"): return try nested { parser throws(JSONValue.ParseError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser throws(JSONValue.ParseError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(JSONValue.ParseError) -> JSONValue
  ) throws(JSONValue.ParseError) -> JSONValue {
    guard depth < Self.depthMax else { throw error("the text is nested too deep") }
    depth += 1
    position += 1
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func array() throws(JSONValue.ParseError) -> JSONValue {
    var elements: [JSONValue] = []
    if skip(UInt8(ascii: "]")) { return .array([]) }
    repeat { elements.append(try value()) } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "]")) else { throw error("no end of the array") }
    return .array(elements)
  }

  private mutating func object() throws(JSONValue.ParseError) -> JSONValue {
    var members: [JSONValue.Member] = []
    if skip(UInt8(ascii: "}")) { return .object([]) }
    repeat {
      skipSpace()
      let name = try string()
      guard skip(UInt8(ascii: ":")) else { throw error("no colon behind a name") }
      members.append(JSONValue.Member(name: name, value: try value()))
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "}")) else { throw error("no end of the object") }
    return .object(members)
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONValue.ParseError) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw error("no value") }
    position += word.utf8.count
    return value
  }

  private mutating func number() throws(JSONValue.ParseError) -> JSONValue {
    let start = position
    if peek() == UInt8(ascii: "-") { position += 1 }
    if peek() == UInt8(ascii: "0") {
      position += 1
    } else {
      try digits()
    }
    if peek() == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
      position += 1
      if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(text), value.isFinite else { throw error("a number that is out of range") }
    return .number(value)
  }

  private mutating func digits() throws(JSONValue.ParseError) {
    let start = position
    while let byte = peek(), isDigit(byte) { position += 1 }
    if position == start { throw error("no value") }
  }

  // MARK: Strings

  private mutating func string() throws(JSONValue.ParseError) -> String {
    guard peek() == UInt8(ascii: "\"") else { throw error("no string") }
    position += 1
    var text: [UInt8] = []
    while true {
      let start = position
      while let byte = peek(), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
        position += 1
      }
      text += bytes[start..<position]
      switch peek() {
      case UInt8(ascii: "\""):
        position += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        position += 1
        text += try escape()
      case nil: throw error("no end of the string")
      default: throw error("a control character in a string")
      }
    }
  }

  private mutating func escape() throws(JSONValue.ParseError) -> [UInt8] {
    let byte = peek()
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte ?? 0]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0c]
    case UInt8(ascii: "n"): return [0x0a]
    case UInt8(ascii: "r"): return [0x0d]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return Array(String(try scalar()).utf8)
    default: throw error("an unknown escape in a string")
    }
  }

  /// The scalar of one `\u` escape, or of two that are a surrogate pair.
  private mutating func scalar() throws(JSONValue.ParseError) -> Unicode.Scalar {
    let first = try fourHexDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    let start = position
    if first < 0xdc00, bytes[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) {
      position += 2
      let second = try fourHexDigits()
      if (0xdc00...0xdfff).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
      {
        return scalar
      }
    }
    position = start
    return "\u{fffd}"
  }

  private mutating func fourHexDigits() throws(JSONValue.ParseError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek(), let digit = hexDigit(byte) else {
        throw error("no four hex digits behind \\u")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  // MARK: Bytes

  private func peek() -> UInt8? {
    position < bytes.count ? bytes[position] : nil
  }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { position += 1 }
  }

  private mutating func skip(_ byte: UInt8) -> Bool {
    skipSpace()
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private func error(_ reason: String) -> JSONValue.ParseError {
    JSONValue.ParseError(reason: reason, offset: min(position, bytes.count))
  }
}

/// The value of a hexadecimal digit.
private func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}

extension [UInt8] {
  /// The bytes that a hexadecimal text stands for; `nil` if it is none.
  package init?(hex: String) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(hex.utf8.count / 2)
    var high: UInt8?
    for character in hex.utf8 {
      guard let digit = hexDigit(character) else { return nil }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    guard high == nil else { return nil }
    self = bytes
  }
}

extension Collection<UInt8> {
  /// The bytes as lower-case hexadecimal digits, in ASCII.
  package var hexBytes: [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(2 * count)
    for byte in self {
      for digit in [byte >> 4, byte & 15] {
        text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
      }
    }
    return text
  }

  /// The bytes as lower-case hexadecimal digits.
  package var hex: String { String(decoding: hexBytes, as: UTF8.self) }
}
