/// An integer beyond 64 bits, by its decimal digits.
struct JSONBigInteger: Sendable {
  /// Whether it is below zero.
  let isNegative: Bool
  /// The digits as values 0 to 9, the first one not 0.
  private let digits: [UInt8]
  /// The nearest double; infinite beyond the range of doubles.
  let approximation: Double

  /// The integer of this text: an optional `-`, then digits.
  init(decimal text: String) {
    self.isNegative = text.utf8.first == UInt8(ascii: "-")
    self.digits = text.utf8.filter { $0 != UInt8(ascii: "-") }.map { $0 &- UInt8(ascii: "0") }
    self.approximation = Double(text) ?? (isNegative ? -.infinity : .infinity)
  }

  /// The remainder with the sign of this integer; the divisor is not 0.
  func remainder(dividingBy divisor: Int64) -> Int64? {
    let modulus = UInt128(divisor.magnitude)
    guard modulus > 0 else { return nil }
    var rest: UInt128 = 0
    for digit in digits { rest = (rest * 10 + UInt128(digit)) % modulus }
    return Int64(exactly: rest).map { isNegative ? -$0 : $0 }
  }

  /// How two such integers are ordered.
  static func order(_ left: JSONBigInteger, _ right: JSONBigInteger) -> JSONOrdering {
    guard left.isNegative == right.isNegative else { return left.isNegative ? .before : .after }
    let magnitudes = order(left.digits, right.digits)
    return left.isNegative ? magnitudes.reversed : magnitudes
  }

  /// How this integer is ordered beside a finite double.
  func order(beside double: Double) -> JSONOrdering {
    // Rounding keeps order, so only a tie after rounding needs all digits.
    guard approximation == double else { return JSONOrdering(approximation, double) }
    let magnitudes = Self.order(digits, Self.digits(ofWhole: double.magnitude))
    return isNegative ? magnitudes.reversed : magnitudes
  }

  private static func order(_ left: [UInt8], _ right: [UInt8]) -> JSONOrdering {
    guard left.count == right.count else { return JSONOrdering(left.count, right.count) }
    if left.lexicographicallyPrecedes(right) { return .before }
    return left == right ? .same : .after
  }

  /// All digits of a double of at least 2^53, which is a whole number.
  private static func digits(ofWhole double: Double) -> [UInt8] {
    var limbs: [UInt64] = []  // base 10^9, the lowest first
    var significand = double.significandBitPattern | (1 << 52)
    while significand > 0 {
      limbs.append(significand % 1_000_000_000)
      significand /= 1_000_000_000
    }
    var doublings = max(0, Int(double.exponent) - 52)
    while doublings > 0 {
      let step = min(doublings, 29)
      doublings -= step
      var carry: UInt64 = 0
      for index in limbs.indices {
        let product = (limbs[index] << UInt64(step)) + carry  // below 2^59 + 2^30
        limbs[index] = product % 1_000_000_000
        carry = product / 1_000_000_000
      }
      if carry > 0 { limbs.append(carry) }
    }
    var result: [UInt8] = []
    for limb in limbs.reversed() {
      let text = String(limb)
      if !result.isEmpty { result += Array(repeating: 0, count: max(0, 9 - text.utf8.count)) }
      result += text.utf8.map { $0 &- UInt8(ascii: "0") }
    }
    return result
  }
}
