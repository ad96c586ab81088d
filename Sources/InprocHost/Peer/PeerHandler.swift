import MessageFSM

/// Stop 2 of 6 on the way of a message: ``ChaincodeSupport`` → **PeerHandler** → the stream (Fabric `chaincode.Handler`).
///
/// One loop reads the stream, asks ``MessageFSM/PeerStateMachine`` what to do, and does it. A request that the ledger answers at
/// once is answered inside the loop; any other in a task of its transaction.
final class PeerHandler: SuspendingMessageLoop {
  private struct State {
    var machine: PeerStateMachine
    var id: WireString?
    /// The open transactions by run, and their runs by channel and txid.
    var runs = RunTable<TransactionContext>()
    var keys = HashIndex()
    var iterators: UInt64 = 0
    var end: TransactionError?
    var keepalive: TimerID?
    var wasReady = false
    var hasCompleted = false
    /// Whoever the chaincode was started for has come.
    var hasBegun = false
    /// It is to end as soon as no transaction runs.
    var isRetiring = false
    /// It ends: no transaction runs, and none begins any more.
    var isRetired = false

    /// The open transaction that a message names: by its run, or where the sender told none by channel and txid.
    func context(of message: ChaincodeMessage, distinguishingRuns: Bool) -> TransactionContext? {
      if message.run != 0 && distinguishingRuns { return runs[message.run] }
      return context(message.txid, on: message.channelID, TransactionKey.hash(message.txid))
    }

    func context(_ txid: WireString, on channelID: WireString, _ hash: Int) -> TransactionContext? {
      keys.run(hash) { runs[$0]?.isNamed(txid, on: channelID) == true }.flatMap { runs[$0] }
    }

    /// Ends a transaction, if nothing else has ended it before, and releases it.
    mutating func end(
      _ context: TransactionContext, _ outcome: TransactionContext.Outcome, _ omits: Omissions,
      givingUpOn stream: InprocStream? = nil, launch: LaunchState?
    ) -> End {
      let ending = context.end(outcome, delivers: !omits.delivery, givingUpOn: stream)
      var end = End(context: ending)
      guard ending.isFirst else { return end }
      if !omits.release, runs.remove(context.run) != nil { keys.remove(context.run, context.hash) }
      if case .message = outcome, !hasCompleted {
        hasCompleted = true
        end.completesFirst = true
      }
      end.isIdle = retireIfIdle(launch)
      return end
    }

    /// Decides that it ends, if it is to and nothing runs, nor has yet to run for the first time.
    mutating func retireIfIdle(_ launch: LaunchState?) -> Bool {
      guard isRetiring, !isRetired, runs.count == 0 else { return false }
      guard hasBegun || launch?.isWanted == false else { return false }
      isRetired = true
      return true
    }
  }

  /// What a seam leaves out of the end of a transaction.
  fileprivate struct Omissions {
    let release: Bool
    let delivery: Bool
  }

  /// What is left to do when a transaction has ended, outside of the lock.
  fileprivate struct End {
    let context: TransactionContext.Ending
    /// Whether it is the first that completes here.
    var completesFirst = false
    /// Whether the chaincode was to end, and nothing runs any more.
    var isIdle = false
  }

  let environment: HostEnvironment
  // Those of the environment, here and elsewhere beside it: what is two steps away is counted at every use.
  private let timers: TimerQueue
  private let counters: HostCounters
  let support: ChaincodeSupport
  private let stream: InprocStream
  private let tasks: RunningTasks
  private let state: Locked<State>

  /// The chaincode that the stream was made for, and its launch.
  let launchID: WireString?
  let launch: LaunchState?
  private weak let container: InprocContainer?

  init(
    stream: InprocStream, support: ChaincodeSupport, launchID: WireString?,
    container: InprocContainer? = nil
  ) {
    self.container = container
    self.environment = support.environment
    self.timers = support.environment.timers
    self.counters = support.environment.counters
    self.launchID = launchID
    self.launch = launchID.flatMap { support.registry.currentLaunch($0) }
    self.support = support
    self.stream = stream
    self.tasks = RunningTasks(environment: support.environment)
    self.state = Locked(State(machine: PeerStateMachine(version: support.environment.version)))
  }

  /// The id with which the chaincode has registered, `name:version`.
  var id: WireString? { state.withLock { $0.id } }

  /// Whether transactions may run.
  enum Availability {
    case ready, notReady
    /// It ends because another version has taken its place.
    case retired
  }

  /// Whether transactions may run.
  var availability: Availability {
    state.withLock { state in
      if state.isRetired { return .retired }
      return state.machine.state == .ready ? .ready : .notReady
    }
  }

  /// Whether transactions may run.
  var isReady: Bool { availability == .ready }

  /// Ends the chaincode as soon as no transaction runs; those that begin until then run.
  ///
  /// One that has just been started serves the call that it was started for first, unless its caller has given up.
  func retire() {
    state.withLock { $0.isRetiring = true }
    retireIfIdle()
  }

  /// Whoever the chaincode was started for has come, and begins no transaction.
  func callerHasCome() {
    state.withLock { $0.hasBegun = true }
    retireIfIdle()
  }

  /// Ends the chaincode if it is to, and nobody needs it any more.
  func retireIfIdle() {
    let isIdle = state.withLock { $0.retireIfIdle(launch) }
    if isIdle { support.registry.release(self) }
  }

  /// Ends the chaincode's container; may be called any number of times.
  func endContainer() {
    if let container { container.stop() } else { stream.finish() }
  }

  /// Where the connection is.
  var machineState: PeerStateMachine.State { state.withLock { $0.machine.state } }

  /// Whether it ever was ready.
  var wasReady: Bool { state.withLock { $0.wasReady } }

  /// How many transactions are open.
  var openTransactionCount: Int { state.withLock { $0.runs.count } }

  /// The open transactions, in the order of their runs.
  var openContexts: [TransactionContext] { state.withLock { $0.runs.sorted.map { $0.value } } }

  /// How many iterators are open.
  var openIteratorCount: Int { openContexts.reduce(0) { $0 + $1.openIteratorCount } }

  // MARK: The loop

  /// Serves the chaincode (Fabric `Handler.ProcessStream`).
  ///
  /// Returns why it ended: when the stream ends, or when a message before READY does not fit. The chaincode is deregistered and
  /// everybody who waited for it has an answer by then.
  func run() async -> HostError {
    let end = await loop()
    stream.finish()
    // In this order, so that whoever finds no handler finds a container that can be waited for, and starts the chaincode again.
    container?.beginEnd()
    support.registry.deregister(self, error: end)
    let (contexts, keepalive) = state.withLock { state in
      _ = state.machine.end()
      state.end = TransactionError(.streamEnded, "chaincode stream terminated", cause: end)
      return (state.runs.sorted.map { $0.value }, state.keepalive.take())
    }
    if let keepalive { timers.cancel(keepalive) }
    for context in contexts where environment.performs(.failOpenTransactions) {
      finish(
        context,
        .failed(
          TransactionError(
            .streamEnded, "chaincode stream terminated", waitedFor: context.waitsFor, cause: end)))
    }
    if environment.performs(.joinTasks) { await tasks.close() }
    return end
  }

  private func loop() async -> HostError {
    if environment.seam?.lendsTurns ?? true { stream.lend(.suspending(self)) }
    var messages: [ChaincodeMessage] = []
    while await stream.receive(into: &messages) {
      for message in messages {
        if let seam = environment.seam,
          !(await seam.reached(
            .peerReceives, by: id ?? launchID ?? .empty, in: MachineState(machineState)))
        {
          return HostError(.streamEnded, "receive failed: the seam has ended the stream")
        }
        switch receive(message) {
        case .handled(let end): if let end { return end }
        case .serves(let request): await request.serve()
        }
      }
      messages.removeAll(keepingCapacity: true)
    }
    return stream.verdict ?? HostError(.streamEnded, "receive failed: channel is closed")
  }

  func receive(_ message: ChaincodeMessage) -> Reception {
    if environment.isObserved, let observer = environment.configuration.observer {
      observer.received(message, by: .peer, chaincode: id ?? launchID ?? .empty)
    }
    if let seam = environment.seam {
      seam.handles(message.type, by: .peer, in: state.withLock { $0.machine.state.rawValue })
    }
    let distinguishesRuns = environment.performs(.distinguishRuns)
    let omits = omissions
    let (action, context, end) = state.withLock {
      state -> (PeerStateMachine.ReceivedAction, TransactionContext?, End?) in
      let action = state.machine.received(message.type, txid: message.txid)
      let context = state.context(of: message, distinguishingRuns: distinguishesRuns)
      // The end comes at once, and not under a second lock.
      guard case .complete = action, let context else { return (action, context, nil) }
      return (action, context, state.end(context, .message(message), omits, launch: launch))
    }
    if case .complete = action {
      completed(message, end)
      return .handled(nil)
    }
    guard case .serve = action else { return .handled(handle(message, action, context)) }
    guard let context else {
      refuseRequest(message)
      return .handled(nil)
    }
    guard isNext(message, context) else { return .handled(nil) }
    var next = message
    while let answer = answerAtOnce(next, context) {
      reply(answer, to: next)
      guard let waiting = served(context) else { return .handled(nil) }
      next = waiting
    }
    guard staysInLoop(next, context) else { return .handled(nil) }
    return .serves(LoopRequest(message: next, context: context, handler: self))
  }

  /// Does what the machine says; returns why the stream ends, if it does.
  private func handle(
    _ message: ChaincodeMessage, _ action: PeerStateMachine.ReceivedAction, _ context: TransactionContext?
  ) -> HostError? {
    switch action {
    case .register: return register(message)
    case .serve, .complete, .ignore: return nil
    case .refuse(let violation):
      refuse(message, violation, context)
      return nil
    case .refuseAndEnd(let violation):
      counters.add(.violations)
      reply(.error(WireString(violation.description)), to: message)
      return HostError(
        .streamEnded, "error handling message, ending stream: \(violation.description)", cause: violation)
    }
  }

  /// A message that is not for the peer: answered, and the transaction that it names fails.
  private func refuse(
    _ message: ChaincodeMessage, _ violation: ProtocolViolation, _ context: TransactionContext?
  ) {
    counters.add(.violations)
    let text = WireString(violation.description)
    reply(.error(text), to: message)
    if let context {
      abandon(context, TransactionError(.violation, text, cause: violation))
    }
  }

  func reply(_ payload: Payload, to message: ChaincodeMessage) {
    // If the stream has ended, so has everybody who could have read the answer.
    try? stream.send(
      ChaincodeMessage(payload, txid: message.txid, channelID: message.channelID, run: message.run))
  }

  // MARK: Registration

  private func register(_ message: ChaincodeMessage) -> HostError? {
    let id: WireString
    do throws(HostError) {
      id = try registrant(message)
      state.withLock { $0.id = id }
      try support.registry.register(self, id: id)
    } catch {
      counters.add(.refusedRegistrations)
      reply(.error(WireString(error.message)), to: message)
      return error
    }
    do throws(HostError) {
      try stream.send(ChaincodeMessage(.registered))
      guard state.withLock({ $0.machine.registered() }) else { return nil }
      try stream.send(ChaincodeMessage(.ready(environment.offer)))
      let isReady = state.withLock { state in
        state.wasReady = state.machine.becameReady()
        return state.wasReady
      }
      guard isReady else { return nil }
    } catch {
      return error.wrapped("[] error sending the handshake")
    }
    support.registry.ready(self, id: id)
    watchKeepalive()
    return nil
  }

  private func registrant(_ message: ChaincodeMessage) throws(HostError) -> WireString {
    let name: WireString
    do throws(WireError) {
      guard case .register(let chaincodeID) = try message.payload.typed() else { return .empty }
      name = chaincodeID.name
    } catch {
      throw HostError(
        .registrationRefused,
        "error in received REGISTER, could not unmarshal registration info: "
          + error.text(environment.version), cause: error)
    }
    if name.isEmpty {
      throw HostError(
        .registrationRefused, "error in handling register chaincode, chaincodeID name is empty")
    }
    return name
  }

  // MARK: Transactions

  /// Runs one transaction: sends INIT or TRANSACTION and waits for its end (Fabric `Handler.Execute`).
  ///
  /// Returns exactly once: with the chaincode's last message, or throws when the deadline passes, the caller is cancelled, the
  /// stream ends, or the transaction cannot begin. Inlined: an asynchronous frame costs as much as a lock and a hash.
  @inline(__always)
  func execute(
    _ payload: Payload, namespace: WireString, params: TransactionParams, deadline: Duration,
    caller: TransactionContext?
  ) async throws(TransactionError) -> ChaincodeMessage {
    let context = try begin(
      payload, namespace: namespace, params: params, deadline: deadline, caller: caller)
    // Before the message is sent: the timers' task is awake then while there is something to sleep for.
    let timer = watchDeadline(of: context)
    send(payload, of: context)
    let outcome = await context.outcome(until: timer, of: timers) {
      abandon(context, callerHasEnded(context))
    }
    switch outcome {
    case .message(let message): return message
    case .failed(let error): throw error
    }
  }

  /// Opens a transaction, of which nothing is sent yet.
  private func begin(
    _ payload: Payload, namespace: WireString, params: TransactionParams, deadline: Duration,
    caller: TransactionContext?
  ) throws(TransactionError) -> TransactionContext {
    let hash = TransactionKey.hash(params.txid)
    let isInit = if case .initialize = payload { true } else { false }
    let refusesDuplicates = environment.performs(.refuseDuplicate)
    let context = try state.withLock { state throws(TransactionError) -> TransactionContext in
      state.hasBegun = true
      if state.isRetired { throw TransactionError(.retired, "chaincode stream terminated") }
      if let end = state.end { throw end }
      guard state.machine.state == .ready else {
        throw TransactionError(.streamEnded, "chaincode stream terminated")
      }
      if refusesDuplicates, let open = state.context(params.txid, on: params.channelID, hash) {
        throw TransactionError(
          .duplicate, "txid: \(params.txid)(\(params.channelID)) exists",
          waitedFor: caller.map { caller in
            (caller.callChain + [open.callChain.last ?? ""]).joined(separator: " → ")
          })
      }
      if params.proposal != nil && params.signedProposal == nil {
        throw TransactionError(.noProposal, "failed getting proposal context. Signed proposal is nil")
      }
      let context = state.runs.insert { run in
        TransactionContext(
          run: run, hash: hash, namespace: namespace, params: params,
          isInit: isInit, deadline: deadline, caller: caller, handler: self)
      }
      state.keys.insert(context.run, hash)
      return context
    }
    counters.add(.transactionsBegun)
    return context
  }

  /// Runs one transaction that `call` waits for: it is told of the end, and no task has to wait.
  ///
  /// Returns the transaction when it has begun; `nil` if it cannot, and nothing has happened then.
  func execute(
    _ payload: Payload, namespace: WireString, params: TransactionParams, deadline: Duration,
    for call: ChaincodeCall
  ) -> TransactionContext? {
    guard
      let context = try? begin(
        payload, namespace: namespace, params: params, deadline: deadline, caller: call.caller)
    else { return nil }
    let timer = watchDeadline(of: context)
    if let outcome = context.outcome(or: .call(call), until: timer, of: timers) {
      // Nothing was sent, so nothing comes back that would take the mark of the run away.
      stream.forget(run: context.run)
      call.ended(outcome, at: self)
    } else {
      send(payload, of: context)
    }
    return context
  }

  @inline(__always)
  private func watchDeadline(of context: TransactionContext) -> TimerID? {
    environment.performs(.watchDeadline) ? timers.schedule(at: context.deadline, context) : nil
  }

  /// Sends INIT or TRANSACTION; a transaction for which that cannot be done ends.
  @inline(__always)
  private func send(_ payload: Payload, of context: TransactionContext) {
    let message = ChaincodeMessage(
      payload, txid: context.txid, channelID: context.channelID,
      proposal: context.params.proposal == nil ? nil : context.params.signedProposal, run: context.run)
    do throws(HostError) {
      try stream.send(message)
    } catch {
      finish(
        context,
        .failed(
          TransactionError(
            .streamEnded, "[\(context.txid)] error sending \(payload.type): \(error.message)", cause: error)))
    }
  }

  /// What an open transaction was begun with.
  func params(of txid: WireString, on channelID: WireString) -> TransactionParams? {
    state.withLock { $0.context(txid, on: channelID, TransactionKey.hash(txid)) }?.params
  }

  /// Ends a transaction, if nothing else has ended it before.
  ///
  /// It is released before anybody hears of its end. False if something else has ended it.
  @discardableResult
  func finish(
    _ context: TransactionContext, _ outcome: TransactionContext.Outcome,
    givingUpOn stream: InprocStream? = nil
  ) -> Bool {
    let omits = omissions
    let end = state.withLock { $0.end(context, outcome, omits, givingUpOn: stream, launch: launch) }
    let callee = release(end)
    defer { callee?.tell() }
    guard end.context.isFirst else { return false }
    tell(end, outcome)
    if stream != nil { cancelChaincode(of: context.run) }
    return true
  }

  /// COMPLETED or ERROR came, and has ended its transaction if there is an end.
  private func completed(_ message: ChaincodeMessage, _ end: End?) {
    let callee = end.flatMap { release($0) }
    if let end, end.context.isFirst {
      tell(end, .message(message))
    } else {
      counters.add(.surplusMessages)
      stream.forget(run: message.run)
    }
    callee?.tell()
  }

  /// What a seam leaves out of the end of a transaction; asked for outside of the lock.
  private var omissions: Omissions {
    Omissions(
      release: !environment.performs(.releaseContext), delivery: !environment.performs(.deliverOutcome))
  }

  /// Lets go of what a transaction held when it ended.
  ///
  /// Returns the call that it was in, which ends with it, before anybody hears of the end.
  private func release(_ end: End) -> EndedCall? {
    if let timer = end.context.timer, environment.performs(.takeBackDeadline) { timers.cancel(timer) }
    for iterator in end.context.iterators where environment.performs(.closeIterators) {
      iterator.results.close()
    }
    // What is done for it is of no use any more.
    if let task = end.context.task { tasks.cancel(task) }
    if end.context.isFirst { counters.add(.transactionsEnded) }
    guard let callee = end.context.callee, environment.performs(.endCallee) else { return nil }
    return callee.endWithCaller()
  }

  /// Tells whoever waits for the end of a transaction.
  private func tell(_ end: End, _ outcome: TransactionContext.Outcome) {
    // What went wrong with earlier handlers is over with the first transaction; what goes wrong with this one ends it.
    if end.completesFirst, let id { support.systemChaincodes.completed(id: id) }
    switch end.context.waiter {
    case .task(let waiter)?: waiter.resume(outcome)
    case .call(let call)?: call.ended(outcome, at: self)
    case nil: break
    }
    if end.isIdle { support.registry.release(self) }
  }

  private func cancelChaincode(of run: UInt64) {
    if environment.performs(.cancelChaincode) { stream.cancel(run: run) }
  }

  /// A call that has ended with its caller, and of whose end nobody has heard.
  final class EndedCall: Sendable {
    private let handler: PeerHandler
    private let run: UInt64
    private let end: End
    private let outcome: TransactionContext.Outcome
    private let callee: EndedCall?

    fileprivate init(
      _ handler: PeerHandler, run: UInt64, _ end: End, _ outcome: TransactionContext.Outcome,
      callee: EndedCall?
    ) {
      self.handler = handler
      self.run = run
      self.end = end
      self.outcome = outcome
      self.callee = callee
    }

    /// Tells who has made the call, and the chaincode that was called.
    func tell() {
      handler.tell(end, outcome)
      handler.cancelChaincode(of: run)
      callee?.tell()
    }
  }

  /// Ends a call whose caller has ended, and those that it has made.
  func endWithCaller(_ context: TransactionContext) -> EndedCall? {
    let outcome = TransactionContext.Outcome.failed(callerHasEnded(context))
    let omits = omissions
    let end = state.withLock { $0.end(context, outcome, omits, givingUpOn: stream, launch: launch) }
    let callee = release(end)
    guard end.context.isFirst else { return callee }
    return EndedCall(self, run: context.run, end, outcome, callee: callee)
  }

  private func callerHasEnded(_ context: TransactionContext) -> TransactionError {
    TransactionError(
      .cancelled, "the caller was cancelled while the transaction waited for \(context.waitsFor)",
      waitedFor: context.waitsFor)
  }

  /// Ends a transaction that nobody waits for any more, and cancels the chaincode's task.
  ///
  /// False if something else has ended it.
  @discardableResult
  private func abandon(_ context: TransactionContext, _ error: TransactionError) -> Bool {
    finish(context, .failed(error), givingUpOn: stream)
  }

  func deadlinePassed(_ context: TransactionContext) {
    let error = TransactionError(
      .deadlineExceeded, "timeout expired while executing transaction", waitedFor: context.waitsFor)
    guard abandon(context, error) else { return }
    counters.add(.deadlinesExceeded)
    environment.configuration.metrics?.executeTimedOut(chaincode: id ?? context.namespace)
  }

  // MARK: Requests

  /// Takes a request; whether it is to be served now.
  private func isNext(_ message: ChaincodeMessage, _ context: TransactionContext) -> Bool {
    switch context.requested(message) {
    case .serve: return true
    case .wait: return false
    case .refuse:
      refuseRequest(message)
      return false
    }
  }

  /// Answers a request of no open transaction.
  private func refuseRequest(_ message: ChaincodeMessage) {
    let answer = failure(of: message, noContext(message))
    let metrics = environment.configuration.metrics
    if let metrics { noteReceived(metrics, message) }
    reply(answer, to: message)
    if let metrics { noteCompleted(metrics, message, answer, duration: .zero) }
  }

  /// Whether a request is to be served in the loop; one that may have to wait is served in a task from now on.
  private func staysInLoop(_ message: ChaincodeMessage, _ context: TransactionContext) -> Bool {
    if answersAtOnce(message, context) { return true }
    if !beginCall(message, context) { serveInTask(message, context) }
    return false
  }

  /// Serves a request in a task of its transaction.
  func serveInTask(_ message: ChaincodeMessage, _ context: TransactionContext) {
    let serving = RequestServing(message, context, handler: self)
    // Before the task is started, which may have answered before it is noted.
    let ordinal = context.ordinal
    let task = tasks.start("\(message.type) \(context.namespace)", .request(serving))
    if task == 0 {
      // The stream is ending; the transaction ends with it.
      _ = context.served()
    } else if !context.isServed(by: task, ordinal) {
      tasks.cancel(task)
    }
  }

  /// Answers a request, and those of the transaction that came meanwhile, in the loop as far as nothing has to wait there.
  func serve(_ message: ChaincodeMessage, _ context: TransactionContext, inLoop: Bool) async {
    var next: ChaincodeMessage? = message
    while let message = next {
      next = nil
      let metrics = environment.configuration.metrics
      let begun = metrics == nil ? .zero : timers.now
      if let metrics { noteReceived(metrics, message) }
      let answer = await answer(message, context)
      await environment.reached(
        .answerIsReady, by: context.namespace, in: MachineState(context.machineState))
      reply(answer, to: message)
      if let metrics {
        noteCompleted(metrics, message, answer, duration: timers.now - begun)
      }
      next = served(context)
      if inLoop, let waiting = next, !staysInLoop(waiting, context) { return }
    }
  }

  /// A request was answered: gives the one of its transaction that is next.
  func served(_ context: TransactionContext) -> ChaincodeMessage? {
    switch context.served() {
    case .nothing: return nil
    case .serve(let waiting): return waiting
    case .close(let unserved):
      for late in unserved { refuseRequest(late) }
      return nil
    }
  }

  /// The answer of a ledger that gives it by a plain function; `nil` for what has to be asked for asynchronously.
  private func answerAtOnce(_ message: ChaincodeMessage, _ context: TransactionContext) -> Payload? {
    // Only ``serve(_:_:inLoop:)`` takes the time, and lets a seam in.
    guard !environment.isMeasured, environment.seam == nil,
      let simulator = context.params.simulator?.immediate
    else { return nil }
    do {
      return try plainAnswer(message, context, simulator).map { .response($0) }
    } catch {
      return failure(of: message, WireString(textOf: error))
    }
  }

  private func answer(_ message: ChaincodeMessage, _ context: TransactionContext) async -> Payload {
    do {
      if let answer = try await answerPlainly(message, context) { return .response(answer) }
      return .response(try await respond(to: message, in: context))
    } catch {
      return failure(of: message, WireString(textOf: error))
    }
  }

  func failure(of message: ChaincodeMessage, _ cause: WireString) -> Payload {
    let prefix = "\(message.type.name(in: environment.version)) failed: transaction ID: \(message.txid): "
    return .error(WireString(bytes: Array(prefix.utf8) + cause.bytes))
  }

  private func noContext(_ message: ChaincodeMessage) -> WireString {
    message.type == .invokeChaincode ? "could not get valid transaction" : "no ledger context"
  }

  /// Whether nothing that the answer needs can wait.
  private func answersAtOnce(_ message: ChaincodeMessage, _ context: TransactionContext) -> Bool {
    // A query in the state database's language may look at every key, so it takes its time though it waits for nobody.
    if message.type == .invokeChaincode || message.type == .getQueryResult { return false }
    guard context.params.simulator?.answersAtOnce ?? true else { return false }
    switch message.type {
    case .getHistoryForKey: return context.params.historyQueryExecutor?.answersAtOnce ?? true
    case .queryStateNext:
      guard case .queryStateNext(let next)? = try? message.payload.typed() else { return true }
      return context.iterator(next.id)?.answersAtOnce ?? true
    case _: break
    }
    if message.payload.mayNameCollection {
      return environment.configuration.collections?.answersAtOnce ?? true
    }
    return true
  }

  private func noteReceived(_ metrics: any HostMetrics, _ message: ChaincodeMessage) {
    var records = 1
    if case .writeBatchState(let batch) = message.payload { records = batch.records.count }
    metrics.requestReceived(
      type: message.type, channel: message.channelID, chaincode: id ?? .empty, records: records)
  }

  private func noteCompleted(
    _ metrics: any HostMetrics, _ message: ChaincodeMessage, _ answer: Payload, duration: Duration
  ) {
    metrics.requestCompleted(
      type: message.type, channel: message.channelID, chaincode: id ?? .empty, duration: duration,
      success: answer.type == .response)
  }

  /// The id of a new iterator.
  func makeIteratorID() -> WireString {
    let ordinal = state.withLock { state in
      state.iterators += 1
      return state.iterators
    }
    return environment.configuration.identifiers.iteratorID(ordinal)
  }
}

// MARK: Keepalive

extension PeerHandler: TimerTarget {
  private func watchKeepalive() {
    let interval = environment.configuration.keepalive
    guard interval > .zero else { return }
    let timer = timers.schedule(after: interval, self)
    let ended = state.withLock { state in
      state.keepalive = timer
      return state.machine.state == .ended
    }
    if ended { timers.cancel(timer) }
  }

  /// It is time for a KEEPALIVE.
  func timerFired() {
    guard (try? stream.send(ChaincodeMessage(.keepalive))) != nil else { return }
    watchKeepalive()
  }
}
