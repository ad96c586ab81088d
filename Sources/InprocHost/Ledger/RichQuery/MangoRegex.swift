import Foundation
import MessageFSM

/// A regular expression of `$regex`, matched anywhere in a string.
///
/// CouchDB uses PCRE by way of Erlang's `re`, without its Unicode option: both pattern and string are bytes,
/// so `.` is one byte of a letter beyond ASCII. So it is here: every byte is one Latin-1 character to
/// `NSRegularExpression`, which is ICU's engine. The common syntax is the same (classes, quantifiers greedy,
/// lazy and possessive, groups, look-around, back-references, `(?i)`, `\b`, `\d`, `\w`). PCRE's
/// `(?P<name>…)`, `\K`, recursion, conditionals, callouts and verbs such as `(*UTF8)` are refused here; a `[`
/// or `&&` within a class and a `{` that begins no quantifier must be escaped here.
///
/// Matching is bounded, as PCRE's is: a match that takes more than about five million steps beyond the length
/// of the string, or ICU's 8 MB of stack, is none. The bound counts steps, not time, so that all peers find
/// the same.
struct MangoRegex: Sendable {
  private static let patternLimit = 65_536
  private static let progressLimit = 500  // ICU reports every 10 000 steps and at every place where it begins

  private let expression: NSRegularExpression

  /// The expression of this pattern.
  init(parsing pattern: WireString) throws(LedgerError) {
    guard pattern.count <= Self.patternLimit else {
      throw MangoRefusal.operand(
        of: "$regex", .string(pattern), must: "a pattern of at most \(Self.patternLimit) bytes")
    }
    do {
      self.expression = try NSRegularExpression(
        pattern: pattern.isEmpty ? "(?:)" : Self.latin1(pattern), options: [.useUnixLineSeparators])
    } catch {
      throw MangoRefusal.operand(of: "$regex", .string(pattern), must: "a valid regular expression")
    }
  }

  /// Whether the expression matches somewhere in the string.
  func matches(_ string: WireString) -> Bool {
    let text = Self.latin1(string)
    var reports = string.count.addingReportingOverflow(Self.progressLimit).partialValue
    var isMatch = false
    unsafe expression.enumerateMatches(
      in: text, options: [.reportProgress], range: NSRange(location: 0, length: string.count)
    ) { result, _, stop in
      if result != nil { isMatch = true }
      reports -= 1
      if isMatch || reports <= 0 { unsafe stop.pointee = true }
    }
    return isMatch
  }

  private static func latin1(_ string: WireString) -> String {
    String(decoding: string.bytes.map(UInt16.init), as: UTF16.self)
  }
}
