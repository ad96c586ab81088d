extension JSONValue {
  /// Reads a JSON text.
  ///
  /// - Parameters:
  ///   - bytes: Any bytes.
  ///   - repairingUTF8: Whether bytes in strings that are not UTF-8 are taken for U+FFFD, as Go takes them.
  /// - Throws: the broken rule and its place.
  package init(parsing bytes: [UInt8], repairingUTF8: Bool = false) throws(JSONFault) {
    var parser = JSONParser(bytes, repairingUTF8: repairingUTF8)
    self = try parser.document()
  }

  /// Whether a double can come near every number in the value.
  var isInRangeOfDouble: Bool {
    switch self {
    case .null, .bool, .string: true
    case .number(let number): number.isInRangeOfDouble
    case .array(let values): values.allSatisfy(\.isInRangeOfDouble)
    case .object(let members): members.allSatisfy { $0.value.isInRangeOfDouble }
    }
  }
}
