import MessageFSM

/// The texts with which a query is refused.
///
/// They have the form in which Fabric hands on an answer of CouchDB, and begin as CouchDB's reasons do. What
/// CouchDB leaves out, the rule that is broken, is added in brackets.
enum MangoRefusal {
  /// A refusal in the words of Fabric and CouchDB.
  static func couch(_ code: String, _ reason: String) -> LedgerError {
    LedgerError("error handling CouchDB request. Error:\(code),  Status Code:400,  Reason:\(reason)")
  }

  /// The operand of an operator is not what it must be.
  static func operand(of name: WireString, _ value: JSONValue, must rule: String) -> LedgerError {
    couch("bad_arg", "Bad argument for operator \(name): \(excerpt(value)) (must be \(rule))")
  }

  /// The value of one of the query's own keys is not what it must be.
  static func option(_ code: String, _ name: WireString, _ value: JSONValue, must rule: String) -> LedgerError
  {
    couch(code, "Invalid value for \(name): \(excerpt(value)) (must be \(rule))")
  }

  /// A bookmark that no result of such a query has had.
  static func bookmark(_ text: WireString) -> LedgerError {
    couch(
      "invalid_bookmark",
      "Invalid bookmark value: \(excerpt(.string(text))) (must be one that a result of this query had)")
  }

  /// The beginning of a value's text.
  static func excerpt(_ value: JSONValue) -> String {
    let text = value.text
    let excerpt = String(decoding: text.prefix(120), as: UTF8.self)
    return text.count > 120 ? excerpt + "…" : excerpt
  }
}
