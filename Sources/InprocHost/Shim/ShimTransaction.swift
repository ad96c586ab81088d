import MessageFSM

/// One run of a chaincode: its calls to the peer, one at a time, and who waits for the answers.
final class ShimTransaction: Sendable {
  typealias Outcome = Result<Answer, TransactionError>

  let txid: WireString
  let channelID: WireString
  let run: UInt64

  private struct Call {
    let payload: Payload
    let waiter: Suspension<Outcome>
  }

  private struct State {
    var machine = ShimTransactionMachine()
    var waiter: Suspension<Outcome>?
    var queue: [Call] = []
    var end: TransactionError?
  }

  private let stream: InprocStream
  private let seam: (any HostSeam)?
  private let state = Locked(State())

  init(txid: WireString, channelID: WireString, run: UInt64, stream: InprocStream, seam: (any HostSeam)?) {
    self.txid = txid
    self.channelID = channelID
    self.run = run
    self.stream = stream
    self.seam = seam
  }

  /// Whether a call waits for its answer.
  var isCalling: Bool {
    state.withLock { $0.machine.state == .calling }
  }

  /// Sends a request and waits for its answer, behind the calls that were made before.
  ///
  /// Returns or throws when the peer has answered, when the stream ends, or when nobody waits for the transaction any more.
  func call(_ payload: Payload) async throws(TransactionError) -> Answer {
    let outcome: Outcome = await suspend { waiter in
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
    return try outcome.get()
  }

  /// RESPONSE or ERROR came.
  ///
  /// False if nobody waited for it.
  func answered(_ outcome: Outcome) -> Bool {
    let (waiter, next, taken) = state.withLock { state -> (Suspension<Outcome>?, Payload?, Bool) in
      switch state.machine.answered() {
      case .surplus: return (nil, nil, false)
      case .deliver: return (state.waiter.take(), nil, true)
      case .deliverAndSendNext:
        let waiter = state.waiter.take()
        let call = state.queue.isEmpty ? nil : state.queue.removeFirst()
        state.waiter = call?.waiter
        return (waiter, call?.payload, true)
      }
    }
    if seam?.performs(.resumeCall) ?? true { waiter?.resume(outcome) }
    if let next { send(next) }
    return taken
  }

  /// The transaction is over: calls that wait, and later ones, throw `error`.
  func end(_ error: TransactionError) {
    let waiters = state.withLock { state -> [Suspension<Outcome>] in
      guard state.machine.end() else { return [] }
      state.end = error
      var waiters = state.queue.map(\.waiter)
      state.queue = []
      if let waiter = state.waiter.take() { waiters.insert(waiter, at: 0) }
      return waiters
    }
    for waiter in waiters { waiter.resume(.failure(error)) }
  }

  /// What stub calls throw after the chaincode has returned.
  static let over = TransactionError(.ended, "the transaction is over; its stub cannot be used any more")

  private func send(_ payload: Payload) {
    do throws(HostError) {
      try stream.send(ChaincodeMessage(payload, txid: txid, channelID: channelID, run: run))
    } catch {
      end(TransactionError(.streamEnded, "[\(txid)] error sending \(payload.type): \(error.message)"))
    }
  }
}
