public import MessageFSM

// The public state: single keys, several keys, their endorsement policies.
extension ChaincodeStub {
  /// The committed value of `key`; `nil` if there is none (`GetState`).
  ///
  /// The transaction's own writes are not seen.
  ///
  /// - Throws: ``TransactionError`` if the peer refuses, the stream ends, or the transaction is given up.
  @inlinable
  public func getState(_ key: some WireStringConvertible) async throws(TransactionError) -> [UInt8]? {
    try await value(.getState(GetState(key: key.wireString)))
  }

  /// The committed values of several keys, in their order (`GetMultipleStates`, Fabric 3.1).
  ///
  /// Asked in as few messages as the peer offers, else one by one; without keys nothing is asked.
  ///
  /// - Throws: ``TransactionError`` as ``getState(_:)``.
  public func getMultipleStates(_ keys: [some WireStringConvertible]) async throws(TransactionError)
    -> [[UInt8]?]
  {
    try await values(wireStrings(keys), collection: .empty)
  }

  /// Writes `value` at `key` when the transaction is committed; an empty value deletes (`PutState`).
  ///
  /// - Throws: ``TransactionError`` if the key is empty, the peer refuses, the stream ends, or the transaction is given up.
  @inlinable
  public func putState(_ key: some WireStringConvertible, _ value: [UInt8]) async throws(TransactionError) {
    try await write(PutState(key: try nonEmptyKey(key.wireString), value: value))
  }

  /// Deletes `key` when the transaction is committed (`DelState`).
  ///
  /// - Throws: ``TransactionError`` if the peer refuses, the stream ends, or the transaction is given up.
  public func delState(_ key: some WireStringConvertible) async throws(TransactionError) {
    try await write(DelState(key: key.wireString))
  }

  /// Sets the endorsement policy of `key` (`SetStateValidationParameter`).
  ///
  /// - Throws: ``TransactionError`` as ``delState(_:)``.
  public func setStateValidationParameter(
    _ key: some WireStringConvertible, _ policy: [UInt8]
  ) async throws(TransactionError) {
    try await writeMetadata(key.wireString, policy, collection: .empty)
  }

  /// The endorsement policy of `key`; `nil` if it has none (`GetStateValidationParameter`).
  ///
  /// - Throws: ``TransactionError`` as ``getState(_:)``.
  public func getStateValidationParameter(
    _ key: some WireStringConvertible
  ) async throws(TransactionError) -> [UInt8]? {
    try await metadata(key.wireString, collection: .empty)
  }

  // MARK: Shared with private data

  func wireStrings<Key: WireStringConvertible>(_ keys: [Key]) -> [WireString] { Key.wireStrings(keys) }

  @usableFromInline
  func value(_ request: consuming Payload) async throws(TransactionError) -> [UInt8]? {
    let bytes = try await transaction.call(request).wireBytes()
    return bytes.isEmpty ? nil : bytes
  }

  func values(_ keys: [WireString], collection: WireString) async throws(TransactionError) -> [[UInt8]?] {
    guard let limit = offer.getMultipleLimit else {
      var values: [[UInt8]?] = []
      for key in keys {
        values.append(try await value(.getState(GetState(key: key, collection: collection))))
      }
      return values
    }
    if keys.isEmpty { return [] }
    if keys.count <= limit { return try await segment(keys, collection) }
    var values: [[UInt8]?] = []
    var rest = keys[...]
    while !rest.isEmpty {
      values += try await segment(Array(rest.prefix(limit)), collection)
      rest = rest.dropFirst(limit)
    }
    return values
  }

  private func segment(
    _ keys: [WireString], _ collection: WireString
  ) async throws(TransactionError) -> [[UInt8]?] {
    let answer = try await transaction.call(
      .getStateMultiple(GetStateMultiple(keys: keys, collection: collection)))
    if case .multiple(let result) = answer { return result.found }
    guard let result = try? GetStateMultipleResult(wireBytes: answer.wireBytes()) else {
      throw TransactionError(.unreadable, "could not unmarshal get state multiple keys response")
    }
    return result.found
  }

  @usableFromInline
  func write(_ put: PutState) async throws(TransactionError) {
    if batched(WriteRecord(type: 9, key: put.key, value: put.value, collection: put.collection)) { return }
    _ = try await transaction.call(.putState(put))
  }

  func write(_ del: DelState) async throws(TransactionError) {
    if batched(WriteRecord(type: 10, key: del.key, collection: del.collection)) { return }
    _ = try await transaction.call(.delState(del))
  }

  func metadata(_ key: WireString, collection: WireString) async throws(TransactionError) -> [UInt8]? {
    let answer = try await transaction.call(
      .getStateMetadata(GetStateMetadata(key: key, collection: collection)))
    let result: StateMetadataResult
    if case .metadata(let typed) = answer {
      result = typed
    } else if let read = try? StateMetadataResult(wireBytes: answer.wireBytes()) {
      result = read
    } else {
      throw TransactionError(.unreadable, "Could not unmarshal metadata response")
    }
    let value = result.entries.last { $0.metakey == StateMetadata.validationParameter }?.value
    return value?.isEmpty == true ? nil : value
  }

  func writeMetadata(
    _ key: WireString, _ policy: [UInt8], collection: WireString
  ) async throws(TransactionError) {
    let metadata = StateMetadata(metakey: StateMetadata.validationParameter, value: policy)
    if batched(WriteRecord(type: 21, key: key, collection: collection, metadata: metadata)) { return }
    _ = try await transaction.call(
      .putStateMetadata(PutStateMetadata(key: key, metadata: metadata, collection: collection)))
  }

  @usableFromInline
  func nonEmptyKey(_ key: WireString) throws(TransactionError) -> WireString {
    if key.isEmpty { throw TransactionError(.invalidArgument, "key must not be an empty string") }
    return key
  }
}
