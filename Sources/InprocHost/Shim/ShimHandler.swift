import MessageFSM
import Synchronization

/// Stop 4 of 6 on the way of a message: the stream → **ShimHandler** → the chaincode (Fabric `shim.Handler`).
///
/// One loop reads the stream, asks ``MessageFSM/ShimStateMachine`` what to do, and does it. The loop never runs chaincode: each
/// transaction has a task of its own, so a chaincode that computes, or hangs, holds up nobody.
final class ShimHandler: ImmediateMessageLoop {
  private struct State {
    var machine: ShimStateMachine
    var offer = PeerOffer.nothing
    var transactions = RunTable<ShimTransaction>()
    /// The transactions of a peer that names no runs, by what it names.
    var unnamed: [TransactionKey: [UInt64]] = [:]
    var nextUnnamed: UInt64 = 1 << 63

    /// Notes a transaction that begins; `nil` if the peer has a transaction of this number already.
    mutating func begin(
      _ message: ChaincodeMessage, _ stream: InprocStream, _ seam: (any HostSeam)?
    ) -> ShimTransaction? {
      // Ours never does that; another peer's second use of a number must not make the first forgotten.
      guard message.run == 0 || transactions[message.run] == nil else { return nil }
      var number = message.run
      if number == 0 {
        nextUnnamed += 1
        number = nextUnnamed
        unnamed[TransactionKey(message), default: []].append(number)
      }
      let transaction = ShimTransaction(
        message, number: number, offer: offer, stream: stream, seam: seam)
      transactions[number] = transaction
      return transaction
    }
  }

  private let name: WireString
  private let chaincode: any Chaincode
  private let stream: InprocStream
  private let environment: HostEnvironment
  private let tasks: RunningTasks
  private let state: Locked<State>
  /// Whether nothing is begun any more: a task may come to run for the first time when it was given up already.
  private let isClosed = Atomic(false)

  init(_ chaincode: any Chaincode, id: WireString, stream: InprocStream, environment: HostEnvironment) {
    self.name = id
    self.chaincode = chaincode
    self.stream = stream
    self.environment = environment
    self.tasks = RunningTasks(environment: environment)
    self.state = Locked(State(machine: ShimStateMachine(version: environment.version)))
  }

  /// Registers the chaincode and serves the peer (Fabric `shim.StartInProc`).
  ///
  /// Returns why it ended: when the stream ends, or when a message before READY does not fit. All calls of the chaincode have
  /// thrown by then, and its tasks have ended or were given up after the grace period.
  func run() async -> HostError {
    stream.onCancel(cancel)
    let end = await loop()
    stream.finish()
    let transactions = state.withLock { state in
      _ = state.machine.end()
      defer { state.transactions = RunTable() }
      return state.transactions.sorted.map { $0.value }
    }
    for transaction in transactions where environment.performs(.failCalls) {
      transaction.end(
        TransactionError(
          .streamEnded, "[\(transaction.txid)] the stream to the peer has ended: \(end.message)"))
    }
    await tasks.close()
    isClosed.store(true, ordering: .releasing)
    return end
  }

  private func loop() async -> HostError {
    do throws(HostError) {
      try stream.send(ChaincodeMessage(.register(ChaincodeID(name: name))))
    } catch {
      return error.wrapped("error sending chaincode REGISTER")
    }
    if environment.seam?.lendsTurns ?? true { stream.lend(.immediate(self)) }
    var messages: [ChaincodeMessage] = []
    while await stream.receive(into: &messages) {
      for message in messages {
        if let seam = environment.seam,
          !(await seam.reached(
            .shimReceives, by: name, in: MachineState(state.withLock { $0.machine.state })))
        {
          return HostError(.streamEnded, "receive failed: the seam has ended the stream")
        }
        if let end = receive(message) { return end }
      }
      messages.removeAll(keepingCapacity: true)
    }
    return stream.verdict ?? HostError(.streamEnded, "receive failed: channel is closed")
  }

  func receive(_ message: ChaincodeMessage) -> HostError? {
    if environment.isObserved {
      environment.configuration.observer?.received(message, by: .chaincode, chaincode: name)
    }
    if let seam = environment.seam {
      seam.handles(message.type, by: .chaincode, in: state.withLock { $0.machine.state.rawValue })
    }
    return handle(message)
  }

  /// Does what the machine says; returns why the stream ends, if it does.
  private func handle(_ message: ChaincodeMessage) -> HostError? {
    let (action, transaction) = state.withLock {
      state -> (ShimStateMachine.ReceivedAction, ShimTransaction?) in
      let action = state.machine.received(
        message.type, txid: message.txid, payloadSize: message.payload.wireBytes().count)
      switch action {
      case .initialize, .invoke: return (action, state.begin(message, stream, environment.seam))
      case _: return (action, message.run == 0 ? nil : state.transactions[message.run])
      }
    }
    switch action {
    case .established, .ignore: return nil
    case .becameReady:
      becameReady(message.payload)
      return nil
    case .initialize, .invoke:
      begin(message, transaction)
      return nil
    case .answer:
      answered(message, transaction)
      return nil
    case .echo:
      try? stream.send(message)
      return nil
    case .refuse(let violation):
      environment.counters.add(.violations)
      reply(.error(WireString(violation.description)), to: message)
      return nil
    case .refuseAndEnd(let violation):
      environment.counters.add(.violations)
      // Fabric's reply has no channel here.
      try? stream.send(
        ChaincodeMessage(.error(WireString(violation.description)), txid: message.txid))
      return HostError(.streamEnded, "error handling message: \(violation.description)", cause: violation)
    }
  }

  private func becameReady(_ payload: Payload) {
    // An offer that cannot be read is none, and no error (fabric-chaincode-go v2.3).
    guard environment.version == .v3_1, case .ready(let params)? = try? payload.typed() else { return }
    state.withLock { $0.offer = PeerOffer(params) }
  }

  // MARK: Transactions

  /// Starts the task of a transaction that was begun.
  private func begin(_ message: ChaincodeMessage, _ transaction: ShimTransaction?) {
    guard let transaction else {
      environment.counters.add(.violations)
      return reply(.error("[\(message.txid)] run \(String(message.run)) is open already"), to: message)
    }
    let task = tasks.start("chaincode \(name)", .transaction(transaction, at: self))
    if task == 0 { return release(transaction) }
    transaction.task = task
    // The peer may have given the run up before its task was noted, or even before its message was read.
    if stream.isCancelled(run: transaction.number) { cancel(run: transaction.number) }
  }

  /// What the task of a transaction does.
  func perform(_ transaction: ShimTransaction) async {
    let reply = await execute(transaction)
    // Released before the answer goes out, so that the next use of the txid finds nothing left.
    release(transaction)
    transaction.end(ShimTransaction.over)
    if let delivery = try? stream.deliver(reply) { await stream.finish(delivery) }
  }

  private func release(_ transaction: ShimTransaction) {
    state.withLock { state in
      state.transactions[transaction.number] = nil
      guard transaction.message.run == 0 else { return }
      let key = TransactionKey(transaction.message)
      state.unnamed[key]?.removeAll { $0 == transaction.number }
      if state.unnamed[key]?.isEmpty == true { state.unnamed[key] = nil }
    }
  }

  /// Runs the chaincode and makes the message that ends the transaction.
  private func execute(_ transaction: ShimTransaction) async -> ChaincodeMessage {
    let message = transaction.message
    let initialize = if case .initialize = message.type { true } else { false }
    let version = environment.version
    let stub: ChaincodeStub
    do {
      stub = try ChaincodeStub(
        transaction: transaction, decoded: message.input == nil ? try decodedInput(of: message) : nil,
        proposal: message.proposal, version: version, offer: transaction.offer)
    } catch {
      return end(.error(WireString(textOf: error)), of: message)
    }
    if isClosed.load(ordering: .acquiring) { return end(.error(ShimTransaction.over.message), of: message) }
    let response: Response
    do {
      response = initialize ? try await chaincode.initialize(stub) : try await chaincode.invoke(stub)
    } catch {
      response = .failure(WireString(textOf: error))
    }
    if initialize && response.status >= Response.error {
      return end(.error(response.message), of: message, event: stub.event)
    }
    do throws(TransactionError) {
      if version == .v3_1 {
        if !response.message.isValidUTF8 {
          throw TransactionError(
            .invalidArgument, "failed to marshal response: string field contains invalid UTF-8")
        }
        try await stub.finishWriteBatch()
      }
    } catch {
      let text = error.code == .invalidArgument ? error : error.wrapped("failed send batch")
      return end(.error(text.message), of: message)
    }
    guard response.message.isValidUTF8 else {
      let text: WireString = "proto: field \"protos.Response.Message\" contains invalid UTF-8"
      // Fabric 1.4 forgets the channel of such an INIT, so that its peer waits until the deadline (golden file h073).
      if initialize { return ChaincodeMessage(.error(text), txid: message.txid, event: stub.event) }
      return end(.error(text), of: message, event: stub.event)
    }
    guard let event = stub.event else { return end(.completed(response), of: message) }
    return end(.completed(response), of: message, event: event)
  }

  private func decodedInput(of message: ChaincodeMessage) throws(TransactionError) -> ChaincodeInput {
    do throws(WireError) {
      switch try message.payload.typed() {
      case .initialize(let input), .transaction(let input): return input
      case _: return ChaincodeInput()
      }
    } catch {
      throw TransactionError(.unreadable, WireString(error.text(environment.version)))
    }
  }

  private func end(_ payload: consuming Payload, of message: ChaincodeMessage) -> ChaincodeMessage {
    ChaincodeMessage(payload, txid: message.txid, channelID: message.channelID, run: message.run)
  }

  private func end(
    _ payload: Payload, of message: ChaincodeMessage, event: ChaincodeEvent?
  ) -> ChaincodeMessage {
    ChaincodeMessage(
      payload, txid: message.txid, channelID: message.channelID, event: event, run: message.run)
  }

  private func answered(_ message: ChaincodeMessage, _ running: ShimTransaction?) {
    let outcome: ShimTransaction.Outcome
    switch message.payload {
    case .response(let answer): outcome = .success(answer)
    case .error(let text): outcome = .failure(TransactionError(.refused, text))
    case _ where message.type == .error:
      outcome = .failure(TransactionError(.refused, WireString(bytes: message.payload.wireBytes())))
    case _: outcome = .success(.bytes(message.payload.wireBytes()))
    }
    let waiting = message.run == 0 ? unnamed(message).first(where: \.isCalling) : running
    guard let waiting, waiting.answered(outcome) else {
      environment.counters.add(.surplusMessages)
      return
    }
  }

  /// The transactions that a message of a peer that names no runs can mean.
  ///
  /// A txid that such a peer uses twice at once is answered in the order of the transactions.
  private func unnamed(_ message: ChaincodeMessage) -> [ShimTransaction] {
    state.withLock { state in
      state.unnamed[TransactionKey(message), default: []].compactMap {
        state.transactions[$0]
      }
    }
  }

  /// The peer does not wait for this run any more: its task is cancelled, and its calls throw.
  private func cancel(run: UInt64) {
    guard let transaction = state.withLock({ $0.transactions[run] }) else { return }
    transaction.end(
      TransactionError(.cancelled, "[\(transaction.txid)] the peer does not wait any more"))
    tasks.cancel(transaction.task)
  }

  private func reply(_ payload: Payload, to message: ChaincodeMessage) {
    try? stream.send(
      ChaincodeMessage(payload, txid: message.txid, channelID: message.channelID, run: message.run))
  }
}
