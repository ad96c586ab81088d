import MessageFSM

/// A selector after normalisation: what a value must be.
indirect enum MangoSelector: Sendable {
  /// How a value is compared.
  enum Comparison: Sendable {
    case less
    case lessOrEqual
    case equal
    case notEqual
    case greaterOrEqual
    case greater

    /// Whether the order of value and operand fulfils the comparison.
    func holds(for order: JSONOrdering) -> Bool {
      switch self {
      case .less: order == .before
      case .lessOrEqual: order != .after
      case .equal: order == .same
      case .notEqual: order != .same
      case .greaterOrEqual: order != .before
      case .greater: order == .after
      }
    }

    /// The comparison that holds when this one does not.
    var negated: Comparison {
      switch self {
      case .less: .greaterOrEqual
      case .lessOrEqual: .greater
      case .equal: .notEqual
      case .notEqual: .equal
      case .greaterOrEqual: .less
      case .greater: .lessOrEqual
      }
    }
  }

  /// Matches everything: the selector `{}`.
  case everything
  case and([MangoSelector])
  /// One of them; without any it matches, as in CouchDB.
  case or([MangoSelector])
  case not(MangoSelector)
  /// What is at the field must match; a missing field matches nothing but `$exists: false`.
  case field(MangoField, MangoSelector)
  case compare(Comparison, JSONValue)
  case isIn([JSONValue])
  case isNotIn([JSONValue])
  case all([JSONValue])
  case exists(Bool)
  case type(WireString)
  case remainder(divisor: Int64, remainder: Int64)
  case regex(MangoRegex)
  case beginsWith(WireString)
  case size(Int)
  case elementMatches(MangoSelector)
  case allElementsMatch(MangoSelector)
  case nameMatches(MangoSelector)

  /// Whether a value matches.
  func matches(_ value: JSONValue) -> Bool {
    switch self {
    case .everything: true
    case .and(let selectors): selectors.allSatisfy { $0.matches(value) }
    case .or(let selectors): selectors.isEmpty || selectors.contains { $0.matches(value) }
    case .not(let selector): !selector.matches(value)
    case .field(let field, let selector): Self.matches(field.find(in: value), selector)
    case .compare(let comparison, let operand): comparison.holds(for: JSONValue.order(value, operand))
    case .isIn(let operands): Self.isIn(value, operands)
    case .isNotIn(let operands): !Self.isIn(value, operands)
    case .all(let operands): Self.hasAll(value, operands)
    case .exists(let wanted): wanted
    case .type(let name): value.typeName == name
    case .remainder(let divisor, let remainder): Self.remainder(value, divisor) == remainder
    case .regex(let regex): Self.string(value).map(regex.matches) ?? false
    case .beginsWith(let prefix): Self.string(value)?.bytes.starts(with: prefix.bytes) ?? false
    case .size(let count): Self.elements(value)?.count == count
    case .elementMatches(let selector): Self.elements(value)?.contains { selector.matches($0) } ?? false
    case .allElementsMatch(let selector):
      Self.elements(value).map { !$0.isEmpty && $0.allSatisfy { selector.matches($0) } } ?? false
    case .nameMatches(let selector): Self.names(value).contains { selector.matches(.string($0)) }
    }
  }

  private static func matches(_ finding: MangoField.Finding, _ selector: MangoSelector) -> Bool {
    switch finding {
    case .found(let value): return selector.matches(value)
    case .missing:
      guard case .exists(false) = selector else { return false }
      return true
    case .noSuchPath: return false
    }
  }

  private static func equal(_ left: JSONValue, _ right: JSONValue) -> Bool {
    JSONValue.order(left, right) == .same
  }

  private static func isIn(_ value: JSONValue, _ operands: [JSONValue]) -> Bool {
    // An array is searched, and never equal as a whole.
    let candidates = elements(value) ?? [value]
    return operands.contains { operand in candidates.contains { equal($0, operand) } }
  }

  private static func hasAll(_ value: JSONValue, _ operands: [JSONValue]) -> Bool {
    guard let elements = elements(value), !operands.isEmpty else { return false }
    if operands.allSatisfy({ operand in elements.contains { equal($0, operand) } }) { return true }
    guard operands.count == 1, let operand = operands.first, case .array = operand else { return false }
    return equal(operand, value)
  }

  private static func remainder(_ value: JSONValue, _ divisor: Int64) -> Int64? {
    guard case .number(let number) = value else { return nil }
    return number.remainder(dividingBy: divisor)
  }

  private static func string(_ value: JSONValue) -> WireString? {
    guard case .string(let string) = value else { return nil }
    return string
  }

  private static func elements(_ value: JSONValue) -> [JSONValue]? {
    guard case .array(let elements) = value else { return nil }
    return elements
  }

  private static func names(_ value: JSONValue) -> [WireString] {
    guard case .object(let members) = value else { return [] }
    return members.map(\.name)
  }
}
