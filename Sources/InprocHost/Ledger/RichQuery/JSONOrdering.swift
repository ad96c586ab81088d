/// How one value stands to another in CouchDB's order.
package enum JSONOrdering: Sendable, Hashable {
  /// The first one comes first.
  case before
  /// Neither comes first.
  case same
  /// The second one comes first.
  case after

  /// The order of two comparable values.
  init<Value: Comparable>(_ left: Value, _ right: Value) {
    self = left < right ? .before : right < left ? .after : .same
  }

  /// The order with the two values exchanged.
  var reversed: JSONOrdering {
    switch self {
    case .before: .after
    case .same: .same
    case .after: .before
    }
  }
}
