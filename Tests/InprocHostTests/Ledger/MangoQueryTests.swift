import InprocHost
import MessageFSM
import Testing

/// Documents by key, and what a query finds among them.
private struct Case: Sendable, CustomTestStringConvertible {
  var selector: String
  var keys: [String]
  var testDescription: String { selector }

  init(_ selector: String, _ keys: String...) {
    self.selector = selector
    self.keys = keys
  }
}

private let people: [(String, String)] = [
  ("ann", #"{"name":"ann","age":30,"tags":["a","b"],"home":{"city":"Oslo","no":[7,8]},"ok":true}"#),
  ("bob", #"{"name":"bob","age":41.5,"tags":[],"home":{"city":"Rome"},"ok":false,"note":null}"#),
  ("cyd", #"{"name":"Cyd","age":-7,"tags":["b",{"x":1,"y":2}],"home":null,"a.b":{"c":1},"$cash":5}"#),
  ("dan", #"{"name":"dän","age":"30","tags":"a","home":[{"city":"Bern"},[1]],"_id":"x","~version":"v"}"#),
  ("eve", "not json"),
  ("fay", "[1,2]"),
]

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

private func run(
  _ query: String, _ documents: [(String, String)] = people, page: QueryMetadata = QueryMetadata(),
  limit: Int = .max
) throws(LedgerError) -> MangoPage {
  let query = try MangoQuery(parsing: query, page: page, totalQueryLimit: limit)
  return query.run(documents: documents.map { (key: WireString($0.0), value: bytes($0.1)) })
}

extension MangoPage {
  fileprivate var keys: [String] { results.map(\.key.string) }
  fileprivate var values: [String] { results.map { String(decoding: $0.value, as: UTF8.self) } }
}

@Suite("Mango queries")
struct MangoQueryTests {
  private static let comparisons = [
    Case(#"{}"#, "ann", "bob", "cyd", "dan", "eve", "fay"),
    Case(#"{"name":"ann"}"#, "ann"),
    Case(#"{"name":{"$eq":"ann"}}"#, "ann"),
    Case(#"{"name":{"$ne":"ann"}}"#, "bob", "cyd", "dan"),
    Case(#"{"age":{"$gt":30}}"#, "bob", "dan"),
    Case(#"{"age":{"$gte":30}}"#, "ann", "bob", "dan"),
    Case(#"{"age":{"$lt":30}}"#, "cyd"),
    Case(#"{"age":{"$lte":30.0}}"#, "ann", "cyd"),
    Case(#"{"age":{"$gt":-7,"$lt":41}}"#, "ann"),
    Case(#"{"age":{"$gt":null}}"#, "ann", "bob", "cyd", "dan"),
    Case(#"{"note":null}"#, "bob"),
    Case(#"{"note":{"$gte":null}}"#, "bob"),
    Case(#"{"ok":{"$lt":true}}"#, "bob"),
    Case(#"{"name":{"$in":["ann","bob",1]}}"#, "ann", "bob"),
    Case(#"{"tags":{"$in":["a"]}}"#, "ann", "dan"),
    Case(#"{"tags":{"$in":[{"y":2,"x":1}]}}"#, "cyd"),
    Case(#"{"tags":{"$nin":["a"]}}"#, "bob", "cyd"),
    Case(#"{"name":{"$in":[]}}"#),
    Case(#"{"name":{"$nin":[]}}"#, "ann", "bob", "cyd", "dan"),
    Case(#"{"tags":["a","b"]}"#, "ann"),
    Case(#"{"tags":{"$all":["b","a"]}}"#, "ann"),
    Case(#"{"tags":{"$all":[]}}"#),
    Case(#"{"_id":"dan"}"#, "dan"),
    Case(#"{"_id":{"$gt":"c","$lt":"f"}}"#, "cyd", "dan", "eve"),
    Case(#"{"~version":{"$exists":true}}"#),
  ]

  private static let combinations = [
    Case(#"{"name":"ann","age":30}"#, "ann"),
    Case(#"{"name":"ann","age":31}"#),
    Case(#"{"$and":[{"age":{"$gt":0}},{"ok":false}]}"#, "bob"),
    Case(#"{"$or":[{"name":"ann"},{"ok":false}]}"#, "ann", "bob"),
    Case(#"{"$or":[]}"#, "ann", "bob", "cyd", "dan", "eve", "fay"),
    Case(#"{"$nor":[{"name":"ann"},{"age":{"$lt":0}}]}"#, "bob", "dan"),
    Case(#"{"$not":{"name":"ann"}}"#, "bob", "cyd", "dan"),
    Case(#"{"$not":{"note":null}}"#),
    Case(#"{"note":{"$not":{"$exists":true}}}"#, "ann", "cyd", "dan", "eve", "fay"),
    Case(#"{"$not":{"$or":[{"name":"ann"},{"name":"bob"}]}}"#, "cyd", "dan"),
    Case(#"{"$not":{"$and":[{"name":"ann"},{"age":30}]}}"#, "bob", "cyd", "dan"),
    Case(#"{"$not":{"$nor":[{"name":"ann"}]}}"#, "ann"),
    Case(#"{"$not":{"age":{"$gt":30}}}"#, "ann", "cyd"),
    Case(#"{"$not":{"name":{"$in":["ann"]}}}"#, "bob", "cyd", "dan"),
    Case(#"{"name":{"$not":{"$regex":"^[ab]"}}}"#, "cyd", "dan"),
    Case(#"{"age":{"$or":[{"$lt":0},{"$gt":41}]}}"#, "bob", "cyd", "dan"),
  ]

  private static let fields = [
    Case(#"{"home.city":"Oslo"}"#, "ann"),
    Case(#"{"home":{"city":"Oslo"}}"#, "ann"),
    Case(#"{"home":{"$eq":{"city":"Rome"}}}"#, "bob"),
    Case(#"{"home":{}}"#),
    Case(#"{"home.no.1":8}"#, "ann"),
    Case(#"{"home":{"no":{"0":{"$lt":8}}}}"#, "ann"),
    Case(#"{"home.0.city":"Bern"}"#, "dan"),
    Case(#"{"home.2":{"$exists":true}}"#),
    Case(#"{"a\\.b.c":1}"#, "cyd"),
    Case(#"{"a\\.b":{"c":1}}"#, "cyd"),
    Case(#"{"a.b.c":1}"#),
    Case(#"{"\\$cash":5}"#, "cyd"),
    Case(#"{"note":{"$exists":true}}"#, "bob"),
    Case(#"{"home.city":{"$exists":true}}"#, "ann", "bob"),
    // `home` of cyd is null and that of dan an array: no path, so not missing; eve and fay have no fields.
    Case(#"{"home.city":{"$exists":false}}"#, "eve", "fay"),
  ]

  private static let elements = [
    Case(#"{"age":{"$type":"number"}}"#, "ann", "bob", "cyd"),
    Case(#"{"home":{"$type":"object"}}"#, "ann", "bob"),
    Case(#"{"home":{"$type":"null"}}"#, "cyd"),
    Case(#"{"home":{"$type":"array"}}"#, "dan"),
    Case(#"{"ok":{"$type":"boolean"}}"#, "ann", "bob"),
    Case(#"{"age":{"$type":"int"}}"#),
    Case(#"{"name":{"$regex":"^b"}}"#, "bob"),
    Case(#"{"name":{"$regex":"(?i)CYD"}}"#, "cyd"),
    Case(#"{"name":{"$regex":"n$"}}"#, "ann", "dan"),
    Case(#"{"name":{"$regex":""}}"#, "ann", "bob", "cyd", "dan"),
    Case(#"{"name":{"$regex":"^d..n$"}}"#, "dan"),  // a dot is a byte, as in CouchDB
    Case(#"{"name":{"$regex":"ä"}}"#, "dan"),
    Case(#"{"age":{"$regex":"3"}}"#, "dan"),
    Case(#"{"name":{"$beginsWith":"an"}}"#, "ann"),
    Case(#"{"tags":{"$size":2}}"#, "ann", "cyd"),
    Case(#"{"tags":{"$size":0}}"#, "bob"),
    Case(#"{"tags":{"$elemMatch":{"$eq":"b"}}}"#, "ann", "cyd"),
    Case(#"{"tags":{"$elemMatch":{"x":1,"y":{"$gt":1}}}}"#, "cyd"),
    Case(#"{"tags":{"$elemMatch":{"$gte":"a","$lt":"b"}}}"#, "ann"),
    Case(#"{"tags":{"$elemMatch":{"$not":{"x":1}}}}"#, "ann", "cyd"),
    Case(#"{"tags":{"$elemMatch":{"$nor":[{"$eq":"b"},{"x":1}]}}}"#, "ann"),
    Case(#"{"tags":{"$allMatch":{"$type":"string"}}}"#, "ann"),
    Case(#"{"tags":{"$not":{"$allMatch":{"$type":"string"}}}}"#, "bob", "cyd", "dan"),
    Case(#"{"home":{"$keyMapMatch":{"$eq":"no"}}}"#, "ann"),
    Case(#"{"age":{"$mod":[10,0]}}"#, "ann"),
    Case(#"{"age":{"$mod":[5,-2]}}"#, "cyd"),
    Case(#"{"age":{"$mod":[-1,0]}}"#, "ann", "cyd"),
  ]

  @Test(
    "a selector finds what it finds in CouchDB", arguments: comparisons + combinations + fields + elements)
  private func selects(_ test: Case) throws {
    #expect(try run(#"{"selector":\#(test.selector)}"#).keys == test.keys)
  }

  @Test("values are ordered null, false, true, numbers, strings, arrays, objects")
  func collation() throws {
    let ascending = [
      "null", "false", "true", "-1e300", "-9223372036854775809", "-9223372036854775808", "-1", "-0.5", "0",
      "0.5",
      "1", "9007199254740992", "9007199254740993", "9223372036854775807", "9223372036854775808.0",
      "9223372036854775809", "1e19", "10000000000000000001", #""""#, #""A""#, #""a""#, #""aa""#, #""é""#,
      #""\uffff""#, #""\ud83d\ude00""#, "[]", "[null]", "[1]", "[1,2]", "[2]", "{}", #"{"a":1}"#,
      #"{"a":1,"b":0}"#, #"{"a":2}"#, #"{"b":0}"#,
    ]
    for (i, left) in ascending.enumerated() {
      for (j, right) in ascending.enumerated() {
        let order = JSONValue.order(try JSONValue(parsing: bytes(left)), try JSONValue(parsing: bytes(right)))
        #expect(order == (i < j ? .before : i == j ? .same : .after), "\(left) \(right)")
      }
    }
  }

  @Test(
    "numbers of one value are equal however they are written",
    arguments: [
      ("1", "1.0"), ("100", "1e2"), ("0", "-0.0"), ("-0", "0"), ("1e19", "10000000000000000000"),
      ("-1e22", "-10000000000000000000000"),
      ("1e23", "99999999999999991611392"), (#"{"a":1,"b":2}"#, #"{"b":2,"a":1.0}"#),
    ])
  func equality(_ left: String, _ right: String) throws {
    #expect(
      JSONValue.order(try JSONValue(parsing: bytes(left)), try JSONValue(parsing: bytes(right))) == .same)
  }

  @Test("a remainder is taken of integers of any length, and of doubles without fraction")
  func remainders() throws {
    let documents = [
      ("a", #"{"n":9223372036854775817}"#), ("b", #"{"n":-9223372036854775808}"#), ("c", #"{"n":4.0}"#),
      ("d", #"{"n":4.5}"#), ("e", #"{"n":1e300}"#), ("f", #"{"n":-9223372036854775817}"#),
    ]
    #expect(try run(#"{"selector":{"n":{"$mod":[10,7]}}}"#, documents).keys == ["a"])
    #expect(try run(#"{"selector":{"n":{"$mod":[10,-7]}}}"#, documents).keys == ["f"])
    #expect(try run(#"{"selector":{"n":{"$mod":[-1,0]}}}"#, documents).keys == ["a", "b", "c", "f"])
    #expect(try run(#"{"selector":{"n":{"$mod":[-9223372036854775808,0]}}}"#, documents).keys == ["b"])
  }

  @Test("results are sorted by fields, then by key, and both descend together")
  func sorting() throws {
    let documents = [
      ("1", #"{"a":2,"b":"x"}"#), ("2", #"{"a":1,"b":"y"}"#), ("3", #"{"a":2}"#), ("4", #"{"a":1,"b":"x"}"#),
      ("5", #"{"b":"x"}"#), ("6", #"{"a":"1","b":"z"}"#),
    ]
    #expect(try run(#"{"selector":{},"sort":["a"]}"#, documents).keys == ["2", "4", "1", "3", "6"])
    #expect(try run(#"{"selector":{},"sort":[{"a":"desc"}]}"#, documents).keys == ["6", "3", "1", "4", "2"])
    #expect(try run(#"{"selector":{},"sort":["a",{"b":"asc"}]}"#, documents).keys == ["4", "2", "1", "6"])
    #expect(
      try run(#"{"selector":{},"sort":[{"_id":"desc"}]}"#, documents).keys == ["6", "5", "4", "3", "2", "1"])
    #expect(
      try run(#"{"selector":{},"sort":[]}"#, documents.reversed()).keys == ["1", "2", "3", "4", "5", "6"])
  }

  @Test(
    "without fields a value is returned byte for byte, with fields its members in the document's order"
  )
  func projection() throws {
    let text = #" {"b" : 1.50, "a":{"y":[1,{"z":"\u00e9\n"}],"x":2}, "b\u0022":true, "a.b":null} "#
    let documents = [("k", text), ("raw", "\u{1}")]
    func values(_ fields: String) throws -> [String] {
      try run(#"{"selector":{},"fields":\#(fields)}"#, documents).values
    }
    #expect(try run(#"{"selector":{}}"#, documents).values == [text, "\u{1}"])
    #expect(try values(#"["a","b"]"#) == [#"{"b":1.50,"a":{"y":[1,{"z":"é\n"}],"x":2}}"#, "{}"])
    #expect(try values(#"["a.x","nothing","b.c"]"#) == [#"{"a":{"x":2}}"#, "{}"])
    #expect(try values(#"["a.y.1.z","a.y.0"]"#) == [#"{"a":{"y":{"0":1,"1":{"z":"é\n"}}}}"#, "{}"])
    #expect(try values(#"["a.x","a"]"#) == [#"{"a":{"y":[1,{"z":"é\n"}],"x":2}}"#, "{}"])
    #expect(try values(#"["b\"","a\\.b"]"#) == [#"{"b\"":true,"a.b":null}"#, "{}"])
    #expect(try values(#"["_id","~version"]"#) == ["{}", "{}"])
    #expect(try values("[]") == ["{}", "{}"])
  }

  @Test("limit, skip, page size and total limit cut the results")
  func limits() throws {
    #expect(try run(#"{"selector":{},"limit":2}"#).keys == ["ann", "bob"])
    #expect(try run(#"{"selector":{},"limit":2,"skip":3}"#).keys == ["dan", "eve"])
    #expect(try run(#"{"selector":{},"limit":0}"#).keys.isEmpty)
    #expect(try run(#"{"selector":{},"skip":99999999999999999999}"#).keys.isEmpty)
    #expect(try run(#"{"selector":{},"limit":99999999999999999999}"#).keys.count == 6)
    let three = QueryMetadata(pageSize: 3, bookmark: .empty)
    #expect(try run(#"{"selector":{},"limit":1}"#, page: three).keys == ["ann", "bob", "cyd"])
    #expect(try run(#"{"selector":{}}"#, page: three, limit: 2).keys == ["ann", "bob"])
    #expect(try run(#"{"selector":{}}"#, limit: 0).keys.isEmpty)
    #expect(try run(#"{"selector":{},"limit":6}"#).hasMore == false)
    #expect(try run(#"{"selector":{},"limit":5}"#).hasMore)
  }

  @Test("a bookmark goes on after the page's last result, although documents come and go")
  func bookmarks() throws {
    let query = #"{"selector":{"age":{"$gt":null}},"sort":[{"age":"desc"}]}"#
    let first = try run(query, page: QueryMetadata(pageSize: 2, bookmark: .empty))
    #expect(first.keys == ["dan", "bob"])
    let second = try run(query, page: QueryMetadata(pageSize: 2, bookmark: first.bookmark))
    #expect(second.keys == ["ann", "cyd"] && !second.hasMore)
    let changed = people.filter { $0.0 != "bob" } + [("zoe", #"{"age":31}"#), ("abe", #"{"age":99}"#)]
    let page = QueryMetadata(pageSize: 9, bookmark: first.bookmark)
    #expect(try run(query, changed, page: page).keys == ["zoe", "ann", "cyd"])
    let end = try run(query, page: QueryMetadata(pageSize: 2, bookmark: second.bookmark))
    #expect(end.keys.isEmpty && end.bookmark == second.bookmark)
    let none = try run(#"{"selector":{"age":"never"}}"#)
    #expect(none.bookmark == "nil")
    #expect(try run(#"{"selector":{},"bookmark":"nil","limit":1}"#).keys == ["ann"])
    let inQuery = #"{"selector":{},"sort":["age"],"bookmark":"\#(second.bookmark)"}"#
    #expect(try run(inQuery).keys == ["ann", "bob", "dan"])
  }

  @Test("a deeply nested value and a key that is not UTF-8 can be bookmarked")
  func hardBookmarks() throws {
    let deep = String(repeating: "[", count: 99) + String(repeating: "]", count: 99)
    let text = #"{"a":\#(deep)}"#
    let documents = [WireString(bytes: [0xFE]), WireString(bytes: [0xFF])].map {
      (key: $0, value: bytes(text))
    }
    let first = try MangoQuery(parsing: #"{"selector":{},"sort":["a"],"limit":1}"#).run(documents: documents)
    #expect(first.results.map(\.key.bytes) == [[0xFE]])
    let page = QueryMetadata(pageSize: 1, bookmark: first.bookmark)
    let second = try MangoQuery(parsing: #"{"selector":{},"sort":["a"]}"#, page: page).run(
      documents: documents)
    #expect(second.results.map(\.key.bytes) == [[0xFF]])
  }

  @Test("documents in key order are read only up to the end of the page")
  func stopsEarly() throws {
    let keys = sequence(first: 1_000_000) { $0 + 1 }  // endless
    let documents = keys.lazy.map { (key: WireString("\($0)"), value: bytes(#"{"even":\#($0 % 2 == 0)}"#)) }
    let page = try MangoQuery(parsing: #"{"selector":{"even":true},"limit":3}"#)
      .run(documents: documents, inKeyOrder: true)
    #expect(page.keys == ["1000000", "1000002", "1000004"] && page.hasMore)
  }

  @Test(
    "what Go does not take for a JSON object is an attachment",
    arguments: [
      "", "null", "1", "\u{FEFF}{}", #"{"a":1}x"#, #"{"a":1,}"#, #"{"a":01}"#, #"{"a":1,"b":1e400}"#,
      #"{'a':1}"#,
      #"{"a":1,"b":1\#(String(repeating: "0", count: 400))}"#, "{\"a\":1,\"b\":\"\u{1}\"}",
    ])
  func attachments(_ value: String) throws {
    #expect(try run(#"{"selector":{"a":{"$gt":null}}}"#, [("k", value)]).keys.isEmpty)
    #expect(try run(#"{"selector":{"_id":"k"}}"#, [("k", value)]).values == [value])
  }

  @Test("bytes that are not UTF-8, halves of surrogates and repeated names are read as Go reads them")
  func goReading() throws {
    let broken = bytes(#"{"a":1,"s":""#) + [0xE2, 0x82, 0x41] + bytes(#"\ud800x","a":2}"#)
    let query = try MangoQuery(parsing: "{\"selector\":{\"a\":2,\"s\":\"\u{FFFD}\u{FFFD}A\u{FFFD}x\"}}")
    #expect(query.matches(key: "k", value: broken))
  }

  @Test("a query and a document may be nested to the limit", arguments: ["$not", "$elemMatch", "$and", "a"])
  func nesting(_ name: String) throws {
    let (open, close, levels) = name == "$and" ? ("[{", "}]", 48) : ("{", "}", 97)
    func nested(_ levels: Int) -> String {
      let opening = String(repeating: "\"\(name)\":\(open)", count: levels)
      return "{\"selector\":{\"a\":{\(opening)\"$gt\":0\(String(repeating: close, count: levels))}}}"
    }
    let arrays = String(repeating: "[", count: 99) + "1" + String(repeating: "]", count: 99)
    let objects = String(repeating: "{\"a\":", count: 99) + "1" + String(repeating: "}", count: 99)
    let query = try MangoQuery(parsing: nested(levels))
    #expect(
      query.matches(key: "k", value: bytes("{\"a\":\(arrays)}")) == ["$elemMatch", "$and"].contains(name))
    #expect(query.matches(key: "k", value: bytes("{\"a\":\(objects)}")) == ["$and", "a"].contains(name))
    #expect(throws: LedgerError.self) { try MangoQuery(parsing: nested(levels + 1)) }
  }

  @Test("a regular expression that would run for ever is no match")
  func catastrophicRegex() throws {
    let documents = [("k", #"{"s":"\#(String(repeating: "a", count: 40))b"}"#)]
    #expect(try run(#"{"selector":{"s":{"$regex":"(a+)+$"}}}"#, documents).keys.isEmpty)
    let long = [("k", #"{"s":"\#(String(repeating: "a", count: 300_000))b"}"#)]
    #expect(try run(#"{"selector":{"s":{"$regex":"b$"}}}"#, long).keys == ["k"])
    #expect(try run(#"{"selector":{"s":{"$regex":"^(a|b)*$"}}}"#, long).keys.isEmpty)  // ICU's stack
  }
}
