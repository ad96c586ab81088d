import MessageFSM

/// Keys made of several attributes: U+0000, then each part followed by U+0000 (Fabric `shim.createCompositeKey`).
enum CompositeKey {
  /// After every key that begins alike.
  static let end: [UInt8] = [0xf4, 0x8f, 0xbf, 0xbf]

  static func make(
    _ objectType: WireString, _ attributes: [WireString], version: FabricVersion
  ) throws(TransactionError) -> WireString {
    var bytes: [UInt8] = [0]
    for part in [objectType] + attributes {
      try check(part, version: version)
      bytes += part.bytes
      bytes.append(0)
    }
    return WireString(bytes: bytes)
  }

  static func split(
    _ key: WireString
  ) throws(TransactionError) -> (objectType: WireString, attributes: [WireString]) {
    var parts: [WireString] = []
    var rest = key.bytes.dropFirst()
    while let zero = rest.firstIndex(of: 0) {
      parts.append(WireString(bytes: rest[..<zero]))
      rest = rest[(zero + 1)...]
    }
    guard let objectType = parts.first else {
      throw TransactionError(
        .invalidArgument, "the key [\(key)] is not a composite key: it has no U+0000 behind its object type")
    }
    return (objectType, Array(parts.dropFirst()))
  }

  private static func check(_ part: WireString, version: FabricVersion) throws(TransactionError) {
    guard part.isValidUTF8 else {
      let hex = part.bytes.map { byte in
        String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
      }.joined()
      throw TransactionError(.invalidArgument, "not a valid utf8 string: [\(hex)]")
    }
    var position = 0
    for scalar in part.string.unicodeScalars {
      if scalar == "\u{0}" || scalar == "\u{10FFFF}" {
        let verb = version == .v1_4 ? "contain" : "contains"
        let name = scalar == "\u{0}" ? "U+0000" : "U+10FFFF"
        throw TransactionError(
          .invalidArgument,
          WireString(
            "input \(verb) unicode \(name) starting at position [\(position)]. "
              + "U+0000 and U+10FFFF are not allowed in the input attribute of a composite key"))
      }
      position += UTF8.width(scalar)
    }
  }
}
