import InprocHost
import MessageFSM
import Testing

private struct Bad: Sendable, CustomTestStringConvertible {
  var query: String
  var parts: [String]
  var testDescription: String { query }

  init(_ query: String, _ parts: String...) {
    self.query = query
    self.parts = parts
  }

  static func selector(_ selector: String, _ parts: String...) -> Bad {
    var bad = Bad(#"{"selector":\#(selector)}"#)
    bad.parts = parts
    return bad
  }

  static func option(_ option: String, _ parts: String...) -> Bad {
    var bad = Bad(#"{"selector":{},\#(option)}"#)
    bad.parts = parts
    return bad
  }
}

@Suite("Mango refusals")
struct MangoRefusalTests {
  private static let texts = [
    Bad("", "must be JSON", "missing at the end", "byte 0"),
    Bad("nonsense", "must be JSON", "literal must be null", "byte 1"),
    Bad(#"{"selector":{}} x"#, "must be JSON", "nothing may follow", "byte 16"),
    Bad("[]", "must be a JSON object", "[]"),
    Bad("{}", "Missing required key: selector"),
    Bad(#"{"selector":{"a":1e999}}"#, "range of a double", "byte 17"),
    Bad(#"{"selector":{"a":"\x"}}"#, "escape must be one of"),
    Bad(#"{"selector":\#(String(repeating: "[", count: 100_000))"#, "nesting must be at most 100 deep"),
    Bad(#"{"selector":[]}"#, "Selector must be a JSON object, not: []"),
  ]

  private static let selectors = [
    Bad.selector(#"{"a":{"$foo":1}}"#, "Error:invalid_operator,  Status Code:400,", "Invalid operator: $foo"),
    .selector(#"{"$foo":1}"#, "Invalid operator: $foo", #"\$"#),
    .selector(#"{"a":{"$in":5}}"#, "Error:bad_arg,", "Bad argument for operator $in: 5 (must be an array)"),
    .selector(#"{"a":{"$nin":{}}}"#, "$nin: {}", "an array"),
    .selector(#"{"a":{"$all":1}}"#, "$all: 1", "an array"),
    .selector(#"{"$and":{}}"#, "$and: {}", "an array"),
    .selector(#"{"$or":1}"#, "$or: 1", "an array"),
    .selector(#"{"$nor":null}"#, "$nor: null", "an array"),
    .selector(#"{"$not":[]}"#, "$not: []", "an object"),
    .selector(#"{"a":{"$exists":1}}"#, "$exists: 1", "true or false"),
    .selector(#"{"a":{"$type":1}}"#, "$type: 1", "a string"),
    .selector(#"{"a":{"$regex":1}}"#, "$regex: 1", "a string"),
    .selector(#"{"a":{"$regex":"(a"}}"#, #"$regex: "(a""#, "a valid regular expression"),
    .selector(#"{"a":{"$beginsWith":1}}"#, "$beginsWith: 1", "a string"),
    .selector(#"{"a":{"$elemMatch":1}}"#, "$elemMatch: 1", "an object"),
    .selector(#"{"a":{"$allMatch":[]}}"#, "$allMatch: []", "an object"),
    .selector(#"{"a":{"$size":-1}}"#, "$size: -1", "an integer that is not negative"),
    .selector(#"{"a":{"$size":2.0}}"#, "$size: 2.0", "an integer"),
    .selector(#"{"a":{"$mod":[0,1]}}"#, "$mod: [0,1]", "divisor, not 0"),
    .selector(#"{"a":{"$mod":[2.0,1]}}"#, "$mod: [2.0,1]", "both integers"),
    .selector(#"{"a":{"$mod":[2]}}"#, "$mod: [2]", "divisor"),
    .selector(#"{"a":{"$mod":[9223372036854775808,1]}}"#, "at most 64 bits"),
    .selector(#"{"a":{"$text":"x"}}"#, "Unsupported operator: $text"),
    .selector(#"{"a":{"$where":"x"}}"#, "Unsupported operator: $where"),
    .selector(#"{"$gt":1}"#, "One or more conditions is missing a field name."),
    .selector(#"{"":1}"#, "missing a field name"),
    .selector(#"{"a..b":1}"#, #"Invalid field name: "a..b""#, "no empty part"),
    .selector(#"{"a":{"":1}}"#, #"Invalid field name: "a.""#),
    .selector(#"{"\#(String(repeating: "a.", count: 300))a":1}"#, "at most 100 parts"),
  ]

  private static let options = [
    Bad.option(#""sort":1"#, "Sort must be an array of sort specs, not: 1"),
    .option(#""sort":[1]"#, "Invalid sort field: 1"),
    .option(#""sort":[{"a":"asc","b":"asc"}]"#, "Invalid sort field"),
    .option(#""sort":[""]"#, "Invalid sort field"),
    .option(#""sort":[{"a":"up"}]"#, #"Invalid sort direction: "up""#),
    .option(#""sort":["a",{"b":"desc"}]"#, "Sorts currently only support a single direction for all fields."),
    .option(#""fields":{}"#, "fields definition must be an array"),
    .option(#""fields":[1]"#, "Invalid JSON for field spec: 1", "a string"),
    .option(#""limit":-1"#, "limit: -1", "greater than or equal to zero"),
    .option(#""limit":1.0"#, "limit: 1.0"),
    .option(#""skip":"1""#, #"skip: "1""#),
    .option(#""bookmark":1"#, "bookmark: 1", "a string"),
    .option(#""bookmark":"xyz""#, #"Invalid bookmark value: "xyz""#),
    .option(#""use_index":1"#, "use_index: 1"),
    .option(#""stale":true"#, "stale: true"),
    .option(#""conflicts":1"#, "conflicts: 1", "true or false"),
    .option(#""r":0"#, "r: 0", "greater than zero"),
    .option(#""partition":0"#, "partition: 0"),
    .option(#""selecter":{}"#, "Invalid key selecter for this request."),
  ]

  @Test(
    "a bad query is refused with the name of what is bad and the rule", arguments: texts + selectors + options
  )
  private func refuses(_ bad: Bad) throws {
    let error = try #require(throws: LedgerError.self) { try MangoQuery(parsing: bad.query) }
    for part in bad.parts { #expect(error.message.string.contains(part), "\(error)") }
  }

  @Test("a query that is not UTF-8 is refused with the place")
  func invalidUTF8() throws {
    let bytes = Array(#"{"selector":{"a":""#.utf8) + [0xFF] + Array(#""}}"#.utf8)
    let error = try #require(throws: LedgerError.self) { try MangoQuery(parsing: bytes) }
    #expect(error.message == "the query must be JSON: a string must be valid UTF-8 (at byte 18)")
  }

  @Test(
    "what only tells CouchDB how to search is accepted",
    arguments: [
      #""use_index":"_design/indexOwnerDoc/indexOwner""#, #""use_index":["_design/d","i"]"#, #""r":1"#,
      #""conflicts":false,"update":true,"stable":false,"execution_stats":true,"stale":"ok","bookmark":null"#,
    ])
  func accepts(_ options: String) throws {
    _ = try MangoQuery(parsing: #"{"selector":{},\#(options)}"#)
  }
}
