internal import MessageFSM

extension InMemorySimulator {
  func getState(namespace: WireString, key: WireString) throws -> [UInt8]? {
    try reading { (state) throws(LedgerError) in read(&state, namespace, key)?.value }
  }

  func getStateMultiple(namespace: WireString, keys: [WireString]) throws -> [[UInt8]?] {
    try reading { (state) throws(LedgerError) in
      var values: [[UInt8]?] = []
      for key in keys { values.append(read(&state, namespace, key)?.value) }
      return values
    }
  }

  func getStateMetadata(namespace: WireString, key: WireString) throws -> [StateMetadata] {
    try reading { (state) throws(LedgerError) in
      try StoredMetadata.entries(read(&state, namespace, key)?.metadata ?? [])
    }
  }

  func getStateRange(namespace: WireString, startKey: WireString, endKey: WireString) throws
    -> any ResultsIterator
  {
    try reading { (state) throws(LedgerError) in
      try range(&state, namespace, startKey, endKey, limit: 0)
    }
  }

  func getStateRange(namespace: WireString, startKey: WireString, endKey: WireString, pageSize: Int32) throws
    -> any ResultsIterator
  {
    try changing { (state) throws(LedgerError) in
      try checkMayPage(&state)
      try checkNotDone(state)
      return try range(&state, namespace, startKey, endKey, limit: pageSize)
    }
  }

  func executeQuery(namespace: WireString, query: WireString) throws -> any ResultsIterator {
    try reading { (_) throws(LedgerError) in }
    let page = try richQuery(namespace, query, QueryMetadata(), "ExecuteQuery not supported for leveldb")
    return RichQueryIterator(page: page, namespace: namespace, simulator: self)
  }

  func executeQuery(namespace: WireString, query: WireString, page: QueryMetadata) throws
    -> any ResultsIterator
  {
    try changing { (state) throws(LedgerError) in
      try checkMayPage(&state)
      try checkNotDone(state)
    }
    let page = try richQuery(
      namespace, query, page,
      options.fabricVersion == .v1_4
        ? "ExecuteQueryWithMetadata not supported for leveldb"
        : "ExecuteQueryWithPagination not supported for leveldb")
    return RichQueryIterator(page: page, namespace: namespace, simulator: self)
  }

  /// Looks at every document of a table, which never changes, so outside of the lock: ``done()`` must not wait for it.
  private func richQuery(
    _ table: WireString, _ query: WireString, _ page: QueryMetadata, _ refusal: WireString
  ) throws(LedgerError) -> MangoPage {
    guard options.richQueries else { throw LedgerError(refusal) }
    let mango = try MangoQuery(
      parsing: query.bytes, page: page, totalQueryLimit: Int(options.totalQueryLimit))
    var cursor = database.cursor(table, from: .empty)
    let documents = AnyIterator { cursor.next().map { (key: $0.key, value: $0.value.value) } }
    return mango.run(documents: documents, inKeyOrder: true)
  }

  /// Notes a key that a rich query found.
  func noteRead(_ namespace: WireString, _ key: WireString) {
    let version = database.get(namespace, key)?.version
    note { $0.builder?.read(namespace, key, version) }
  }

  private func range(
    _ state: inout State, _ namespace: WireString, _ startKey: WireString, _ endKey: WireString, limit: Int32
  ) throws(LedgerError) -> RangeIterator {
    let iterator = try RangeIterator(
      database, table: namespace, namespace: namespace, startKey: startKey, endKey: endKey, limit: limit,
      notesReads: state.builder != nil)
    state.ranges.append(iterator)
    return iterator
  }

  // MARK: Private data

  func getPrivateData(namespace: WireString, collection: WireString, key: WireString) throws -> [UInt8]? {
    let name = CollectionName(namespace: namespace, collection: collection)
    return try changing { (state) throws(LedgerError) in
      try checkCollection(&state, name)
      try checkNotDone(state)
      let value = database.get(name.privateNamespace, key)
      let hashed = database.get(name.hashedNamespace, WireString(bytes: SHA256.hash(key.bytes)))
      // A block can be committed without its private data; then the value is missing, or is an older one.
      guard value?.version == hashed?.version else {
        let (known, own) = (Self.text(hashed?.version), Self.text(value?.version))
        throw LedgerError(
          WireString(
            "private data matching public hash version is not available. Public hash version = \(known), Private data version = \(own)"
          ))
      }
      state.builder?.readPrivate(name, key, value?.version)
      return value?.value
    }
  }

  private static func text(_ version: Height?) -> String { version.map { "\($0)" } ?? "<nil>" }

  /// Unlike ``getPrivateData(namespace:collection:key:)``, Fabric does not compare the versions here.
  func getPrivateDataMultiple(namespace: WireString, collection: WireString, keys: [WireString]) throws
    -> [[UInt8]?]
  {
    let name = CollectionName(namespace: namespace, collection: collection)
    return try changing { (state) throws(LedgerError) in
      try checkCollection(&state, name)
      try checkNotDone(state)
      var values: [[UInt8]?] = []
      for key in keys {
        let value = database.get(name.privateNamespace, key)
        state.builder?.readPrivate(name, key, value?.version)
        values.append(value?.value)
      }
      return values
    }
  }

  func getPrivateDataHash(namespace: WireString, collection: WireString, key: WireString) throws -> [UInt8]? {
    try hashed(CollectionName(namespace: namespace, collection: collection), key)?.value
  }

  func getPrivateDataMetadata(namespace: WireString, collection: WireString, key: WireString) throws
    -> [StateMetadata]
  {
    let value = try hashed(CollectionName(namespace: namespace, collection: collection), key)
    return try StoredMetadata.entries(value?.metadata ?? [])
  }

  private func hashed(_ name: CollectionName, _ key: WireString) throws(LedgerError) -> VersionedValue? {
    try changing { (state) throws(LedgerError) in
      try checkCollection(&state, name)
      try checkNotDone(state)
      let value = database.get(name.hashedNamespace, WireString(bytes: SHA256.hash(key.bytes)))
      state.builder?.readPrivate(name, key, value?.version)
      return value
    }
  }

  func getPrivateDataRange(
    namespace: WireString, collection: WireString, startKey: WireString, endKey: WireString
  ) throws -> any ResultsIterator {
    let name = CollectionName(namespace: namespace, collection: collection)
    return try changing { (state) throws(LedgerError) in
      try checkMayQueryPrivate(&state)
      try checkCollection(&state, name)
      try checkNotDone(state)
      return try RangeIterator(
        database, table: name.privateNamespace, namespace: namespace, startKey: startKey, endKey: endKey,
        notesReads: false)
    }
  }

  func executeQueryOnPrivateData(namespace: WireString, collection: WireString, query: WireString) throws
    -> any ResultsIterator
  {
    let name = CollectionName(namespace: namespace, collection: collection)
    try changing { (state) throws(LedgerError) in
      try checkMayQueryPrivate(&state)
      try checkCollection(&state, name)
      try checkNotDone(state)
    }
    let page = try richQuery(
      name.privateNamespace, query, QueryMetadata(), "ExecuteQuery not supported for leveldb")
    return RichQueryIterator(page: page, namespace: namespace, simulator: nil)
  }
}
