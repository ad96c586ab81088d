// What the peer's handler asks, and an embedder implements (Fabric `core/ledger/ledger_interface.go`).

public import MessageFSM

/// Finds the ledger of a channel (Fabric `peer.GetLedger`).
public protocol LedgerProvider: Sendable {
  /// The ledger of this channel, or `nil` if this peer has not joined it.
  func ledger(channel: WireString) -> (any PeerLedger)?
}

/// One channel's ledger: its state, its history, its blocks.
public protocol PeerLedger: ChainReader {
  /// Whether simulators and readers are made without waiting for anything; by default they may wait.
  ///
  /// Such a ledger is asked directly, any other in a task that can be left behind when a deadline passes.
  var answersAtOnce: Bool { get }

  /// A simulator over the state as it is now; later commits do not show in it.
  ///
  /// - Throws: what hinders it; the text reaches the client.
  func newTxSimulator(txid: WireString) async throws -> any TxSimulator

  /// A reader of the state as it is now.
  ///
  /// - Throws: what hinders it.
  func newQueryExecutor() async throws -> any QueryExecutor

  /// A reader of the history.
  ///
  /// - Throws: what hinders it.
  func newHistoryQueryExecutor() async throws -> any HistoryQueryExecutor

  /// Validates the block and takes it; gives it back as committed, with the verdicts and the commit hash in its metadata.
  ///
  /// Verdicts other than VALID that are in the block already stay. Chain, state, history and indexes change together.
  ///
  /// - Parameters:
  ///   - block: the next block of the chain.
  ///   - privateData: the private write sets of its transactions, as far as this peer has them.
  ///   - missing: the collections whose writes this peer should have and has not.
  /// - Throws: what hinders it; nothing has changed then.
  /// - Returns: the block as committed.
  @discardableResult
  func commit(_ block: Block, privateData: [PrivateWriteSet], missing: [MissingPrivateData]) async throws
    -> Block
}

extension PeerLedger {
  /// It may wait.
  public var answersAtOnce: Bool { false }
}

/// The private writes of one transaction of a block (Fabric `ledger.TxPvtData`).
public struct PrivateWriteSet: Sendable, Hashable {
  /// The transaction's place in the block.
  public var sequence: UInt64
  /// A marshalled ``TxPvtReadWriteSet``.
  public var writeSet: [UInt8]

  /// The private writes of the transaction at this place.
  public init(sequence: UInt64, writeSet: [UInt8]) {
    self.sequence = sequence
    self.writeSet = writeSet
  }
}

/// A collection whose writes in one transaction have not come (Fabric `ledger.MissingPvtData`).
public struct MissingPrivateData: Sendable, Hashable {
  /// The transaction's place in the block.
  public var sequence: UInt64
  /// The chaincode.
  public var namespace: WireString
  /// The collection.
  public var collection: WireString

  /// What has not come.
  public init(sequence: UInt64, namespace: WireString, collection: WireString) {
    self.sequence = sequence
    self.namespace = namespace
    self.collection = collection
  }
}

/// Reads the state of one channel as it was when the executor was made.
///
/// Texts of thrown errors reach the chaincode word for word, behind `GET_STATE failed: transaction ID: …: `.
public protocol QueryExecutor: AnyObject, Sendable {
  /// Whether no method ever waits for anything.
  ///
  /// Such an executor is asked inside the message loop, but for queries in the state database's language, which may take long. Any
  /// other is asked in a task of the transaction's own, so that a slow ledger holds up nobody else.
  var answersAtOnce: Bool { get }

  /// The chain as it was when the executor was made; `nil` if the ledger keeps no such view, which is what it is by default.
  ///
  /// With one, a chaincode that asks qscc in its transaction gets blocks and state of one moment, whatever is committed meanwhile.
  var chain: (any ChainReader)? { get }

  /// The committed value; `nil` if there is none. The transaction's own writes are not seen.
  ///
  /// - Throws: what hinders it.
  func getState(namespace: WireString, key: WireString) async throws -> [UInt8]?

  /// The committed values of several keys, in the order of the keys.
  ///
  /// - Throws: what hinders it.
  func getStateMultiple(namespace: WireString, keys: [WireString]) async throws -> [[UInt8]?]

  /// The committed metadata of a key, in the order of the names; empty if there is none.
  ///
  /// - Throws: what hinders it.
  func getStateMetadata(namespace: WireString, key: WireString) async throws -> [StateMetadata]

  /// The keys from `startKey` up to, but without, `endKey` in the order of their bytes; an empty `endKey` is the end.
  ///
  /// - Throws: what hinders it.
  func getStateRange(namespace: WireString, startKey: WireString, endKey: WireString) async throws
    -> any ResultsIterator

  /// One page of such a range: at most `pageSize` results (no limit if 0 or less). The iterator has a bookmark.
  ///
  /// - Throws: what hinders it.
  func getStateRange(namespace: WireString, startKey: WireString, endKey: WireString, pageSize: Int32)
    async throws -> any ResultsIterator

  /// The results of a query in the state database's language.
  ///
  /// - Throws: what hinders it; `ExecuteQuery not supported for leveldb` where there is no such language.
  func executeQuery(namespace: WireString, query: WireString) async throws -> any ResultsIterator

  /// One page of the results of such a query. The iterator has a bookmark.
  ///
  /// - Throws: what hinders it.
  func executeQuery(namespace: WireString, query: WireString, page: QueryMetadata) async throws
    -> any ResultsIterator

  /// A private value; `nil` if there is none.
  ///
  /// - Throws: what hinders it, such as an unknown collection.
  func getPrivateData(namespace: WireString, collection: WireString, key: WireString) async throws -> [UInt8]?

  /// Several private values, in the order of the keys.
  ///
  /// - Throws: what hinders it.
  func getPrivateDataMultiple(namespace: WireString, collection: WireString, keys: [WireString]) async throws
    -> [[UInt8]?]

  /// The hash of a private value, which non-members have too; `nil` if there is none.
  ///
  /// - Throws: what hinders it.
  func getPrivateDataHash(namespace: WireString, collection: WireString, key: WireString) async throws
    -> [UInt8]?

  /// The metadata of a private key.
  ///
  /// - Throws: what hinders it.
  func getPrivateDataMetadata(namespace: WireString, collection: WireString, key: WireString) async throws
    -> [StateMetadata]

  /// A range of private keys.
  ///
  /// - Throws: what hinders it.
  func getPrivateDataRange(
    namespace: WireString, collection: WireString, startKey: WireString, endKey: WireString
  ) async throws -> any ResultsIterator

  /// The results of a query over a collection.
  ///
  /// - Throws: what hinders it.
  func executeQueryOnPrivateData(
    namespace: WireString, collection: WireString, query: WireString
  ) async throws -> any ResultsIterator

  /// The executor is not used any more: from now on every method throws
  /// `this instance should not be used after calling Done()`. May be called by anyone, more than once.
  func done()
}

/// Reads the state and notes what a transaction reads and writes.
public protocol TxSimulator: QueryExecutor {
  /// This simulator as one whose commonest methods are plain functions; `nil`, the default, if they are not.
  ///
  /// It is itself for one that conforms to ``ImmediateSimulator`` too.
  var immediate: (any ImmediateSimulator)? { get }

  /// Notes a write; an empty value is a deletion, as in Fabric's read-write sets.
  ///
  /// - Throws: what hinders it.
  func setState(namespace: WireString, key: WireString, value: [UInt8]) async throws

  /// Notes a deletion.
  ///
  /// - Throws: what hinders it.
  func deleteState(namespace: WireString, key: WireString) async throws

  /// Notes the metadata of a key, in place of all it had.
  ///
  /// - Throws: what hinders it.
  func setStateMetadata(namespace: WireString, key: WireString, metadata: [StateMetadata]) async throws

  /// Notes a private write.
  ///
  /// - Throws: what hinders it.
  func setPrivateData(namespace: WireString, collection: WireString, key: WireString, value: [UInt8])
    async throws

  /// Notes a private deletion.
  ///
  /// - Throws: what hinders it.
  func deletePrivateData(namespace: WireString, collection: WireString, key: WireString) async throws

  /// Notes the removal of a private key and its history.
  ///
  /// - Throws: what hinders it.
  func purgePrivateData(namespace: WireString, collection: WireString, key: WireString) async throws

  /// Notes the metadata of a private key, in place of all it had.
  ///
  /// - Throws: what hinders it.
  func setPrivateDataMetadata(
    namespace: WireString, collection: WireString, key: WireString, metadata: [StateMetadata]
  ) async throws

  /// Notes several public or private writes together: all of them or, if one is refused, none.
  ///
  /// - Throws: the refusal of the first write that is refused; nothing is noted then.
  func applyWrites(_ writes: [StateWrite]) async throws

  /// What the transaction read and wrote; the simulator cannot be used for anything else afterwards.
  ///
  /// - Throws: what hinders it.
  func simulationResults() async throws -> TxSimulationResults
}

/// One write of ``TxSimulator/applyWrites(_:)``.
public struct StateWrite: Sendable, Hashable {
  /// What is done to the key.
  public enum Operation: Sendable, Hashable {
    /// Write this value; an empty one is a deletion.
    case set([UInt8])
    /// Delete the key.
    case delete
    /// Replace the key's metadata.
    case setMetadata([StateMetadata])
    /// Delete the private key and its history.
    case purge
  }

  /// The chaincode's namespace.
  public var namespace: WireString
  /// The collection; empty is the public state.
  public var collection: WireString
  /// The key.
  public var key: WireString
  /// What is done to it.
  public var operation: Operation

  /// A write.
  @inlinable public init(namespace: WireString, collection: WireString, key: WireString, operation: Operation)
  {
    self.namespace = namespace
    self.collection = collection
    self.key = key
    self.operation = operation
  }
}

/// What a transaction read and wrote, as Fabric writes it.
public struct TxSimulationResults: Sendable, Hashable {
  /// A marshalled `TxReadWriteSet`, empty if there was nothing: reads, range queries, writes, hashed collections.
  public var publicBytes: [UInt8]
  /// A marshalled `TxPvtReadWriteSet`; `nil` without private writes.
  public var privateBytes: [UInt8]?

  /// These results.
  public init(publicBytes: [UInt8], privateBytes: [UInt8]?) {
    self.publicBytes = publicBytes
    self.privateBytes = privateBytes
  }
}

/// Results one after another.
public protocol ResultsIterator: AnyObject, Sendable {
  /// The next result; `nil` after the last.
  ///
  /// - Throws: what hinders it.
  func next() async throws -> QueryResult?

  /// The next results, fewer than `count` only if there are no more. By default ``next()``, again and again.
  ///
  /// - Throws: what hinders it; results that were taken before are lost then.
  func next(atMost count: Int) async throws -> [QueryResult]

  /// Where the next page begins; empty at the end. Only a page's iterator has one. Asked once, after the last `next`.
  func bookmark() -> WireString

  /// Gives up what the iterator holds. May be called by anyone, more than once.
  func close()
}

/// Reads the history of keys.
public protocol HistoryQueryExecutor: AnyObject, Sendable {
  /// Whether no method ever waits for anything, as ``QueryExecutor/answersAtOnce``.
  var answersAtOnce: Bool { get }

  /// The committed writes of a key; 1.4 gives the oldest first, 3.1 the newest.
  ///
  /// - Throws: what hinders it.
  func getHistoryForKey(namespace: WireString, key: WireString) async throws -> any ResultsIterator
}

/// An error of the ledger; its message is Fabric's text.
public struct LedgerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What a ``ChaincodeLifecycle`` throws if a channel has no definition of this name.
  public static func noDefinition(of name: WireString) -> LedgerError {
    LedgerError(WireString(bytes: Array("chaincode ".utf8) + name.bytes + Array(" not found".utf8)))
  }

  /// The text.
  public var message: WireString

  /// An error with this text.
  public init(_ message: WireString) {
    self.message = message
  }

  /// The text.
  public var description: String { message.string }
}

extension ResultsIterator {
  /// The next results, taken one by one.
  ///
  /// - Throws: what ``next()`` throws.
  public func next(atMost count: Int) async throws -> [QueryResult] {
    var results: [QueryResult] = []
    while results.count < count, let result = try await next() { results.append(result) }
    return results
  }
}

extension QueryExecutor {
  /// No view of the chain: whoever asks for blocks gets those that the ledger has at that moment.
  public var chain: (any ChainReader)? { nil }
}
