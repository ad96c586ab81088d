import MessageFSM

/// One transaction at one chaincode, on the peer's side: what it works on, and who waits for its end
/// (Fabric `chaincode.TransactionContext`).
final class TransactionContext: Sendable, TimerTarget {
  enum Outcome: Sendable {
    case message(ChaincodeMessage)
    case failed(TransactionError)
  }

  let key: TransactionKey
  let run: UInt64
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
    var waiter: Suspension<Outcome>?
    var outcome: Outcome?
    var timer: TimerID?
    var iterators: [WireString: OpenIterator] = [:]
    var readableCollections: Set<WireString> = []
    /// What is being served, for the text of a deadline.
    var request: MessageType?
    /// The task that serves it, if it has one.
    var task: UInt64?
  }

  private let state = Locked(State())

  init(
    key: TransactionKey, run: UInt64, namespace: WireString, params: TransactionParams, isInit: Bool,
    deadline: Duration, caller: TransactionContext?, handler: PeerHandler
  ) {
    self.key = key
    self.run = run
    self.namespace = namespace
    self.params = params
    self.isInit = isInit
    self.deadline = deadline
    self.caller = caller
    self.handler = handler
  }

  // MARK: The end

  /// Waits until the transaction has ended.
  @inline(__always)
  func outcome() async -> Outcome {
    await suspend { waiter in
      state.withLock { state in
        if let outcome = state.outcome { return outcome }
        state.waiter = waiter
        return nil
      }
    }
  }

  /// Decides that the transaction has ended; only the first call does, and must call ``deliver(_:)`` then.
  ///
  /// Where the chaincode is left at work, its end of the stream has to hear of it: `stream` is given for that. Also gives the task
  /// that serves a request of the transaction, which is of no use any more.
  func beginEnd(
    givingUpOn stream: InprocStream?, in environment: HostEnvironment
  ) -> (isFirst: Bool, task: UInt64?) {
    let (action, timer, iterators, task) = state.withLock { state in
      let action = state.machine.end()
      // Together with the end, so that the answer that comes after it can take the mark back.
      if action != .nothing { stream?.mark(cancelled: run) }
      defer { if action == .close { state.iterators = [:] } }
      return (
        action, state.timer.take(), action == .close ? state.openIterators : [], state.task.take()
      )
    }
    if let timer, environment.performs(.takeBackDeadline) { environment.timers.cancel(timer) }
    for iterator in iterators where environment.performs(.closeIterators) { iterator.results.close() }
    return (action != .nothing, task)
  }

  /// Hands the outcome to whoever waits for it.
  func deliver(_ outcome: Outcome) {
    let waiter = state.withLock { state -> Suspension<Outcome>? in
      if let waiter = state.waiter.take() { return waiter }
      state.outcome = outcome
      return nil
    }
    waiter?.resume(outcome)
  }

  /// Sets the timer of the deadline.
  ///
  /// The environment is given, here and elsewhere: to get it from a handler that is not owned costs as much as the rest.
  func watchDeadline(in environment: HostEnvironment) {
    guard environment.performs(.watchDeadline) else { return }
    let timer = environment.timers.schedule(at: deadline, self)
    let late = state.withLock { state in
      if state.machine.state == .ended { return true }
      state.timer = timer
      return false
    }
    if late { environment.timers.cancel(timer) }
  }

  func timerFired() {
    // A handler ends its transactions before it goes; a timer that was on its way then finds nobody.
    let handler = state.withLock { $0.machine.state == .ended ? nil : self.handler }
    handler?.deadlinePassed(self)
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
      if action == .serve { state.request = message.type }
      return action
    }
  }

  /// Notes which task serves the request.
  ///
  /// False if the transaction has ended, so that the task is of no use.
  func isServed(by task: UInt64) -> Bool {
    state.withLock { state in
      switch state.machine.state {
      case .serving: state.task = task
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
      case .serve(let message): state.request = message.type
      case .close:
        defer { state.iterators = [:] }
        return (action, state.openIterators)
      }
      return (action, [])
    }
    for iterator in iterators { iterator.results.close() }
    return action
  }

  /// The calls from the client's to this one, each as `channel/chaincode`.
  var callChain: [String] {
    (caller?.callChain ?? []) + ["\(key.channelID)/\(namespace)"]
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
  fileprivate var openIterators: [TransactionContext.OpenIterator] {
    iterators.isEmpty ? [] : iterators.sorted { $0.key < $1.key }.map { $0.value }
  }
}
