import MessageFSM

extension JSONValue {
  /// How two values are ordered by CouchDB's collation.
  ///
  /// `null`, then `false`, `true`, numbers, strings, arrays, objects. Arrays are ordered by their elements,
  /// then by length. Objects are ordered member by member, name before value, then by size; their members are
  /// taken in the order of their names, because Fabric hands every document and query through Go, which sorts
  /// them.
  ///
  /// Strings are ordered by code point, which is the order of their UTF-8 bytes. CouchDB orders them with
  /// ICU's root collation: punctuation, digits, then letters, alphabetically before by case, so that it has
  /// `a < A < b < B` where we have `A < B < a < b`; and it takes canonically equivalent strings ("é" as one or
  /// two code points) for equal, which differ here. Strings of digits and letters of one case without accents
  /// are ordered alike.
  package static func order(_ left: JSONValue, _ right: JSONValue) -> JSONOrdering {
    switch (left, right) {
    case (.number(let a), .number(let b)): JSONNumber.order(a, b)
    case (.string(let a), .string(let b)): JSONOrdering(a, b)
    case (.array(let a), .array(let b)): order(a, b)
    case (.object(let a), .object(let b)): order(a, b)
    default: JSONOrdering(left.rank, right.rank)
    }
  }

  private var rank: Int {
    switch self {
    case .null: 0
    case .bool(let value): value ? 2 : 1
    case .number: 3
    case .string: 4
    case .array: 5
    case .object: 6
    }
  }

  private static func order(_ left: [JSONValue], _ right: [JSONValue]) -> JSONOrdering {
    for (a, b) in zip(left, right) {
      let result = order(a, b)
      if result != .same { return result }
    }
    return JSONOrdering(left.count, right.count)
  }

  private static func order(_ left: [JSONMember], _ right: [JSONMember]) -> JSONOrdering {
    for (a, b) in zip(left.sorted { $0.name < $1.name }, right.sorted { $0.name < $1.name }) {
      let names = JSONOrdering(a.name, b.name)
      if names != .same { return names }
      let values = order(a.value, b.value)
      if values != .same { return values }
    }
    return JSONOrdering(left.count, right.count)
  }
}
