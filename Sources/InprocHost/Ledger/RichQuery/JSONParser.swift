import MessageFSM

/// Reads JSON (RFC 8259) from any bytes: a value or a fault, never a trap.
///
/// A name that appears twice in an object has its last value, as in Go. An escaped surrogate without its
/// other half is U+FFFD, as in Go.
struct JSONParser {
  /// How deep arrays and objects may be nested.
  ///
  /// What walks a value recurses as deep; a build for debugging needs less than 1 MB of stack for it.
  static let depthLimit = 100

  private let bytes: [UInt8]
  private let repairsUTF8: Bool
  private var position = 0

  /// A parser of these bytes; if it repairs, bytes in strings that are not UTF-8 are U+FFFD, as in Go, and no
  /// fault.
  init(_ bytes: [UInt8], repairingUTF8: Bool) {
    self.bytes = bytes
    self.repairsUTF8 = repairingUTF8
  }

  /// The one value of the whole text.
  mutating func document() throws(JSONFault) -> JSONValue {
    let result = try value(depth: 0)
    skipSpace()
    guard peek() == nil else { throw fault("nothing may follow the JSON value") }
    return result
  }

  private func peek() -> UInt8? {
    bytes.indices.contains(position) ? bytes[position] : nil
  }

  private func fault(_ rule: String) -> JSONFault {
    JSONFault(rule: rule, offset: position)
  }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ byte: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: byte) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
    skipSpace()
    guard let byte = peek() else { throw fault("a JSON value is missing at the end of the text") }
    switch byte {
    case UInt8(ascii: "{"):
      return .object(try object(depth: depth))
    case UInt8(ascii: "["):
      return .array(try array(depth: depth))
    case UInt8(ascii: "\""):
      return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return .number(try number())
    case UInt8(ascii: "t"):
      return try literal("true", .bool(true))
    case UInt8(ascii: "f"):
      return try literal("false", .bool(false))
    case UInt8(ascii: "n"):
      return try literal("null", .null)
    default:
      throw fault("a JSON value must begin here")
    }
  }

  private mutating func literal(_ word: String, _ value: JSONValue) throws(JSONFault) -> JSONValue {
    for byte in word.utf8 {
      guard peek() == byte else { throw fault("the literal must be \(word)") }
      position += 1
    }
    return value
  }

  private func descend(_ depth: Int) throws(JSONFault) -> Int {
    guard depth < Self.depthLimit else { throw fault("nesting must be at most \(Self.depthLimit) deep") }
    return depth + 1
  }

  private mutating func array(depth: Int) throws(JSONFault) -> [JSONValue] {
    let inner = try descend(depth)
    position += 1
    var values: [JSONValue] = []
    skipSpace()
    if take("]") { return values }
    while true {
      values.append(try value(depth: inner))
      skipSpace()
      if take("]") { return values }
      guard take(",") else { throw fault("a comma or ] must follow an array's element") }
    }
  }

  private mutating func object(depth: Int) throws(JSONFault) -> [JSONMember] {
    let inner = try descend(depth)
    position += 1
    var members = JSONMemberList()
    skipSpace()
    if take("}") { return [] }
    while true {
      skipSpace()
      guard peek() == UInt8(ascii: "\"") else { throw fault("an object's member must begin with its name") }
      let name = try string()
      skipSpace()
      guard take(":") else { throw fault("a colon must follow a member's name") }
      members.set(name, to: try value(depth: inner))
      skipSpace()
      if take("}") { return members.members }
      guard take(",") else { throw fault("a comma or } must follow an object's member") }
    }
  }
}

// MARK: Numbers

extension JSONParser {
  private mutating func number() throws(JSONFault) -> JSONNumber {
    let start = position
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let number = JSONNumber(grammatical: text) else {
      throw JSONFault(rule: "a number must be in the range of a double", offset: start)
    }
    return number
  }

  private mutating func digits() throws(JSONFault) {
    let start = position
    while let byte = peek(), UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
    guard position > start else { throw fault("a number must have a digit here") }
  }
}

// MARK: Strings

extension JSONParser {
  private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

  private mutating func string() throws(JSONFault) -> WireString {
    position += 1
    var output: [UInt8] = []
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return WireString(bytes: output)
      case UInt8(ascii: "\\"):
        position += 1
        try escape(into: &output)
      case ..<0x20:
        throw fault("a control character in a string must be escaped")
      case ..<0x80:
        output.append(byte)
        position += 1
      default:
        try multibyte(into: &output)
      }
    }
    throw fault("a string must end with a quotation mark")
  }

  private mutating func escape(into output: inout [UInt8]) throws(JSONFault) {
    guard let byte = peek() else { throw fault("a string must end with a quotation mark") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(byte)
    case UInt8(ascii: "b"): output.append(0x08)
    case UInt8(ascii: "f"): output.append(0x0C)
    case UInt8(ascii: "n"): output.append(0x0A)
    case UInt8(ascii: "r"): output.append(0x0D)
    case UInt8(ascii: "t"): output.append(0x09)
    case UInt8(ascii: "u"): append(try scalar(), to: &output)
    default:
      position -= 1
      throw fault("an escape must be one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
    }
  }

  /// The code point of an escape whose `\u` has been read; 0xD800 and the like for half a pair.
  private mutating func scalar() throws(JSONFault) -> UInt32 {
    let first = try hexadecimal()
    guard 0xD800...0xDBFF ~= first else { return first }
    let afterFirst = position
    guard take("\\"), take("u") else {
      position = afterFirst
      return first
    }
    let second = try hexadecimal()
    guard 0xDC00...0xDFFF ~= second else {
      position = afterFirst
      return first
    }
    return 0x10000 + ((first & 0x3FF) << 10 | second & 0x3FF)
  }

  private mutating func hexadecimal() throws(JSONFault) -> UInt32 {
    var result: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fault("four hexadecimal digits must follow \\u")
      }
      result = result << 4 | UInt32(truncatingIfNeeded: digit)
      position += 1
    }
    return result
  }

  private func append(_ codePoint: UInt32, to output: inout [UInt8]) {
    if let scalar = Unicode.Scalar(codePoint), let encoded = UTF8.encode(scalar) {
      output += encoded
    } else {
      output += Self.replacement
    }
  }

  private mutating func multibyte(into output: inout [UInt8]) throws(JSONFault) {
    let length = sequenceLength()
    if length > 0 {
      output += bytes[position..<(position + length)]
      position += length
    } else if repairsUTF8 {
      output += Self.replacement
      position += 1
    } else {
      throw fault("a string must be valid UTF-8")
    }
  }

  /// How many bytes the UTF-8 sequence at the position has; 0 if it is none.
  private func sequenceLength() -> Int {
    let tail = bytes.dropFirst(position).prefix(4)
    guard let first = tail.first else { return 0 }
    let length: Int
    let second: ClosedRange<UInt8>
    switch first {
    case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return 0
    }
    let rest = tail.dropFirst().prefix(length - 1)
    guard rest.count == length - 1, let next = rest.first, second ~= next else { return 0 }
    return rest.dropFirst().allSatisfy { 0x80...0xBF ~= $0 } ? length : 0
  }
}
