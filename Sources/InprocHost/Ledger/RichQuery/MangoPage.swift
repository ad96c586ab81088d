package import MessageFSM

/// One page of a query's results.
package struct MangoPage: Sendable {
  /// A result: the key and its value, or what the query's `fields` leave of it.
  package typealias Result = (key: WireString, value: [UInt8])

  /// The results in the order of the query.
  package var results: [Result]
  /// Where the next page begins.
  ///
  /// Opaque; as in CouchDB never empty: a page without results has the bookmark it was asked with, or `nil`
  /// (the text) if it was the first.
  package var bookmark: WireString
  /// Whether there are results after the page, which CouchDB does not tell.
  package var hasMore: Bool
}
