import MessageFSM

/// What was endorsed and not committed yet, by channel.
final class EndorsedPool: Sendable {
  struct Item: Sendable {
    let transaction: EndorsedTransaction
    let program: TransactionProgram
    let chaincode: String
    let height: Int
    let writes: [LedgerModel.Write]
  }

  private let items = Locked<[String: [Item]]>([:])

  func add(_ item: Item, channel: String) {
    items.withLock { items in
      // A client sends the result of a txid once.
      guard items[channel]?.contains(where: { $0.transaction.txid == item.transaction.txid }) != true else {
        return
      }
      items[channel, default: []].append(item)
    }
  }

  func takeAll(_ channel: String) -> [Item] {
    items.withLock { $0.removeValue(forKey: channel) ?? [] }
  }
}

// Transactions, and what the model says of their answers.
extension HostScenarioRun {
  /// Runs a transaction with what the faults add: a second use of the txid, a near deadline, a client that gives up, a call of itself.
  @discardableResult
  func invoke(
    _ label: String, _ chaincode: String, _ channel: String, _ timeout: Int, _ program: TransactionProgram
  ) async -> Response? {
    var program = program
    var timeout = timeout
    var isRaced = false
    if let amount = world.faults.fires(.timeoutRace, at: label, in: nil) {
      isRaced = true
      timeout = [1, 3, 5, 5, 5, 8, 20][amount % 7]
    }
    if let amount = world.faults.fires(.reentrantCall, at: label), scenario.channels.count > 0 {
      let other = scenario.channels[amount % scenario.channels.count]
      program.steps.append(.call(chaincode, other, TransactionProgram([.get("k1")])))
    }
    let call = ProgramCall(
      txid: label, chaincode: chaincode, channel: channel, timeout: timeout, program: program,
      isRaced: isRaced)
    guard let amount = world.faults.fires(.duplicateTxid, at: label, in: nil) else {
      return await cancellable(call)
    }
    var second = call
    second.program = TransactionProgram([.put("second", label), .many(["k0", "k1", "k2"])])
    second.sharesTxid = true
    second.isRaced = false
    var first = call
    first.sharesTxid = true
    if amount % 2 == 0 {
      _ = await cancellable(first)
      world.faults.met(.duplicateTxid, in: state(of: first))
      return await run(second)
    }
    let task = second
    return await withTaskGroup(of: Void.self) { group in
      world.simulator.taskStarts("second \(label)")
      group.addTask(name: "second \(label)") {
        world.faults.met(.duplicateTxid, in: state(of: task))
        _ = await run(task)
        world.simulator.taskEnds()
      }
      let response = await cancellable(first)
      await group.waitForAll()
      return response
    }
  }

  /// Runs a call, and cancels its task in the middle if the faults say so.
  private func cancellable(_ call: ProgramCall) async -> Response? {
    guard let amount = world.faults.fires(.clientCancelled, at: call.txid, in: nil) else {
      return await run(call)
    }
    return await withTaskGroup(of: Response?.self) { group in
      world.simulator.taskStarts("cancelled \(call.txid)")
      group.addTask(name: "cancelled \(call.txid)") {
        let response = await run(call)
        world.simulator.taskEnds()
        return response
      }
      await world.simulator.pause(steps: 1 + amount / 4)
      world.faults.met(.clientCancelled, in: state(of: call))
      group.cancelAll()
      return await group.next() ?? nil
    }
  }

  /// Where a call is: open at the peer, on its way there, or over.
  private func state(of call: ProgramCall) -> MachineState {
    if let state = world.state(of: WireString(call.txid), channel: call.channel) { return state }
    return world.record.withLock { $0.ended.contains(call.txid) } ? .peerOver : .outside
  }

  /// Where a call was when its deadline passed, or that it was over by then.
  private func state(at outcome: Result<EndorsedTransaction, TransactionError>) -> MachineState {
    guard case .failure(let error) = outcome else { return .peerOver }
    switch error.code {
    case .deadlineExceeded: return error.waitedFor == "the chaincode" ? .peerComputing : .peerServing
    case .launchFailed: return .outside
    case _: return .peerOver
    }
  }

  private func run(_ call: ProgramCall) async -> Response? {
    let begun = world.clock.now.offset
    world.noteDeadline(.milliseconds(call.timeout == 0 ? scenario.timeout : call.timeout))
    world.note(call.program.description, from: "client", to: "\(call.txid)")
    let text = call.program.description
    world.programs.withLock { $0[text] = call.program }
    let outcome: Result<EndorsedTransaction, TransactionError> = await world.transaction(
      call.txid, channel: call.channel
    ) {
      do throws(TransactionError) {
        return .success(
          try await host.invoke(
            WireString(call.chaincode), [text], channel: WireString(call.channel),
            txid: WireString(call.txid), timeout: call.timeout == 0 ? nil : .milliseconds(call.timeout)))
      } catch {
        return .failure(error)
      }
    }
    world.record.withLock { _ = $0.ended.insert(call.txid) }
    if call.isRaced { world.faults.met(.timeoutRace, in: state(at: outcome)) }
    let elapsed = world.clock.now.offset - begun
    let limit = Duration.milliseconds(call.timeout == 0 ? scenario.timeout : call.timeout)
    if !world.isPressed && elapsed > limit + .milliseconds(100) {
      world.fail("deadlineIsKept", "\(call.txid) took \(elapsed), its deadline was \(limit)")
    }
    switch outcome {
    case .success(let transaction):
      world.note("status \(transaction.response.status)", from: "\(call.txid)", to: "client")
      judge(transaction, of: call, isLate: elapsed >= limit)
      return transaction.response
    case .failure(let error):
      world.note("\(error)", from: "\(call.txid)", to: "client")
      judge(error, of: call, isLate: elapsed >= limit)
      return nil
    }
  }

  // MARK: Judging

  private func judge(_ transaction: EndorsedTransaction, of call: ProgramCall, isLate: Bool) {
    let response = transaction.response
    if response.status >= Response.errorThreshold {
      let text = "\(response.message)"
      if text == ProgramFailed.text && call.program.allSteps.contains(.fail) { return }
      if predictions(call).contains(where: { $0.outcome.answer == nil }) { return }
      if isLate && (text.contains("timeout expired") || text.contains("does not wait any more")) { return }
      if call.sharesTxid && text.contains("exists") { return }
      world.always(
        "undisturbedCallSucceeds", world.isDisturbed, "\(call.txid): status \(response.status): \(text)")
      return
    }
    let answer = String(decoding: response.payload, as: UTF8.self)
    let predictions = predictions(call)
    guard let right = predictions.first(where: { $0.outcome.answer == answer }) else {
      let expected = predictions.map { $0.outcome.answer ?? "a failure" }.joined(separator: " or ")
      // Limits cut ranges short.
      if world.faults.isActive(.smallLimits) && call.program.allSteps.contains(where: \.isRange) { return }
      world.fail("answerIsTheModels", "\(call.txid) (\(call.program)): \(answer), not \(expected)")
      return
    }
    world.sometimes("a transaction that reads and writes was endorsed", !right.outcome.writes.isEmpty)
    pool.add(
      EndorsedPool.Item(
        transaction: transaction, program: call.program, chaincode: call.chaincode, height: right.height,
        writes: right.outcome.writes), channel: call.channel)
  }

  private func judge(_ error: TransactionError, of call: ProgramCall, isLate: Bool) {
    world.sometimes("a call ended with \(error.code)")
    switch error.code {
    case .deadlineExceeded:
      world.always("deadlineIsNotEarly", isLate, "\(call.txid) ended before its deadline: \(error)")
    case .duplicate:
      world.always("undisturbedCallSucceeds", call.sharesTxid || world.isDisturbed, "\(call.txid): \(error)")
    case _:
      world.always(
        "undisturbedCallSucceeds", world.isDisturbed || (isLate && error.code == .launchFailed),
        "\(call.txid): \(error)")
    }
  }

  /// What the model says, at each height at which the transaction can have begun.
  private func predictions(_ call: ProgramCall) -> [(height: Int, outcome: LedgerModel.Outcome)] {
    let (heights, model) = world.record.withLock { ($0.heights[call.txid] ?? [:], $0.model) }
    let own = heights[call.channel] ?? []
    let candidates = call.sharesTxid ? own : Array(own.prefix(1))
    return candidates.map { height in
      var used: [String: Int] = [call.channel: 1]
      let outcome = LedgerModel.run(
        call.program, chaincode: call.chaincode, channel: call.channel,
        state: model.state(call.channel, height: height)
      ) { channel in
        let index = used[channel, default: 0]
        used[channel] = index + 1
        guard let all = heights[channel], !all.isEmpty else { return nil }
        return model.state(channel, height: all[min(index, all.count - 1)])
      }
      return (height, outcome)
    }
  }

  // MARK: Commit

  /// Commits what is in the pool, and compares the verdicts with the model.
  func commit(_ channel: String) async {
    let items = pool.takeAll(channel)
    guard !items.isEmpty else { return }
    let ledger = world.ledgers.makeLedger(channel: WireString(channel))
    let verdicts: [TxValidationCode]
    do {
      verdicts = try await ledger.commit(items.map(\.transaction))
    } catch {
      return world.fail("commitSucceeds", "commit of \(items.count) transactions on \(channel): \(error)")
    }
    world.note(
      "commit of \(items.map { "\($0.transaction.txid)" }.joined(separator: ", "))", from: "client",
      to: channel)
    var model = world.record.withLock { $0.model }
    let height = Int(ledger.blockchainInfo().height) - 1
    var writes: [[LedgerModel.Write]] = []
    var running = model.newest(channel)
    for (item, verdict) in zip(items, verdicts) {
      guard verdict == .valid else {
        world.sometimes("a transaction was refused at commit")
        world.always(
          "commitRefusesWithReason", item.height != height || !writes.isEmpty || world.planted != nil,
          "\(item.transaction.txid) is \(verdict), though nothing was committed since it began")
        continue
      }
      if !item.program.allSteps.contains(where: \.isUnchecked) {
        let again = LedgerModel.run(
          item.program, chaincode: item.chaincode, channel: channel, state: running, foreign: { _ in nil })
        let answer = String(decoding: item.transaction.response.payload, as: UTF8.self)
        world.always(
          "validIsSerial", again.answer == answer || world.faults.isActive(.smallLimits),
          "\(item.transaction.txid) (\(item.program)) answered \(answer); on the state right before it: \(again.answer ?? "-")"
        )
      }
      for write in item.writes { running[write.key] = write.value }
      writes.append(item.writes)
    }
    model.commit(channel, writes)
    let updated = model
    world.record.withLock { $0.model = updated }
  }
}

/// A call of a program.
struct ProgramCall: Sendable {
  var txid: String
  var chaincode: String
  var channel: String
  var timeout: Int
  var program: TransactionProgram
  /// Whether another call has the same txid.
  var sharesTxid = false
  /// Whether a fault has brought its deadline near.
  var isRaced = false
}

extension TransactionProgram.Step {
  fileprivate var isRange: Bool {
    switch self {
    case .range, .page: true
    case .get, .put, .delete, .add, .many, .call, .wait, .fail: false
    }
  }

  /// Whether what it read is not checked at commit: pages, and what other channels hold.
  fileprivate var isUnchecked: Bool {
    switch self {
    case .page: true
    case .call(_, let channel, _): !channel.isEmpty
    case .get, .put, .delete, .add, .many, .range, .wait, .fail: false
    }
  }
}
