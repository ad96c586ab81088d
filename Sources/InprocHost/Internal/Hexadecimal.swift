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
