/// A JSON number, compared by its exact value as CouchDB's Erlang does.
///
/// A number without fraction and exponent is an integer of any length; any other is an IEEE 754 double.
/// Integers beyond 64 bits and doubles beside them compare exactly: 9007199254740993 is after
/// 9007199254740992.0.
package struct JSONNumber: Sendable {
  private enum Kind: Sendable {
    case integer(Int64)
    case big(JSONBigInteger)
    case double(Double)
  }

  /// The number as it was written.
  package let text: String
  private let kind: Kind

  /// The number of this JSON text; `nil` if it is a fraction or power beyond the range of a double.
  ///
  /// The caller has checked that the text is a number by JSON's grammar.
  init?(grammatical text: String) {
    self.text = text
    if text.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }) {
      guard let double = Double(text), double.isFinite else { return nil }
      self.kind = .double(double)
    } else if let integer = Int64(text) {
      self.kind = .integer(integer)
    } else {
      self.kind = .big(JSONBigInteger(decimal: text))
    }
  }

  /// Whether a double can come near the number, which Go's JSON reader demands of every number.
  package var isInRangeOfDouble: Bool {
    switch kind {
    case .integer, .double: true
    case .big(let value): value.approximation.isFinite
    }
  }

  /// The value, if it was written as an integer of at most 64 bits.
  package var int64: Int64? {
    guard case .integer(let value) = kind else { return nil }
    return value
  }

  /// The value as a count, if it was written as an integer that is not negative; the largest `Int` if it is
  /// beyond.
  package var count: Int? {
    switch kind {
    case .integer(let value): value < 0 ? nil : Int(clamping: value)
    case .big(let value): value.isNegative ? nil : Int.max
    case .double: nil
    }
  }

  /// The remainder with the sign of this number; `nil` if this is not an integer or the divisor is 0.
  ///
  /// A double without fraction counts as an integer: Fabric hands documents through Go, which writes 4.0 as
  /// 4.
  package func remainder(dividingBy divisor: Int64) -> Int64? {
    guard divisor != 0 else { return nil }
    switch kind {
    case .integer(let value): return divisor == -1 ? 0 : value % divisor
    case .big(let value): return value.remainder(dividingBy: divisor)
    case .double(let value):
      guard let exact = Int64(exactly: value) else { return nil }
      return divisor == -1 ? 0 : exact % divisor
    }
  }

  /// How two numbers are ordered.
  package static func order(_ left: JSONNumber, _ right: JSONNumber) -> JSONOrdering {
    switch (left.kind, right.kind) {
    case (.integer(let a), .integer(let b)): JSONOrdering(a, b)
    case (.double(let a), .double(let b)): JSONOrdering(a, b)
    case (.big(let a), .big(let b)): JSONBigInteger.order(a, b)
    case (.integer(let a), .double(let b)): order(a, b)
    case (.double(let a), .integer(let b)): order(b, a).reversed
    case (.big(let a), .integer): a.isNegative ? .before : .after
    case (.integer, .big(let b)): b.isNegative ? .after : .before
    case (.big(let a), .double(let b)): a.order(beside: b)
    case (.double(let a), .big(let b)): b.order(beside: a).reversed
    }
  }

  private static func order(_ integer: Int64, _ double: Double) -> JSONOrdering {
    guard let whole = Int64(exactly: double.rounded(.towardZero)) else {
      return double < 0 ? .after : .before
    }
    return integer == whole ? JSONOrdering(Double(whole), double) : JSONOrdering(integer, whole)
  }
}
