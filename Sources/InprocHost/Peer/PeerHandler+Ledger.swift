import MessageFSM

// What the ledger is asked for a request: the checks and their order are Fabric's (`chaincode.Handler.Handle…`).
extension PeerHandler {
  /// Answers what nearly every request is, a read or a write of the public state, without the frame that all others need.
  ///
  /// - Throws: as ``respond(to:in:)``. `nil` for any other request, and for one that has to be looked at closely.
  func answerPlainly(_ message: ChaincodeMessage, _ context: TransactionContext) async throws -> Answer? {
    guard let simulator = context.params.simulator else { return nil }
    switch message.payload {
    case .getState(let get) where get.collection.isEmpty && get.key.isValidUTF8:
      return value(try await simulator.getState(namespace: context.namespace, key: get.key))
    case .putState(let put) where put.collection.isEmpty && put.key.isValidUTF8:
      try await simulator.setState(namespace: context.namespace, key: put.key, value: put.value)
      return .bytes([])
    case _: return nil
    }
  }

  /// Answers the commonest requests of the public state by plain functions of the ledger.
  ///
  /// - Throws: as ``respond(to:in:)``. `nil` for any other request, and for one that has to be looked at closely.
  func plainAnswer(
    _ message: ChaincodeMessage, _ context: TransactionContext, _ simulator: any ImmediateSimulator
  ) throws -> Answer? {
    let namespace = context.namespace
    switch message.payload {
    case .getState(let get) where get.collection.isEmpty && get.key.isValidUTF8:
      return value(try simulator.getState(namespace: namespace, key: get.key))
    case .putState(let put) where put.collection.isEmpty && put.key.isValidUTF8:
      try simulator.setState(namespace: namespace, key: put.key, value: put.value)
      return .bytes([])
    case .getStateMultiple(let get) where get.collection.isEmpty && get.isValidUTF8:
      return values(try simulator.getStateMultiple(namespace: namespace, keys: get.keys))
    case .writeBatchState(let batch) where batch.isAtomic && !batch.namesCollection && batch.isValidUTF8:
      var writes: [StateWrite] = []
      writes.reserveCapacity(batch.records.count)
      // By index: an iterator copies each record.
      for index in batch.records.indices {
        let write = try stateWrite(batch.records[index], context)
        if needsCheck(write) { return nil }
        writes.append(write)
      }
      try simulator.applyWrites(writes)
      return .bytes([])
    case _: return nil
    }
  }

  /// Asks the ledger, or calls the other chaincode.
  ///
  /// - Throws: the reason, which is sent to the chaincode behind the type and the txid.
  func respond(to message: ChaincodeMessage, in context: TransactionContext) async throws -> Answer {
    if message.type == .invokeChaincode { return try await invokeChaincode(message, context) }
    guard let simulator = context.params.simulator else { throw LedgerError("no ledger context") }
    // An id is used up before the payload is read, as in Fabric.
    let iteratorID =
      switch message.type {
      case .getQueryResult, .getHistoryForKey: makeIteratorID()
      case _: WireString.empty
      }
    if message.type == .getStateMetadata || message.type == .putStateMetadata {
      try checkMetadataCapability(context)
    }
    switch try read(message) {
    case .getState(let get):
      if !get.collection.isEmpty {
        try await checkRead(get.collection, context, simulator)
        return value(
          try await simulator.getPrivateData(
            namespace: context.namespace, collection: get.collection, key: get.key))
      }
      return value(try await simulator.getState(namespace: context.namespace, key: get.key))
    case .getStateMultiple(let get):
      if !get.collection.isEmpty {
        try await checkRead(get.collection, context, simulator)
        return values(
          try await simulator.getPrivateDataMultiple(
            namespace: context.namespace, collection: get.collection, keys: get.keys))
      }
      return values(try await simulator.getStateMultiple(namespace: context.namespace, keys: get.keys))
    case .getPrivateDataHash(let get):
      try checkNotInit(context)
      return value(
        try await simulator.getPrivateDataHash(
          namespace: context.namespace, collection: get.collection, key: get.key))
    case .getStateMetadata(let get):
      if !get.collection.isEmpty {
        try await checkRead(get.collection, context, simulator)
        return .metadata(
          StateMetadataResult(
            entries: try await simulator.getPrivateDataMetadata(
              namespace: context.namespace, collection: get.collection, key: get.key)))
      }
      return .metadata(
        StateMetadataResult(
          entries: try await simulator.getStateMetadata(namespace: context.namespace, key: get.key)))
    case .putState(let put):
      try await write(
        StateWrite(
          namespace: context.namespace, collection: put.collection, key: put.key, operation: .set(put.value)),
        context, simulator)
    case .delState(let del):
      try await write(
        StateWrite(
          namespace: context.namespace, collection: del.collection, key: del.key, operation: .delete),
        context, simulator)
    case .putStateMetadata(let put):
      try await write(try metadataWrite(put.key, put.collection, put.metadata, context), context, simulator)
    case .purgePrivateData(let purge):
      try await write(
        StateWrite(
          namespace: context.namespace, collection: purge.collection, key: purge.key, operation: .purge),
        context, simulator)
    case .writeBatchState(let batch): try await write(batch, context, simulator)
    case .getStateByRange(let range):
      return .query(try await self.range(range, context, simulator))
    case .getQueryResult(let query):
      return .query(try await self.query(query, iteratorID, context, simulator))
    case .getHistoryForKey(let history):
      return .query(try await self.history(history, iteratorID, context))
    case .queryStateNext(let next):
      return .query(try await self.next(next.id, context))
    case .queryStateClose(let close):
      context.closeIterator(close.id)
      return .query(QueryResponse(results: [], hasMore: false, id: close.id))
    case let payload:
      // The machine lets requests through only.
      throw LedgerError("\(payload.type) is no request")
    }
    return .bytes([])
  }

  // MARK: Reading the payload

  func read(_ message: ChaincodeMessage) throws -> Payload {
    do throws(WireError) {
      let payload = try message.payload.typed()
      try payload.checkUTF8()
      return payload
    } catch {
      throw LedgerError("unmarshal failed: \(error.text(environment.version))")
    }
  }

  private func value(_ bytes: [UInt8]?) -> Answer {
    .bytes(bytes ?? [])
  }

  private func values(_ values: [[UInt8]?]) -> Answer {
    .multiple(GetStateMultipleResult(found: values))
  }

  // MARK: Checks

  private func checkMetadataCapability(_ context: TransactionContext) throws {
    guard environment.configuration.capabilities(context.channelID).keyLevelEndorsement else {
      throw LedgerError(
        "key level endorsement is not enabled, channel application capability of V1_3 or later is required")
    }
  }

  func checkNotInit(_ context: TransactionContext) throws {
    if context.isInit { throw LedgerError("private data APIs are not allowed in chaincode Init()") }
  }

  func checkRead(
    _ collection: WireString, _ context: TransactionContext, _ simulator: any TxSimulator
  ) async throws {
    try checkNotInit(context)
    if context.mayRead(collection) { return }
    guard
      try await collections().hasReadAccess(
        channel: context.channelID, namespace: context.namespace, collection: collection,
        proposal: context.params.signedProposal, executor: simulator)
    else { throw denied("read", collection, context) }
    context.grantRead(collection)
  }

  private func checkWrite(
    _ collection: WireString, _ context: TransactionContext, _ simulator: any TxSimulator
  ) async throws {
    try checkNotInit(context)
    // 1.4 leaves the collection's rules to the ledger.
    guard environment.version == .v3_1 else { return }
    guard
      try await collections().hasWriteAccess(
        channel: context.channelID, namespace: context.namespace, collection: collection,
        proposal: context.params.signedProposal, executor: simulator)
    else { throw denied("write", collection, context) }
  }

  private func collections() throws -> any CollectionStore {
    guard let collections = environment.configuration.collections else {
      throw LedgerError("the host was configured without a collection store, so private data is refused")
    }
    return collections
  }

  private func denied(
    _ access: String, _ collection: WireString, _ context: TransactionContext
  ) -> LedgerError {
    LedgerError(
      """
      tx creator does not have \(access) access permission on privatedata in \
      chaincodeName:\(context.namespace) collectionName: \(collection)
      """)
  }

  // MARK: Writes

  private func metadataWrite(
    _ key: WireString, _ collection: WireString, _ metadata: StateMetadata?, _ context: TransactionContext
  ) throws -> StateWrite {
    guard let metadata else {
      // A nil pointer in Fabric: the process dies in 1.4, 3.1.5 recovers with this text.
      throw LedgerError(
        environment.version == .v3_1
          ? "panic during execution" : "unmarshal failed: the metadata of PutStateMetadata is missing")
    }
    return StateWrite(
      namespace: context.namespace, collection: collection, key: key, operation: .setMetadata([metadata]))
  }

  /// Checks one write and notes it.
  private func write(
    _ write: StateWrite, _ context: TransactionContext, _ simulator: any TxSimulator
  ) async throws {
    if needsCheck(write) { try await check(write, context, simulator) }
    let (namespace, collection, key) = (write.namespace, write.collection, write.key)
    switch write.operation {
    case .set(let value):
      if collection.isEmpty {
        try await simulator.setState(namespace: namespace, key: key, value: value)
      } else {
        try await simulator.setPrivateData(
          namespace: namespace, collection: collection, key: key, value: value)
      }
    case .delete:
      if collection.isEmpty {
        try await simulator.deleteState(namespace: namespace, key: key)
      } else {
        try await simulator.deletePrivateData(namespace: namespace, collection: collection, key: key)
      }
    case .setMetadata(let metadata):
      if collection.isEmpty {
        try await simulator.setStateMetadata(namespace: namespace, key: key, metadata: metadata)
      } else {
        try await simulator.setPrivateDataMetadata(
          namespace: namespace, collection: collection, key: key, metadata: metadata)
      }
    case .purge:
      try await simulator.purgePrivateData(namespace: namespace, collection: collection, key: key)
    }
  }

  /// Whether anything has to be checked, which for a write of the public state is not worth a call that may suspend.
  private func needsCheck(_ write: StateWrite) -> Bool {
    if case .purge = write.operation { return true }
    return !write.collection.isEmpty
  }

  private func check(
    _ write: StateWrite, _ context: TransactionContext, _ simulator: any TxSimulator
  ) async throws {
    if write.operation == .purge {
      guard environment.configuration.capabilities(context.channelID).purgePrivateData else {
        throw LedgerError(
          "purge private data is not enabled, channel application capability of V2_5 or later is required")
      }
      if write.collection.isEmpty { throw LedgerError("only applicable for private data") }
    }
    if !write.collection.isEmpty { try await checkWrite(write.collection, context, simulator) }
  }

  /// Applies a batch: as Fabric does, one write after another until one is refused; or, if it is atomic, all or none.
  private func write(
    _ batch: WriteBatchState, _ context: TransactionContext, _ simulator: any TxSimulator
  ) async throws {
    var writes: [StateWrite] = []
    if batch.isAtomic { writes.reserveCapacity(batch.records.count) }
    // By index: an iterator copies each record.
    for index in batch.records.indices {
      let write = try stateWrite(batch.records[index], context)
      if batch.isAtomic {
        if needsCheck(write) { try await check(write, context, simulator) }
        writes.append(write)
      } else {
        try await self.write(write, context, simulator)
      }
    }
    if batch.isAtomic { try await simulator.applyWrites(writes) }
  }

  private func stateWrite(_ record: WriteRecord, _ context: TransactionContext) throws -> StateWrite {
    let operation: StateWrite.Operation
    switch MessageType(number: record.type) {
    case .putState: operation = .set(record.value)
    case .delState: operation = .delete
    case .purgePrivateData: operation = .purge
    case .putStateMetadata:
      try checkMetadataCapability(context)
      // In a batch Fabric reads absent metadata as empty, where its single message crashes.
      operation = .setMetadata([record.metadata ?? StateMetadata()])
    case _: throw LedgerError("unknown operation type")
    }
    return StateWrite(
      namespace: context.namespace, collection: record.collection, key: record.key, operation: operation)
  }
}

extension Payload {
  /// Whether the collection store may be asked for it.
  var mayNameCollection: Bool {
    switch self {
    case .getState(let get): !get.collection.isEmpty
    case .getStateMultiple(let get): !get.collection.isEmpty
    case .getStateMetadata(let get): !get.collection.isEmpty
    case .putState(let put): !put.collection.isEmpty
    case .delState(let del): !del.collection.isEmpty
    case .putStateMetadata(let put): !put.collection.isEmpty
    case .getStateByRange(let range): !range.collection.isEmpty
    case .getQueryResult(let query): !query.collection.isEmpty
    case .purgePrivateData(let purge): !purge.collection.isEmpty
    case .writeBatchState(let batch): batch.namesCollection
    // What nobody has read yet may name one.
    case .raw: true
    case .getPrivateDataHash, .queryStateNext, .queryStateClose, .getHistoryForKey, .invokeChaincode,
      .undefined, .register, .registered, .initialize, .ready, .transaction, .completed, .error, .response,
      .keepalive:
      false
    }
  }

  /// Checks the strings of a request.
  func checkUTF8() throws(WireError) {
    switch self {
    case .getState(let get), .getPrivateDataHash(let get): try get.checkUTF8()
    case .putState(let put): try put.checkUTF8()
    case .delState(let del): try del.checkUTF8()
    case .invokeChaincode(let spec): try spec.checkUTF8()
    case .getStateByRange(let range): try range.checkUTF8()
    case .getQueryResult(let query): try query.checkUTF8()
    case .queryStateNext(let next): try next.checkUTF8()
    case .queryStateClose(let close): try close.checkUTF8()
    case .getHistoryForKey(let history): try history.checkUTF8()
    case .getStateMetadata(let get): try get.checkUTF8()
    case .putStateMetadata(let put): try put.checkUTF8()
    case .purgePrivateData(let purge): try purge.checkUTF8()
    case .writeBatchState(let batch): if !batch.isValidUTF8 { try batch.checkUTF8() }
    case .getStateMultiple(let get): try get.checkUTF8()
    case .undefined, .register, .registered, .initialize, .ready, .transaction, .completed, .error, .response,
      .keepalive, .raw:
      break
    }
  }
}
