import MessageFSM

/// The keys of a query, read and checked.
struct MangoOptions {
  private(set) var selector: MangoSelector
  private(set) var sort = MangoSort.byKey
  private(set) var projection: MangoProjection?
  private(set) var limit: Int?
  private(set) var skip = 0
  private(set) var bookmark: WireString = .empty

  /// Reads a query.
  init(parsing bytes: [UInt8]) throws(LedgerError) {
    let query: JSONValue
    do {
      query = try JSONValue(parsing: bytes)
    } catch {
      throw LedgerError("the query must be JSON: \(error.description)")
    }
    guard case .object(let members) = query else {
      throw LedgerError("the query must be a JSON object, not: \(MangoRefusal.excerpt(query))")
    }
    guard let selector = query.member("selector") else {
      throw MangoRefusal.couch("missing_required_key", "Missing required key: selector")
    }
    self.selector = try MangoSelectorParser.selector(selector)
    for member in members { try read(member.name, member.value) }
  }

  private mutating func read(_ name: WireString, _ value: JSONValue) throws(LedgerError) {
    switch name {
    case "selector": break
    case "sort": sort = try MangoSort(parsing: value)
    case "fields": projection = try MangoProjection(parsing: value)
    case "limit": limit = try Self.count(name, value)
    case "skip": skip = try Self.count(name, value)
    case "bookmark": bookmark = try Self.bookmark(value)
    default: try Self.check(name, value)
    }
  }

  private static func count(_ name: WireString, _ value: JSONValue) throws(LedgerError) -> Int {
    guard case .number(let number) = value, let count = number.count else {
      throw MangoRefusal.option(
        "invalid_non_neg_integer", name, value, must: "an integer greater than or equal to zero")
    }
    return count
  }

  private static func bookmark(_ value: JSONValue) throws(LedgerError) -> WireString {
    switch value {
    case .null: return .empty
    case .string(let text): return text
    case .bool, .number, .array, .object:
      throw MangoRefusal.option("invalid_bookmark", "bookmark", value, must: "a string")
    }
  }

  /// Checks what says how CouchDB should search, which makes no difference here.
  private static func check(_ name: WireString, _ value: JSONValue) throws(LedgerError) {
    switch (name, value) {
    case ("use_index", .string), ("use_index", .null), ("partition", .string): break
    case ("use_index", .array(let parts))
    where parts.count <= 2 && parts.allSatisfy { $0.typeName == "string" }:
      break
    case ("conflicts", .bool), ("update", .bool), ("stable", .bool), ("execution_stats", .bool),
      ("allow_fallback", .bool):
      break
    case ("stale", .bool(false)), ("stale", .string("ok")), ("stale", .string("false")): break
    case ("r", .number(let number)) where (number.count ?? 0) > 0: break
    case ("use_index", _):
      throw MangoRefusal.option(
        "invalid_index_name", name, value, must: "a string or at most two in an array")
    case ("partition", _): throw MangoRefusal.option("invalid_string", name, value, must: "a string")
    case ("conflicts", _), ("update", _), ("stable", _), ("execution_stats", _), ("allow_fallback", _):
      throw MangoRefusal.option("invalid_boolean", name, value, must: "true or false")
    case ("stale", _):
      throw MangoRefusal.option("invalid_ok_or_false_value", name, value, must: "\"ok\" or false")
    case ("r", _):
      throw MangoRefusal.option("invalid_pos_integer", name, value, must: "an integer greater than zero")
    default:
      throw MangoRefusal.couch("invalid_key", "Invalid key \(name) for this request.")
    }
  }
}
