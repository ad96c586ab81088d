import MessageFSM

/// The document that Fabric makes of a key and its value in CouchDB.
enum MangoDocument {
  /// The members that are Fabric's and CouchDB's own; Fabric refuses values that have them.
  private static let reserved: [WireString] = ["_id", "~version"]

  /// The document: the members of the value, with the key as `_id`.
  ///
  /// A value is a JSON object if Go says so: bytes in strings that are not UTF-8 are U+FFFD, and every number
  /// is in the range of a double. Any other value is an attachment, of which a query sees nothing; so is one
  /// nested deeper than the parser goes.
  static func json(key: WireString, value: [UInt8]) -> JSONValue {
    let id = JSONMember(name: "_id", value: .string(WireString(key.string)))
    guard let parsed = try? JSONValue(parsing: value, repairingUTF8: true),
      case .object(let members) = parsed, parsed.isInRangeOfDouble
    else { return .object([id]) }
    return .object([id] + members.filter { !reserved.contains($0.name) })
  }
}
