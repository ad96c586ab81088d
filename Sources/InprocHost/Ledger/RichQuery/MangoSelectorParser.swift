import MessageFSM

/// Reads a selector and normalises it as CouchDB does (`mango_selector:normalize`).
///
/// Nested names become one path, several members of an object become an `$and`, a bare value becomes an
/// `$eq`, and negations move down to the fields. The last one is visible: `{"$not": {"a": 1}}` is `{"a":
/// {"$ne": 1}}` and so does not match a document without `a`. Within `$elemMatch`, `$allMatch` and
/// `$keyMapMatch` CouchDB leaves negations where they are.
struct MangoSelectorParser {
  /// The operators that CouchDB knows and refuses, beside those that need a text index.
  private static let unsupported: [WireString] = [
    "$text", "$where", "$geoWithin", "$geoIntersects", "$near", "$nearSphere",
  ]

  /// Reads the value of a query's `selector`.
  static func selector(_ value: JSONValue) throws(LedgerError) -> MangoSelector {
    guard case .object(let members) = value else {
      throw MangoRefusal.couch(
        "invalid_selector_json", "Selector must be a JSON object, not: \(MangoRefusal.excerpt(value))")
    }
    guard !members.isEmpty else { return .everything }
    let selector = try MangoSelectorParser(movesNegations: true).read(value, at: .empty, negated: false)
    if case .field(let field, _) = selector, field.parts.isEmpty {
      throw MangoRefusal.couch("invalid_selector", "One or more conditions is missing a field name.")
    }
    return selector
  }

  private let movesNegations: Bool

  private func read(
    _ value: JSONValue, at path: WireString, negated: Bool
  ) throws(LedgerError) -> MangoSelector {
    guard case .object(let members) = value, let first = members.first else {
      return try condition(.compare(.equal, value), at: path, negated: negated)
    }
    guard members.count > 1 else { return try read(first, at: path, negated: negated) }
    return try combine(all: true, members, negated: negated) { member throws(LedgerError) in
      try read(member, at: path, negated: negated)
    }
  }

  private func read(
    _ member: JSONMember, at path: WireString, negated: Bool
  ) throws(LedgerError) -> MangoSelector {
    let (name, operand) = (member.name, member.value)
    switch name {
    case "$and", "$or":
      let isAnd = name == "$and"
      return try combine(all: isAnd, try array(name, operand), negated: negated) {
        value throws(LedgerError) in
        try read(value, at: path, negated: negated)
      }
    case "$not":
      guard case .object = operand else { throw MangoRefusal.operand(of: name, operand, must: "an object") }
      guard movesNegations else { return .not(try read(operand, at: path, negated: false)) }
      return try read(operand, at: path, negated: !negated)
    case "$nor":
      // None of them: all of the negated ones.
      return try combine(all: true, try array(name, operand), negated: negated) { value throws(LedgerError) in
        guard movesNegations else { return .not(try read(value, at: path, negated: false)) }
        return try read(value, at: path, negated: !negated)
      }
    default:
      if name.bytes.first == UInt8(ascii: "$") {
        return try condition(try leaf(name, operand), at: path, negated: negated)
      }
      let inner = path.isEmpty ? name : WireString(bytes: path.bytes + [UInt8(ascii: ".")] + name.bytes)
      return try read(operand, at: inner, negated: negated)
    }
  }

  /// All or one of the parts, with the two exchanged if negated (De Morgan).
  private func combine<Part>(
    all: Bool, _ parts: [Part], negated: Bool, _ read: (Part) throws(LedgerError) -> MangoSelector
  ) throws(LedgerError) -> MangoSelector {
    var selectors: [MangoSelector] = []
    for part in parts { selectors.append(try read(part)) }
    return all != negated ? .and(selectors) : .or(selectors)
  }

  private func condition(
    _ leaf: MangoSelector, at path: WireString, negated: Bool
  ) throws(LedgerError) -> MangoSelector {
    let field = path.isEmpty ? MangoField.itself : try MangoField(parsing: path)
    return .field(field, negated ? Self.negation(of: leaf) : leaf)
  }

  private static func negation(of leaf: MangoSelector) -> MangoSelector {
    switch leaf {
    case .compare(let comparison, let operand): .compare(comparison.negated, operand)
    case .isIn(let operands): .isNotIn(operands)
    case .isNotIn(let operands): .isIn(operands)
    case .exists(let wanted): .exists(!wanted)
    default: .not(leaf)
    }
  }

  private func leaf(_ name: WireString, _ operand: JSONValue) throws(LedgerError) -> MangoSelector {
    switch name {
    case "$lt": return .compare(.less, operand)
    case "$lte": return .compare(.lessOrEqual, operand)
    case "$eq": return .compare(.equal, operand)
    case "$ne": return .compare(.notEqual, operand)
    case "$gte": return .compare(.greaterOrEqual, operand)
    case "$gt": return .compare(.greater, operand)
    case "$in": return .isIn(try array(name, operand))
    case "$nin": return .isNotIn(try array(name, operand))
    case "$all": return .all(try array(name, operand))
    case "$exists":
      guard case .bool(let wanted) = operand else {
        throw MangoRefusal.operand(of: name, operand, must: "true or false")
      }
      return .exists(wanted)
    case "$type": return .type(try string(name, operand))
    case "$regex": return .regex(try MangoRegex(parsing: try string(name, operand)))
    case "$beginsWith": return .beginsWith(try string(name, operand))
    case "$mod": return try remainder(name, operand)
    case "$size":
      guard case .number(let number) = operand, let count = number.count else {
        throw MangoRefusal.operand(of: name, operand, must: "an integer that is not negative")
      }
      return .size(count)
    case "$elemMatch": return .elementMatches(try inner(name, operand))
    case "$allMatch": return .allElementsMatch(try inner(name, operand))
    case "$keyMapMatch": return .nameMatches(try inner(name, operand))
    case _ where Self.unsupported.contains(name):
      throw MangoRefusal.couch("not_supported", "Unsupported operator: \(name)")
    default:
      throw MangoRefusal.couch(
        "invalid_operator",
        "Invalid operator: \(name) (a field's name with $ at its beginning must be written \\$)")
    }
  }

  private func remainder(_ name: WireString, _ operand: JSONValue) throws(LedgerError) -> MangoSelector {
    guard case .array(let pair) = operand, pair.count == 2,
      case .number(let first)? = pair.first, let divisor = first.int64, divisor != 0,
      case .number(let second)? = pair.last, let remainder = second.int64
    else {
      throw MangoRefusal.operand(
        of: name, operand, must: "an array of divisor, not 0, and remainder, both integers of at most 64 bits"
      )
    }
    return .remainder(divisor: divisor, remainder: remainder)
  }

  private func inner(_ name: WireString, _ operand: JSONValue) throws(LedgerError) -> MangoSelector {
    guard case .object = operand else { throw MangoRefusal.operand(of: name, operand, must: "an object") }
    return try MangoSelectorParser(movesNegations: false).read(operand, at: .empty, negated: false)
  }

  private func array(_ name: WireString, _ operand: JSONValue) throws(LedgerError) -> [JSONValue] {
    guard case .array(let values) = operand else {
      throw MangoRefusal.operand(of: name, operand, must: "an array")
    }
    return values
  }

  private func string(_ name: WireString, _ operand: JSONValue) throws(LedgerError) -> WireString {
    guard case .string(let value) = operand else {
      throw MangoRefusal.operand(of: name, operand, must: "a string")
    }
    return value
  }
}
