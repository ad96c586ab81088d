import MessageFSM

/// The order of a query's results.
///
/// As in CouchDB, where an index must hold the fields of a sort, a document without one of them is no result.
/// All fields have one direction. Results with equal values are in the order of their keys, ascending or
/// descending like the fields, as in CouchDB, where a descending sort reads the index backwards.
struct MangoSort: Sendable {
  /// The fields, the most significant first; none is the order of the keys.
  let fields: [MangoField]
  private let isDescending: Bool

  /// The order of the keys.
  static let byKey = MangoSort(fields: [], isDescending: false)

  private init(fields: [MangoField], isDescending: Bool) {
    self.fields = fields
    self.isDescending = isDescending
  }

  /// Reads the value of a query's `sort`.
  init(parsing value: JSONValue) throws(LedgerError) {
    guard case .array(let entries) = value else {
      throw MangoRefusal.couch(
        "invalid_sort_json", "Sort must be an array of sort specs, not: \(MangoRefusal.excerpt(value))")
    }
    var fields: [MangoField] = []
    var directions: [Bool] = []
    for entry in entries {
      let (name, isDescending) = try Self.entry(entry)
      fields.append(try MangoField(parsing: name))
      directions.append(isDescending)
    }
    guard directions.allSatisfy({ $0 == directions.first }) else {
      throw MangoRefusal.couch(
        "unsupported_mixed_sort", "Sorts currently only support a single direction for all fields.")
    }
    self.init(fields: fields, isDescending: directions.first ?? false)
  }

  private static func entry(_ value: JSONValue) throws(LedgerError) -> (WireString, Bool) {
    switch value {
    case .string(let name) where !name.isEmpty:
      return (name, false)
    case .object(let members) where members.count == 1:
      guard let member = members.first, !member.name.isEmpty else { break }
      guard case .string(let direction) = member.value, direction == "asc" || direction == "desc" else {
        throw MangoRefusal.couch(
          "invalid_sort_dir",
          "Invalid sort direction: \(MangoRefusal.excerpt(member.value)) (must be \"asc\" or \"desc\")")
      }
      return (member.name, direction == "desc")
    default:
      break
    }
    throw MangoRefusal.couch(
      "invalid_sort_field",
      "Invalid sort field: \(MangoRefusal.excerpt(value)) (must be a name or {name: \"asc\" or \"desc\"})"
    )
  }

  /// Where a document stands; `nil` if it has not all fields.
  func position(of document: JSONValue, key: WireString) -> MangoPosition? {
    var values: [JSONValue] = []
    for field in fields {
      guard let value = field.value(in: document) else { return nil }
      values.append(value)
    }
    return MangoPosition(values: values, key: key)
  }

  /// Whether one position is before the other.
  func precedes(_ left: MangoPosition, _ right: MangoPosition) -> Bool {
    let wanted: JSONOrdering = isDescending ? .after : .before
    for (a, b) in zip(left.values, right.values) {
      let order = JSONValue.order(a, b)
      if order != .same { return order == wanted }
    }
    return JSONOrdering(left.key, right.key) == wanted
  }
}
