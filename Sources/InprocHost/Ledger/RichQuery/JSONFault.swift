/// Why bytes are not JSON, and where.
package struct JSONFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// The rule that is broken.
  package var rule: String
  /// The index of the byte that breaks it.
  package var offset: Int

  /// The rule and the place.
  package var description: String { "\(rule) (at byte \(offset))" }
}
