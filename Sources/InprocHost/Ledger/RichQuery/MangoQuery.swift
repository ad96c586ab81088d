package import MessageFSM

/// A query in CouchDB's language Mango, as Fabric's chaincode gives it to `GetQueryResult`.
///
/// Pure: it is asked with documents and keeps nothing. Differences from a Fabric peer on CouchDB:
/// - No index is needed or used (`use_index` is read and ignored), so `sort` works without one, and results
///   without a `sort` are in the order of their keys, where CouchDB gives them in the order of the index that
///   it chose.
/// - Strings are ordered by code point, not by ICU: see ``JSONValue/order(_:_:)``. Regular expressions: see
///   ``MangoRegex``.
/// - Fabric stores values as Go writes them: numbers rounded to doubles, members sorted. Here results are the
///   stored bytes, and numbers keep all their digits.
/// - `limit` counts where no page size is given. Fabric overrides it always.
/// - Text may not follow the query's JSON object. Fabric ignores it.
/// - Nesting is bounded: a deeper query is refused, a deeper value is an attachment.
/// - `$nor` in `$elemMatch` and the like works. CouchDB fails inside, and finds nothing.
package struct MangoQuery: Sendable {
  private let selector: MangoSelector
  private let sort: MangoSort
  private let projection: MangoProjection?
  private let skip: Int
  private let count: Int
  private let bookmark: WireString
  private let start: MangoPosition?

  /// Reads a query.
  ///
  /// - Parameters:
  ///   - text: A JSON object with a `selector`.
  ///   - page: The page of a paginated query; its size comes before the query's `limit`, its bookmark before
  ///     the query's.
  ///   - totalQueryLimit: The most results of any page, Fabric's `ledger.state.totalQueryLimit`.
  /// - Throws: what is wrong with the query, by name and rule; the text is Fabric's and CouchDB's where they
  ///   have one.
  package init(
    parsing text: String, page: QueryMetadata = QueryMetadata(), totalQueryLimit: Int = .max
  ) throws(LedgerError) {
    try self.init(parsing: Array(text.utf8), page: page, totalQueryLimit: totalQueryLimit)
  }

  /// Reads a query from bytes, which may be anything.
  ///
  /// - Parameters:
  ///   - bytes: A JSON object with a `selector`.
  ///   - page: The page of a paginated query; its size comes before the query's `limit`, its bookmark before
  ///     the query's.
  ///   - totalQueryLimit: The most results of any page, Fabric's `ledger.state.totalQueryLimit`.
  /// - Throws: what is wrong with the query, by name and rule; the text is Fabric's and CouchDB's where they
  ///   have one.
  package init(
    parsing bytes: [UInt8], page: QueryMetadata = QueryMetadata(), totalQueryLimit: Int = .max
  ) throws(LedgerError) {
    let options = try MangoOptions(parsing: bytes)
    self.selector = options.selector
    self.sort = options.sort
    self.projection = options.projection
    self.skip = options.skip
    let asked = page.pageSize > 0 ? Int(page.pageSize) : options.limit ?? .max
    self.count = max(0, min(asked, totalQueryLimit))
    self.bookmark = page.bookmark.isEmpty ? options.bookmark : page.bookmark
    let isStart = bookmark.isEmpty || bookmark == MangoPosition.none
    self.start = isStart ? nil : try MangoPosition(bookmark: bookmark, fields: options.sort.fields.count)
  }

  /// Whether one document is a result of the query, page and bookmark aside.
  package func matches(key: WireString, value: [UInt8]) -> Bool {
    let document = MangoDocument.json(key: key, value: value)
    return selector.matches(document) && sort.position(of: document, key: key) != nil
  }

  /// The page of results among these documents.
  ///
  /// Memory is needed for about twice the results up to the end of the page, not for all that match.
  ///
  /// - Parameters:
  ///   - documents: The keys and values of a namespace; each key once.
  ///   - inKeyOrder: Whether the keys ascend. A query without `sort` then stops at the end of its page.
  /// - Returns: The page. A value that is not a JSON object is a document that has nothing but its key.
  package func run(
    documents: some Sequence<(key: WireString, value: [UInt8])>, inKeyOrder: Bool = false
  ) -> MangoPage {
    let needed = Self.sum(Self.sum(skip, count), 1)
    let trimAt = Self.sum(Self.sum(needed, needed), 1024)
    let stopsEarly = inKeyOrder && sort.fields.isEmpty
    var rows: [Row] = []
    for (key, value) in documents {
      if let start, sort.fields.isEmpty, key <= start.key { continue }
      guard let row = row(key, value) else { continue }
      rows.append(row)
      if stopsEarly && rows.count >= needed { break }
      if rows.count >= trimAt { trim(&rows, to: needed) }
    }
    trim(&rows, to: needed)
    return page(of: rows.dropFirst(skip))
  }

  private struct Row {
    let position: MangoPosition
    let value: [UInt8]
  }

  private func row(_ key: WireString, _ value: [UInt8]) -> Row? {
    let document = MangoDocument.json(key: key, value: value)
    guard selector.matches(document), let position = sort.position(of: document, key: key) else { return nil }
    if let start, !sort.precedes(start, position) { return nil }
    return Row(position: position, value: value)
  }

  private func trim(_ rows: inout [Row], to count: Int) {
    rows.sort { sort.precedes($0.position, $1.position) }
    if rows.count > count { rows.removeLast(rows.count - count) }
  }

  private func page(of rows: ArraySlice<Row>) -> MangoPage {
    let chosen = rows.prefix(count)
    let none = bookmark.isEmpty ? MangoPosition.none : bookmark
    return MangoPage(
      results: chosen.map { ($0.position.key, result($0)) },
      bookmark: chosen.last?.position.bookmark ?? none,
      hasMore: rows.count > chosen.count)
  }

  private func result(_ row: Row) -> [UInt8] {
    guard let projection else { return row.value }
    return projection.object(of: MangoDocument.json(key: row.position.key, value: row.value)).text
  }

  private static func sum(_ left: Int, _ right: Int) -> Int {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }
}
