internal import InprocHost
internal import MessageFSM

extension WireString {
  /// The parts one behind the other, byte for byte; interpolation would lose bytes that are not UTF-8.
  init(joining parts: any WireStringConvertible...) {
    self.init(bytes: parts.flatMap { $0.wireString.bytes })
  }
}

extension LedgerError {
  /// An error whose text is these parts; the shim answers it with status 500.
  init(joining parts: any WireStringConvertible...) {
    self.init(WireString(bytes: parts.flatMap { $0.wireString.bytes }))
  }
}

/// How Go's `strconv` writes, since its errors reach clients.
enum GoText {
  /// The text in double quotes, with escapes for what cannot be printed (`strconv.Quote`).
  static func quoted(_ text: WireString) -> String {
    var output = "\""
    var rest = text.bytes[...]
    while let first = rest.first {
      guard let (scalar, length) = scalar(at: rest) else {
        output += "\\x" + hexadecimal(UInt32(first), digits: 2)
        rest = rest.dropFirst()
        continue
      }
      output += escaped(scalar)
      rest = rest.dropFirst(length)
    }
    return output + "\""
  }

  /// The character that the bytes begin with, and how many bytes it takes.
  private static func scalar(at bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
    for length in 1...4 where length <= bytes.count {
      let prefix = bytes.prefix(length)
      if let string = String(validating: prefix, as: UTF8.self), let scalar = string.unicodeScalars.first {
        return (scalar, length)
      }
    }
    return nil
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": return "\\\""
    case "\\": return "\\\\"
    case "\u{7}": return "\\a"
    case "\u{8}": return "\\b"
    case "\u{c}": return "\\f"
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    case "\u{b}": return "\\v"
    case _ where isPrintable(scalar): return String(scalar)
    case _ where scalar.value < 0x20 || scalar.value == 0x7f:
      return "\\x" + hexadecimal(scalar.value, digits: 2)
    case _ where scalar.value < 0x10000: return "\\u" + hexadecimal(scalar.value, digits: 4)
    case _: return "\\U" + hexadecimal(scalar.value, digits: 8)
    }
  }

  /// Whether every character of the text can be printed.
  static func isPrintable(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy(isPrintable)
  }

  /// Letters, marks, numbers, punctuation, symbols and the space.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == " " { return true }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
      .paragraphSeparator:
      return false
    case _: return true
    }
  }

  private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// Chaincode arguments as golang/protobuf writes a message in one line (`proto.CompactTextString`).
  static func compact(_ input: ChaincodeInput?) -> WireString {
    guard let input else { return "<nil>" }
    let args = input.args.map { "args:\(quotedBytes($0)) " }
    let decorations = input.decorations.map {
      "decorations:<key:\(quotedBytes($0.key.bytes)) value:\(quotedBytes($0.value)) > "
    }
    return WireString((args + decorations).joined())
  }

  private static func quotedBytes(_ bytes: [UInt8]) -> String {
    var output = "\""
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\n"): output += "\\n"
      case UInt8(ascii: "\r"): output += "\\r"
      case UInt8(ascii: "\t"): output += "\\t"
      case UInt8(ascii: "\""): output += "\\\""
      case UInt8(ascii: "\\"): output += "\\\\"
      case 0x20..<0x7f: output.unicodeScalars.append(Unicode.Scalar(byte))
      case _:
        let octal = String(byte, radix: 8)
        output += "\\" + String(repeating: "0", count: 3 - octal.count) + octal
      }
    }
    return output + "\""
  }

  /// A decimal number (`strconv.ParseUint` with base 10 and 64 bits).
  ///
  /// - Throws: an error with the text of Go's, which tells a number that is too great from one that is none.
  static func parseUInt64(_ text: WireString) throws(LedgerError) -> UInt64 {
    func failure(_ reason: String) -> LedgerError {
      LedgerError("strconv.ParseUint: parsing \(WireString(quoted(text))): \(WireString(reason))")
    }
    if text.isEmpty { throw failure("invalid syntax") }
    var value: UInt64 = 0
    for byte in text.bytes {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { throw failure("invalid syntax") }
      let (tens, tooGreat) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow) = tens.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
      if tooGreat || overflow { throw failure("value out of range") }
      value = sum
    }
    return value
  }
}

extension Error {
  /// The error's text, byte for byte where it is one of ours.
  var text: WireString { WireString(textOf: self) }
}
