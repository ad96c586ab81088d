public import MessageFSM

// Private data: the same operations in a collection.
extension ChaincodeStub {
  /// The committed private value of `key`; `nil` if there is none (`GetPrivateData`).
  ///
  /// - Throws: ``TransactionError`` if the collection is empty, the peer refuses, the stream ends, or the transaction is given up.
  public func getPrivateData(
    _ collection: some WireStringConvertible, _ key: some WireStringConvertible
  ) async throws(TransactionError) -> [UInt8]? {
    let collection = try nonEmptyCollection(collection)
    return try await value(.getState(GetState(key: key.wireString, collection: collection)))
  }

  /// The committed private values of several keys, in their order (`GetMultiplePrivateData`, Fabric 3.1).
  ///
  /// - Throws: ``TransactionError`` as ``getPrivateData(_:_:)``.
  public func getMultiplePrivateData(
    _ collection: some WireStringConvertible, _ keys: [some WireStringConvertible]
  ) async throws(TransactionError) -> [[UInt8]?] {
    try await values(wireStrings(keys), collection: try nonEmptyCollection(collection))
  }

  /// The hash of a private value, which peers outside of the collection have too (`GetPrivateDataHash`).
  ///
  /// - Throws: ``TransactionError`` as ``getPrivateData(_:_:)``.
  public func getPrivateDataHash(
    _ collection: some WireStringConvertible, _ key: some WireStringConvertible
  ) async throws(TransactionError) -> [UInt8]? {
    let collection = try nonEmptyCollection(collection)
    return try await value(.getPrivateDataHash(GetState(key: key.wireString, collection: collection)))
  }

  /// Writes a private value; an empty one deletes (`PutPrivateData`).
  ///
  /// - Throws: ``TransactionError`` if collection or key is empty, or as ``getPrivateData(_:_:)``.
  public func putPrivateData(
    _ collection: some WireStringConvertible, _ key: some WireStringConvertible, _ value: [UInt8]
  ) async throws(TransactionError) {
    let collection = try nonEmptyCollection(collection)
    let key = try nonEmptyKey(key.wireString)
    try await write(PutState(key: key, value: value, collection: collection))
  }

  /// Deletes a private value (`DelPrivateData`).
  ///
  /// - Throws: ``TransactionError`` as ``getPrivateData(_:_:)``.
  public func delPrivateData(
    _ collection: some WireStringConvertible, _ key: some WireStringConvertible
  ) async throws(TransactionError) {
    let collection = try nonEmptyCollection(collection)
    try await write(DelState(key: key.wireString, collection: collection))
  }

  /// Deletes a private value and its history (`PurgePrivateData`, Fabric 2.5).
  ///
  /// - Throws: ``TransactionError`` as ``getPrivateData(_:_:)``.
  public func purgePrivateData(
    _ collection: some WireStringConvertible, _ key: some WireStringConvertible
  ) async throws(TransactionError) {
    let collection = try nonEmptyCollection(collection)
    let key = key.wireString
    if batched(WriteRecord(type: 23, key: key, collection: collection)) { return }
    _ = try await transaction.call(.purgePrivateData(PurgePrivateState(key: key, collection: collection)))
  }

  /// Sets the endorsement policy of a private key (`SetPrivateDataValidationParameter`).
  ///
  /// An empty collection is the public state, as in Fabric.
  ///
  /// - Throws: ``TransactionError`` if the peer refuses, the stream ends, or the transaction is given up.
  public func setPrivateDataValidationParameter(
    _ collection: some WireStringConvertible, _ key: some WireStringConvertible, _ policy: [UInt8]
  ) async throws(TransactionError) {
    try await writeMetadata(key.wireString, policy, collection: collection.wireString)
  }

  /// The endorsement policy of a private key; `nil` if it has none (`GetPrivateDataValidationParameter`).
  ///
  /// - Throws: ``TransactionError`` if the peer refuses, the stream ends, or the transaction is given up.
  public func getPrivateDataValidationParameter(
    _ collection: some WireStringConvertible, _ key: some WireStringConvertible
  ) async throws(TransactionError) -> [UInt8]? {
    try await metadata(key.wireString, collection: collection.wireString)
  }

  /// The private keys from `startKey` up to, but without, `endKey` (`GetPrivateDataByRange`).
  ///
  /// - Throws: ``TransactionError`` as ``getPrivateData(_:_:)``, or if a key begins with U+0000.
  public func getPrivateDataByRange(
    _ collection: some WireStringConvertible, from startKey: some WireStringConvertible,
    to endKey: some WireStringConvertible
  ) async throws(TransactionError) -> StateQueryIterator {
    let collection = try nonEmptyCollection(collection)
    let (start, end) = try simpleRange(startKey.wireString, endKey.wireString)
    return try await states(
      .getStateByRange(GetStateByRange(startKey: start, endKey: end, collection: collection)))
  }

  /// The private composite keys that begin with these attributes (`GetPrivateDataByPartialCompositeKey`).
  ///
  /// - Throws: ``TransactionError`` as ``getPrivateData(_:_:)``, or if an attribute cannot be part of a composite key.
  public func getPrivateDataByPartialCompositeKey(
    _ collection: some WireStringConvertible, _ objectType: some WireStringConvertible,
    _ attributes: [some WireStringConvertible]
  ) async throws(TransactionError) -> StateQueryIterator {
    let collection = try nonEmptyCollection(collection)
    let (start, end) = try compositeRange(objectType.wireString, attributes.map { $0.wireString })
    return try await states(
      .getStateByRange(GetStateByRange(startKey: start, endKey: end, collection: collection)))
  }

  /// The results of a rich query over a collection (`GetPrivateDataQueryResult`).
  ///
  /// - Throws: ``TransactionError`` as ``getPrivateData(_:_:)``.
  public func getPrivateDataQueryResult(
    _ collection: some WireStringConvertible, _ query: some WireStringConvertible
  ) async throws(TransactionError) -> StateQueryIterator {
    let collection = try nonEmptyCollection(collection)
    return try await states(.getQueryResult(GetQueryResult(query: query.wireString, collection: collection)))
  }

  private func nonEmptyCollection(
    _ collection: some WireStringConvertible
  ) throws(TransactionError) -> WireString {
    let collection = collection.wireString
    if collection.isEmpty {
      throw TransactionError(.invalidArgument, "collection must not be an empty string")
    }
    return collection
  }
}
