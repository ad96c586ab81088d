import MessageFSM
import Synchronization

/// One run of a chaincode: its calls to the peer, one at a time, and who waits for the answers.
final class ShimTransaction: Sendable {
  typealias Outcome = Result<Answer, TransactionError>

  /// The INIT or TRANSACTION that began it.
  let message: ChaincodeMessage
  /// What the peer offered in READY.
  let offer: PeerOffer
  /// Its number at this end of the stream.
  let number: UInt64
  /// Not the handler, which has the chaincode: one that keeps a stub would keep itself.
  private let stream: InprocStream
  private let seam: (any HostSeam)?

  private struct Call {
    let payload: Payload
    let waiter: Suspension<Outcome>
  }

  private struct State {
    var machine = ShimTransactionMachine()
    /// Who waits for the answer to the call that was sent.
    var waiter: Suspension<Outcome>?
    /// The answer, when it has come while the call was still being sent.
    ///
    /// The machine hears of it when it is taken.
    var outcome: Outcome?
    var queue: [Call] = []
    var end: TransactionError?
    /// Ends the call that was sent; gives the next one, which has to be sent.
    mutating func advance() -> Call? {
      guard machine.answered() == .deliverAndSendNext, !queue.isEmpty else { return nil }
      let call = queue.removeFirst()
      waiter = call.waiter
      return call
    }

    /// What a call that was sent ends with, if that is known, and the next call, which has to be sent.
    mutating func collect() -> (outcome: Outcome, next: Call?)? {
      if let outcome = outcome.take() { return (outcome, advance()) }
      if let end { return (.failure(end), nil) }
      return nil
    }
  }

  private let state = Locked(State())
  private let runner = Atomic<UInt64>(0)

  init(
    _ message: ChaincodeMessage, number: UInt64, offer: PeerOffer, stream: InprocStream,
    seam: (any HostSeam)?
  ) {
    self.message = message
    self.number = number
    self.offer = offer
    self.stream = stream
    self.seam = seam
  }

  var txid: WireString { message.txid }
  var channelID: WireString { message.channelID }

  /// The task that runs it; 0 until that is noted.
  ///
  /// Whoever notes it looks for a cancellation then, and whoever cancels looks for the task: one of them sees the other.
  var task: UInt64 {
    get { runner.load(ordering: .sequentiallyConsistent) }
    set { runner.store(newValue, ordering: .sequentiallyConsistent) }
  }

  /// Where the transaction is.
  var machineState: ShimTransactionMachine.State { state.withLock { $0.machine.state } }

  /// Whether a call waits for its answer.
  var isCalling: Bool {
    state.withLock { $0.machine.state == .calling && $0.outcome == nil }
  }

  /// Sends a request and waits for its answer, behind the calls that were made before.
  ///
  /// Returns or throws when the peer has answered, when the stream ends, or when nobody waits for the transaction any more.
  func call(_ payload: consuming Payload) async throws(TransactionError) -> Answer {
    let isFirst = state.withLock { state in
      guard state.machine.state == .computing else { return false }
      return state.machine.called() == .send
    }
    let outcome: Outcome
    if isFirst {
      if let delivery = deliver(payload) { await stream.finish(delivery) }
      if let answer = collect(or: nil) { outcome = answer } else { outcome = await answer() }
    } else {
      outcome = await turn(payload)
    }
    return try outcome.get()
  }

  /// Waits for the answer to a call that was sent.
  ///
  /// Never inlined: a function that can suspend looks for its executor, and most calls have their answer already.
  @inline(never)
  private func answer() async -> Outcome {
    await suspend { waiter in collect(or: waiter) }
  }

  /// The outcome of the call that was sent, if it has come; otherwise `waiter` will get it.
  private func collect(or waiter: Suspension<Outcome>?) -> Outcome? {
    let answer = state.withLock { state in
      let answer = state.collect()
      if answer == nil { state.waiter = waiter }
      return answer
    }
    if let next = answer?.next { send(next.payload) }
    return answer?.outcome
  }

  /// Sends a request when the calls that were made before are answered, and waits for its answer.
  @inline(never)
  private func turn(_ payload: Payload) async -> Outcome {
    await suspend { waiter in
      let (action, end) = state.withLock { state in
        let action = state.machine.called()
        switch action {
        case .send: state.waiter = waiter
        case .wait: state.queue.append(Call(payload: payload, waiter: waiter))
        case .refuse: break
        }
        return (action, state.end)
      }
      switch action {
      case .send:
        send(payload)
        return nil
      case .wait:
        if seam?.performs(.waitForTurn) == false { send(payload) }
        return nil
      case .refuse: return .failure(end ?? Self.over)
      }
    }
  }

  /// RESPONSE or ERROR came.
  ///
  /// False if nobody waited for it.
  func answered(_ outcome: Outcome) -> Bool {
    let (waiter, next, taken) = state.withLock { state -> (Suspension<Outcome>?, Call?, Bool) in
      guard state.machine.state == .calling && state.outcome == nil else { return (nil, nil, false) }
      guard let waiter = state.waiter.take() else {
        state.outcome = outcome
        return (nil, nil, true)
      }
      return (waiter, state.advance(), true)
    }
    if seam?.performs(.resumeCall) ?? true { waiter?.resume(outcome) }
    if let next { send(next.payload) }
    return taken
  }

  /// The transaction is over: calls that wait, and later ones, throw `error`.
  func end(_ error: TransactionError) {
    let waiters = state.withLock { state -> [Suspension<Outcome>] in
      guard state.machine.end() else { return [] }
      state.end = error
      var waiters = state.queue.map { $0.waiter }
      state.queue = []
      if let waiter = state.waiter.take() { waiters.insert(waiter, at: 0) }
      return waiters
    }
    for waiter in waiters { waiter.resume(.failure(error)) }
  }

  /// What stub calls throw after the chaincode has returned.
  static let over = TransactionError(.ended, "the transaction is over; its stub cannot be used any more")

  /// Sends a request, and lets the peer's loop answer it at once if it can.
  private func deliver(_ payload: consuming Payload) -> InprocStream.Delivery? {
    let type = payload.type
    do throws(HostError) {
      return try stream.deliver(message(payload))
    } catch {
      failed(type, error)
      return nil
    }
  }

  private func send(_ payload: consuming Payload) {
    let type = payload.type
    do throws(HostError) {
      try stream.send(message(payload))
    } catch {
      failed(type, error)
    }
  }

  private func message(_ payload: consuming Payload) -> ChaincodeMessage {
    ChaincodeMessage(payload, txid: txid, channelID: channelID, run: message.run)
  }

  private func failed(_ type: MessageType, _ error: HostError) {
    end(TransactionError(.streamEnded, "[\(txid)] error sending \(type): \(error.message)"))
  }
}

extension ChaincodeMessage {
  /// The input of an INIT or TRANSACTION that is typed, as it nearly always is in process.
  var input: ChaincodeInput? {
    switch payload {
    case .initialize(let input), .transaction(let input): input
    case _: nil
    }
  }
}
