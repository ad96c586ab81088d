internal import MessageFSM

extension InMemorySimulator {
  func setState(namespace: WireString, key: WireString, value: [UInt8]) throws {
    try note(StateWrite(namespace: namespace, collection: .empty, key: key, operation: .set(value)))
  }

  func deleteState(namespace: WireString, key: WireString) throws {
    try note(StateWrite(namespace: namespace, collection: .empty, key: key, operation: .delete))
  }

  func setStateMetadata(namespace: WireString, key: WireString, metadata: [StateMetadata]) throws {
    try note(
      StateWrite(namespace: namespace, collection: .empty, key: key, operation: .setMetadata(metadata)))
  }

  func setPrivateData(namespace: WireString, collection: WireString, key: WireString, value: [UInt8]) throws {
    try notePrivate(namespace, collection, key, .set(value))
  }

  func deletePrivateData(namespace: WireString, collection: WireString, key: WireString) throws {
    try notePrivate(namespace, collection, key, .delete)
  }

  func purgePrivateData(namespace: WireString, collection: WireString, key: WireString) throws {
    try notePrivate(namespace, collection, key, .purge)
  }

  func setPrivateDataMetadata(
    namespace: WireString, collection: WireString, key: WireString, metadata: [StateMetadata]
  ) throws {
    try notePrivate(namespace, collection, key, .setMetadata(metadata))
  }

  /// All writes or, if one is refused, nothing: neither the writes before it nor the reads that checking them took.
  func applyWrites(_ writes: [StateWrite]) throws {
    try changing { (state) throws(LedgerError) in
      var changed = state
      for write in writes {
        if write.collection.isEmpty {
          try notePublic(&changed, write)
        } else {
          try notePrivate(&changed, write)
        }
      }
      state = changed
    }
  }

  private func note(_ write: StateWrite) throws(LedgerError) {
    try changing { (state) throws(LedgerError) in try notePublic(&state, write) }
  }

  private func notePrivate(
    _ namespace: WireString, _ collection: WireString, _ key: WireString, _ operation: StateWrite.Operation
  ) throws(LedgerError) {
    let write = StateWrite(namespace: namespace, collection: collection, key: key, operation: operation)
    try changing { (state) throws(LedgerError) in try notePrivate(&state, write) }
  }

  private func notePublic(_ state: inout State, _ write: StateWrite) throws(LedgerError) {
    try checkMayWrite(&state)
    switch write.operation {
    case .set(let value): state.builder?.write(write.namespace, write.key, value)
    case .delete: state.builder?.write(write.namespace, write.key, [])
    case .setMetadata(let metadata): state.builder?.writeMetadata(write.namespace, write.key, metadata)
    case .purge: throw LedgerError("only applicable for private data")
    }
  }

  private func notePrivate(_ state: inout State, _ write: StateWrite) throws(LedgerError) {
    let name = CollectionName(namespace: write.namespace, collection: write.collection)
    try checkCollection(&state, name)
    try checkMayWrite(&state)
    switch write.operation {
    case .set(let value): state.builder?.writePrivate(name, write.key, value)
    case .delete: state.builder?.writePrivate(name, write.key, [])
    case .setMetadata(let metadata): state.builder?.writePrivateMetadata(name, write.key, metadata)
    case .purge: state.builder?.writePrivate(name, write.key, [], isPurge: true)
    }
  }
}
