internal import MessageFSM

/// The results of a rich query; each that is taken is noted as read, since nothing else could check the query at commit
/// (Fabric `queryResultsItr`).
final class RichQueryIterator: ResultsIterator {
  private let namespace: WireString
  private let page: MangoPage
  private let simulator: InMemorySimulator?
  private let next_ = Locked(0)

  /// Results whose reads are noted in `simulator`; there is none for private data, whose queries may not be followed by writes.
  init(page: MangoPage, namespace: WireString, simulator: InMemorySimulator?) {
    self.page = page
    self.namespace = namespace
    self.simulator = simulator
  }

  func next() -> QueryResult? {
    let index = next_.withLock { next in
      defer { if next < page.results.count { next += 1 } }
      return next
    }
    guard index < page.results.count else { return nil }
    let (key, value) = page.results[index]
    simulator?.noteRead(namespace, key)
    return .kv(KV(namespace: namespace, key: key, value: value))
  }

  func bookmark() -> WireString { page.bookmark }

  func close() { next_.withLock { $0 = page.results.count } }
}
