import InprocHost
import MessageFSM
import Testing

/// SplitMix64.
private struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: 0..<elements.count, using: &self)]
  }

  mutating func chance(_ part: Int) -> Bool { Int.random(in: 0..<part, using: &self) == 0 }
}

private let operators = [
  "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$and", "$or", "$nor", "$not", "$exists",
  "$type",
  "$regex", "$elemMatch", "$allMatch", "$size", "$mod", "$all", "$keyMapMatch", "$beginsWith", "$text",
  "$foo",
]
private let names = ["a", "b", "c", "a.b", "a.0", #"a\\.b"#, "_id", "~version", "", "0", "é"]
private let scalars = [
  "null", "true", "false", "0", "-0", "1", "2", "-7", "1.5", "4.0", "1e308", "-1e-400", "9223372036854775807",
  "-9223372036854775808", "9223372036854775808", "123456789012345678901234567890", #""""#, #""a""#, #""é""#,
  #""\ud800""#, #""number""#, #""^a+.*(b|c)?$""#, #""(a+)+b""#, #""[""#, "[]", "{}", "[2,0]", "[-1,0]",
  "[0,0]",
]

private func value(_ depth: Int, _ generator: inout Generator) -> String {
  if depth == 0 || generator.chance(2) { return generator.pick(scalars) }
  let parts = (0..<Int.random(in: 0...3, using: &generator)).map { _ in value(depth - 1, &generator) }
  if generator.chance(2) { return "[\(parts.joined(separator: ","))]" }
  return "{\(parts.map { "\"\(generator.pick(names))\":\($0)" }.joined(separator: ","))}"
}

private func operand(_ name: String, _ depth: Int, _ generator: inout Generator) -> String {
  if generator.chance(12) { return value(2, &generator) }
  switch name {
  case "$and", "$or", "$nor":
    let parts = (0..<Int.random(in: 0...3, using: &generator)).map { _ in selector(depth - 1, &generator) }
    return "[\(parts.joined(separator: ","))]"
  case "$not", "$elemMatch", "$allMatch", "$keyMapMatch": return selector(depth - 1, &generator)
  case "$in", "$nin", "$all": return "[\(value(1, &generator)),\(value(1, &generator))]"
  case "$exists": return generator.pick(["true", "false"])
  case "$type": return generator.pick([#""number""#, #""string""#, #""array""#])
  case "$regex": return generator.pick([#""^a""#, #""(a|b)*""#, #""é.""#, #""(""#])
  case "$mod": return generator.pick(["[2,0]", "[-1,0]", "[3,-1]", "[-9223372036854775808,0]"])
  case "$size": return generator.pick(["0", "1", "2", "99999999999999999999"])
  default: return value(2, &generator)
  }
}

private func selector(_ depth: Int, _ generator: inout Generator) -> String {
  if depth <= 0 { return "{\"\(generator.pick(names))\":\(generator.pick(scalars))}" }
  let members = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
    let isOperator = generator.chance(2)
    let name = isOperator ? generator.pick(operators) : generator.pick(names)
    return "\"\(name)\":\(isOperator ? operand(name, depth, &generator) : selector(depth - 1, &generator))"
  }
  return "{\(members.joined(separator: ","))}"
}

private func query(_ generator: inout Generator) -> String {
  var text = "{\"selector\":\(selector(3, &generator))"
  if generator.chance(3) { text += ",\"sort\":[\"\(generator.pick(names))\",{\"a\":\"asc\"}]" }
  if generator.chance(3) { text += ",\"fields\":[\"\(generator.pick(names))\",\"a.b\",\"c\"]" }
  if generator.chance(3) { text += ",\"limit\":\(generator.pick(scalars))" }
  if generator.chance(3) { text += ",\"skip\":\(Int.random(in: 0...3, using: &generator))" }
  if generator.chance(9) { text += ",\"bookmark\":\(generator.pick(scalars))" }
  return text + "}"
}

private func mutated(_ text: String, _ generator: inout Generator) -> [UInt8] {
  var bytes = Array(text.utf8)
  for _ in 0..<Int.random(in: 0...3, using: &generator) where !bytes.isEmpty {
    let place = Int.random(in: 0..<bytes.count, using: &generator)
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
    case 1: bytes.remove(at: place)
    case 2: bytes.insert(generator.pick(Array(#"{}[]",:\$.0-e"#.utf8)), at: place)
    case 3: bytes.removeLast(bytes.count - place)
    default:
      let end = Int.random(in: place..<bytes.count, using: &generator)
      bytes.insert(contentsOf: bytes[place...end], at: Int.random(in: 0...bytes.count, using: &generator))
    }
  }
  return bytes
}

@Suite("Mango under mutation")
struct MangoMutationTests {
  @Test("no query of 10,000 random ones traps, and no document of 20,000", arguments: [UInt64](1...4))
  func mutations(_ seed: UInt64) {
    var generator = Generator(state: seed)
    var accepted = 0
    var found = 0
    for _ in 0..<2_500 {
      let documents = (0..<2).map { number in
        (key: WireString("k\(number)"), value: mutated(value(3, &generator), &generator))
      }
      let text = query(&generator)
      let bytes = generator.chance(2) ? Array(text.utf8) : mutated(text, &generator)
      do throws(LedgerError) {
        let query = try MangoQuery(parsing: bytes)
        let page = query.run(documents: documents)
        accepted += 1
        found += page.results.count
        let next = QueryMetadata(pageSize: 1, bookmark: page.bookmark)
        _ = try MangoQuery(parsing: bytes, page: next).run(documents: documents)
      } catch {
        #expect(!error.message.isEmpty)
      }
      let bookmark = WireString(bytes: mutated(#"WyJhdz09IiwxXQ=="#, &generator))
      _ = try? MangoQuery(parsing: bytes, page: QueryMetadata(pageSize: 1, bookmark: bookmark))
    }
    #expect(accepted > 100 && found > 100, "\(accepted) \(found)")
  }

  @Test("random bytes are never a query and never trap", arguments: [UInt64](5...6))
  func noise(_ seed: UInt64) {
    var generator = Generator(state: seed)
    for _ in 0..<2_000 {
      let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      #expect(throws: LedgerError.self) { try MangoQuery(parsing: bytes) }
    }
  }

  @Test("the pages of a query are together what the query finds at once", arguments: [UInt64](7...10))
  func pages(_ seed: UInt64) throws {
    var generator = Generator(state: seed)
    for round in 0..<50 {
      var documents = (0..<Int.random(in: 0...30, using: &generator)).map { number in
        (
          key: WireString("k\(number)"),
          value: Array(#"{"a":\#(value(1, &generator)),"b":\#(number % 3)}"#.utf8)
        )
      }
      documents.shuffle(using: &generator)
      let sort = generator.pick(["[]", #"["a"]"#, #"[{"b":"desc"}]"#, #"["b","a"]"#, #"[{"_id":"desc"}]"#])
      let text = #"{"selector":{"b":{"$lt":2}},"sort":\#(sort)}"#
      let all = try MangoQuery(parsing: text).run(documents: documents)
      var keys: [WireString] = []
      var page = QueryMetadata(pageSize: Int32.random(in: 1...5, using: &generator), bookmark: .empty)
      while true {
        let part = try MangoQuery(parsing: text, page: page).run(documents: documents)
        keys += part.results.map(\.key)
        #expect(part.hasMore == (keys.count < all.results.count))
        if part.results.isEmpty { break }
        page.bookmark = part.bookmark
      }
      #expect(keys == all.results.map(\.key), "seed \(seed), round \(round), \(text)")
    }
  }
}
