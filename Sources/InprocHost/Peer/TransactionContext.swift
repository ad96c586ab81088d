import MessageFSM

/// One transaction at one chaincode, on the peer's side: what it works on, and who waits for its end
/// (Fabric `chaincode.TransactionContext`).
final class TransactionContext: Sendable, TimerTarget {
  enum Outcome: Sendable {
    case message(ChaincodeMessage)
    case failed(TransactionError)
  }

  /// Who is told of the end.
  enum Waiter: Sendable {
    case task(Suspension<Outcome>)
    case call(ChaincodeCall)
  }

  let run: UInt64
  /// That of its key.
  let hash: Int
  let namespace: WireString
  let params: TransactionParams
  let isInit: Bool
  /// When the transaction has to be over, in the host's time.
  let deadline: Duration
  /// The call that made this one; `nil` for the client's.
  let caller: TransactionContext?
  unowned let handler: PeerHandler

  fileprivate struct State {
    var machine = PeerTransactionMachine()
    var waiter: Waiter?
    var outcome: Outcome?
    var timer: TimerID?
    // Not literals, from which a dictionary would be made.
    var iterators = Dictionary<WireString, OpenIterator>()
    var readableCollections = Set<WireString>()
    /// What is being served, for the text of a deadline.
    var request: MessageType?
    /// How many requests have found nothing being served; those that wait behind one are served with it.
    var ordinal: UInt64 = 0
    /// The task that serves it, if it has one.
    var task: UInt64?
    /// The transaction that it has begun at another chaincode, if no task waits for that.
    var callee: TransactionContext?
  }

  private let state = Locked(State())

  init(
    run: UInt64, hash: Int, namespace: consuming WireString, params: consuming TransactionParams,
    isInit: Bool,
    deadline: Duration, caller: TransactionContext?, handler: PeerHandler
  ) {
    self.run = run
    self.hash = hash
    self.namespace = namespace
    self.params = params
    self.isInit = isInit
    self.deadline = deadline
    self.caller = caller
    self.handler = handler
  }

  /// The transaction's id.
  var txid: WireString { params.txid }

  /// The transaction's channel.
  var channelID: WireString { params.channelID }

  /// Whether this is the transaction of that channel and txid.
  func isNamed(_ txid: WireString, on channelID: WireString) -> Bool {
    params.txid == txid && params.channelID == channelID
  }

  // MARK: The end

  /// What is to be done when a transaction has ended, outside of all locks.
  struct Ending: Sendable {
    /// Whether this was the end, and nothing else had ended the transaction before.
    fileprivate(set) var isFirst = false
    fileprivate(set) var waiter: Waiter?
    fileprivate(set) var timer: TimerID?
    /// The task that serves a request of the transaction, which is of no use any more.
    fileprivate(set) var task: UInt64?
    /// A call that it was in, which is of no use either.
    fileprivate(set) var callee: TransactionContext?
    fileprivate(set) var iterators: [OpenIterator] = []
  }

  /// Waits until the transaction has ended, and calls `cancelled` if the task is cancelled meanwhile.
  ///
  /// - Parameters:
  ///   - timer: the timer of the deadline, which is set already and is taken back at the end.
  ///   - timers: where it is set.
  ///   - cancelled: what is done when the task is cancelled.
  /// - Returns: what it ended with.
  @inline(__always)
  func outcome(
    until timer: TimerID?, of timers: TimerQueue, onCancel cancelled: @Sendable () -> Void
  ) async -> Outcome {
    await suspend { waiter in
      outcome(or: .task(waiter), until: timer, of: timers)
    } onCancel: {
      cancelled()
    }
  }

  /// The outcome, if the transaction has ended; otherwise `waiter` will be told.
  func outcome(or waiter: Waiter, until timer: TimerID?, of timers: TimerQueue) -> Outcome? {
    let outcome = state.withLock { state -> Outcome? in
      if let outcome = state.outcome { return outcome }
      state.waiter = waiter
      state.timer = timer
      return nil
    }
    if outcome != nil, let timer { timers.cancel(timer) }
    return outcome
  }

  /// Ends the transaction, if nothing has ended it before.
  ///
  /// What it returns has to be carried out. Where the chaincode is left at work, its end of the stream has to hear of it: `stream` is
  /// given for that.
  func end(_ outcome: Outcome, delivers: Bool, givingUpOn stream: InprocStream?) -> Ending {
    state.withLock { state in
      let action = state.machine.end()
      var ending = Ending(isFirst: action != .nothing)
      ending.task = state.task.take()
      ending.callee = state.callee.take()
      guard ending.isFirst else { return ending }
      // Together with the end, so that the answer that comes after it can take the mark back.
      stream?.mark(cancelled: run)
      if delivers {
        ending.waiter = state.waiter.take()
        if ending.waiter == nil { state.outcome = outcome }
      }
      ending.timer = state.timer.take()
      if action == .close { ending.iterators = state.takeIterators() }
      return ending
    }
  }

  func timerFired() {
    openHandler?.deadlinePassed(self)
  }

  /// Ends a call whose caller has ended; what it returns has to be told when the caller's client has heard of its end.
  func endWithCaller() -> PeerHandler.EndedCall? {
    openHandler?.endWithCaller(self)
  }

  /// A handler ends its transactions before it goes; whoever comes later, such as a timer that was on its way, finds nobody.
  private var openHandler: PeerHandler? {
    state.withLock { $0.machine.state == .ended ? nil : handler }
  }

  /// Where the transaction is.
  var machineState: PeerTransactionMachine.State { state.withLock { $0.machine.state } }

  // MARK: Requests

  /// What the transaction waits for, in words.
  var waitsFor: String {
    let request = state.withLock { $0.request }
    return request.map { "the answer to \($0)" } ?? "the chaincode"
  }

  func requested(_ message: ChaincodeMessage) -> PeerTransactionMachine.RequestAction {
    state.withLock { state in
      let action = state.machine.requested(message)
      if action == .serve {
        state.request = message.type
        state.ordinal += 1
      }
      return action
    }
  }

  /// How many requests have found nothing being served.
  var ordinal: UInt64 { state.withLock { $0.ordinal } }

  /// Notes which task serves the request of an ordinal, or one that has waited behind it, unless they are answered already.
  ///
  /// False if the transaction has ended, so that the task is of no use.
  func isServed(by task: UInt64, _ ordinal: UInt64) -> Bool {
    state.withLock { state in
      switch state.machine.state {
      case .serving: if state.ordinal == ordinal { state.task = task }
      case .computing: break
      case .ended: return false
      }
      return true
    }
  }

  /// Notes the transaction that serves the request at another chaincode.
  ///
  /// False if this one has ended, so that the other is of no use.
  func isServed(by callee: TransactionContext) -> Bool {
    state.withLock { state in
      switch state.machine.state {
      case .serving: state.callee = callee
      case .computing: break
      case .ended: return false
      }
      return true
    }
  }

  /// A request was answered; closes what the transaction holds if it ended meanwhile.
  func served() -> PeerTransactionMachine.ServedAction {
    let (action, iterators) = state.withLock {
      state -> (PeerTransactionMachine.ServedAction, [OpenIterator]) in
      let action = state.machine.served()
      switch action {
      case .nothing:
        state.request = nil
        state.task = nil
        state.callee = nil
      case .serve(let message):
        state.request = message.type
        state.callee = nil
      case .close:
        return (action, state.takeIterators())
      }
      return (action, [])
    }
    for iterator in iterators { iterator.results.close() }
    return action
  }

  /// The calls from the client's to this one, each as `channel/chaincode`.
  var callChain: [String] {
    (caller?.callChain ?? []) + ["\(channelID)/\(namespace)"]
  }

  // MARK: Iterators

  func iterator(_ id: WireString) -> OpenIterator? {
    state.withLock { $0.iterators[id] }
  }

  func keep(_ iterator: OpenIterator) {
    state.withLock { $0.iterators[iterator.id] = iterator }
  }

  func closeIterator(_ id: WireString) {
    state.withLock { $0.iterators.removeValue(forKey: id) }?.results.close()
  }

  var openIteratorCount: Int { state.withLock { $0.iterators.count } }

  // MARK: Collections

  /// Whether read access was granted before in this call (Fabric `AllowedCollectionAccess`).
  func mayRead(_ collection: WireString) -> Bool {
    state.withLock { $0.readableCollections.contains(collection) }
  }

  func grantRead(_ collection: WireString) {
    state.withLock { _ = $0.readableCollections.insert(collection) }
  }
}

extension TransactionContext {
  /// A query's results that are not all fetched yet (Fabric `PendingQueryResult` and the iterator map).
  struct OpenIterator: Sendable {
    let id: WireString
    let results: any ResultsIterator
    /// Whether its next results never wait, where the simulator's do not: a history is not read from the simulator.
    let answersAtOnce: Bool
    /// Results that were taken from the iterator and not sent yet.
    var pending: [QueryResult] = []
    /// How many were taken in all.
    var total: Int = 0
  }
}

extension TransactionContext.State {
  /// In the order of the ids, so that a run can be repeated.
  fileprivate mutating func takeIterators() -> [TransactionContext.OpenIterator] {
    if iterators.isEmpty { return [] }
    defer { iterators = [:] }
    return iterators.sorted { $0.key < $1.key }.map { $0.value }
  }
}
