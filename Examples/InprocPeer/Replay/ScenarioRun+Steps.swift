import InprocHost
import MessageFSM

// One step after another.
extension ScenarioRun {
  mutating func replay(_ step: ScenarioStep, _ golden: GoldenStep, _ executor: StepExecutor) async throws {
    switch step.kind {
    case .invoke, .initialize, .legacyInit, .raw:
      let outcome = try await executor.run(step, golden)
      try compare(step, golden, outcome, recorder.take())
    case .commit: try await commit(step, golden)
    case .stop:
      var error: WireString?
      do throws(HostError) {
        try await executor.host.stop(chaincode: step.chaincode)
      } catch let failure {
        error = WireString(failure.message)
      }
      try compareText("error", golden.error, error)
      try compareLate(golden.messages)
    case .deploy: try await deploy(executor.host, channel: step.channel, golden.messages)
    case .sleep:
      try await clock.sleep(for: step.duration)
      try compareLate(golden.messages)
    case .parallel: try await parallel(step, golden, executor)
    }
  }

  /// Compares the messages of a step that makes none of its own.
  mutating func compareLate(_ golden: [GoldenMessage]) throws(ReplayDifference) {
    var (expected, got) = (golden, recorder.take())
    if try late.remove(from: &expected, &got, own: .empty) { differs(.deadline) }
    try compare(expected, got)
  }

  mutating func differs(_ difference: DesignDifference) {
    outcome.byDesign[difference, default: 0] += 1
  }

  mutating func skip(_ part: SkippedPart) {
    outcome.skipped[part, default: 0] += 1
  }

  // MARK: Transactions

  private mutating func compare(
    _ step: ScenarioStep, _ golden: GoldenStep, _ outcome: StepExecutor.Outcome, _ received: [GoldenMessage]
  ) throws(ReplayDifference) {
    var (expected, got) = (golden.messages, received)
    if let part = notThereYet(step, golden) { return skip(part) }
    if try late.remove(from: &expected, &got, own: step.txid) { differs(.deadline) }
    if late.isOpen(step.txid, step.chaincode) {
      return try compareReused(step, golden, outcome, expected, got)
    }
    if LateMessages.isTimeout(golden.error), LateMessages.isTimeout(outcome.error) {
      if try LateMessages.removeTail(of: &got, behind: expected.count) { differs(.deadline) }
      late.timedOut(step.txid, golden.messages)
    }
    try compare(expected, got)
    try compareFlushes(golden, got)
    try compareOutcome(golden, outcome)
  }

  /// Compares a transaction whose txid was used before by one that timed out, and whose chaincode still runs in Fabric.
  private mutating func compareReused(
    _ step: ScenarioStep, _ golden: GoldenStep, _ outcome: StepExecutor.Outcome,
    _ expected: [GoldenMessage], _ got: [GoldenMessage]
  ) throws(ReplayDifference) {
    let isCall = { (message: GoldenMessage) in message.type == "TRANSACTION" || message.type == "INIT" }
    try compare(expected.filter(isCall), got.filter(isCall))
    late.timedOut(step.txid, golden.messages)
    differs(.earlierRun)
    if outcome.error == nil || LateMessages.isTimeout(outcome.error) { return }
    throw ReplayDifference(
      "result", expected: "a result of its own, or a time-out (DESIGN §4)",
      got: outcome.error?.string ?? "(none)")
  }

  func compareOutcome(_ golden: GoldenStep, _ outcome: StepExecutor.Outcome) throws(ReplayDifference) {
    switch (golden.result, outcome.result) {
    case (let response?, .success(let result)): try compareResponse(response, result.response)
    case (nil, .failure(let error)): try compareText("error", golden.error, error.message)
    case (let response?, .failure(let error)):
      throw ReplayDifference(
        "result", expected: MessageText.show(response), got: "error \(MessageText.show(error.message))")
    case (nil, .success(let result)):
      throw ReplayDifference(
        "result", expected: "error \(MessageText.show(golden.error ?? .empty))",
        got: MessageText.show(result.response))
    }
    let event = outcome.event?.wireBytes()
    if event != golden.event { throw ReplayDifference("event", expected: golden.event, got: event) }
    switch outcome.readWriteSets {
    case .success(let sets):
      try compareSet("public read-write set", golden.publicReadWriteSet ?? [], sets.publicBytes)
      try compareSet("private read-write set", golden.privateReadWriteSet, sets.privateBytes)
    case .failure(let error):
      throw ReplayDifference("read-write sets", expected: "bytes", got: "error \(error)")
    case nil: break
    }
  }

  private func compareResponse(_ expected: Response, _ got: Response) throws(ReplayDifference) {
    guard expected != got else { return }
    if file.version == .v3_1, expected.status == got.status,
      MessageComparison.normalized(expected.message) == MessageComparison.normalized(got.message),
      MessageComparison.normalized(expected.payload) == MessageComparison.normalized(got.payload)
    {
      return
    }
    throw ReplayDifference("result", expected: MessageText.show(expected), got: MessageText.show(got))
  }

  private func compareText(
    _ name: String, _ expected: WireString?, _ got: WireString?
  ) throws(ReplayDifference) {
    guard expected != got else { return }
    if let expected, let got {
      if file.version == .v3_1, MessageComparison.normalized(expected) == MessageComparison.normalized(got) {
        return
      }
      // The recorder had no launcher; from here on the text is its own.
      let launcher = "golden: no launcher"
      if expected.string.hasSuffix(launcher), got.string.hasPrefix(expected.string.dropLast(launcher.count)) {
        return
      }
    }
    throw ReplayDifference(
      name, expected: expected.map { MessageText.show($0) } ?? "(none)",
      got: got.map { MessageText.show($0) } ?? "(none)")
  }

  private func compareSet(
    _ name: String, _ expected: [UInt8]?, _ got: [UInt8]?
  ) throws(ReplayDifference) {
    if expected != got { throw ReplayDifference(name, expected: expected, got: got) }
  }

  /// Each end of a batch sent its records in the segments that the file says, in the order of insertion.
  private func compareFlushes(_ golden: GoldenStep, _ got: [GoldenMessage]) throws(ReplayDifference) {
    var batches: [[WriteRecord]] = []
    for message in got where message.type == "WRITE_BATCH_STATE" {
      guard let decoded = try? ChaincodeMessage(wireBytes: message.bytes),
        case .writeBatchState(let batch)? = try? decoded.payload.typed()
      else { continue }
      batches.append(batch.records)
    }
    var rest = batches[...]
    for (index, flush) in golden.flushes.enumerated() where !flush.segments.isEmpty {
      // Batches that a script sends raw are no flush.
      while !rest.isEmpty && !Self.begins(rest, flush) { rest = rest.dropFirst() }
      guard !rest.isEmpty else {
        throw ReplayDifference(
          "flush \(index)", expected: "\(flush.records) records in segments of \(flush.segments)",
          got: "messages with \(batches.map(\.count)) records")
      }
      rest = rest.dropFirst(flush.segments.count)
    }
  }

  private static func begins(_ batches: ArraySlice<[WriteRecord]>, _ flush: GoldenFlush) -> Bool {
    let sent = batches.prefix(flush.segments.count)
    return sent.map(\.count) == flush.segments && flush.inserted.starts(with: sent.joined())
  }

  /// Which chaincode the step needs that is not written yet.
  private func notThereYet(_ step: ScenarioStep, _ golden: GoldenStep) -> SkippedPart? {
    let known: Set<WireString> = ["qscc", "cscc", "lscc"]
    let missing = Set(file.scenario.system.map { WireString($0) }).subtracting(known)
    let isMissing =
      missing.contains(step.chaincode) || golden.messages.contains { missing.contains($0.chaincode) }
    return isMissing ? .systemChaincode : nil
  }

  // MARK: Blocks

  private mutating func commit(_ step: ScenarioStep, _ golden: GoldenStep) async throws(ReplayDifference) {
    let ledger = try ledgers.ledger(step.channel)
    guard let block = golden.block else {
      throw ReplayDifference("the golden step", expected: "a block", got: "none")
    }
    if golden.panic != nil {
      // Fabric died; here the step must end, with an error or a valid block.
      hasComparableEnd = await ledgers.refusal(of: block, by: ledger) != nil
      return differs(.panic)
    }
    if let error = golden.error {
      try compareText("error", error, await ledgers.refusal(of: block, by: ledger))
    } else {
      try await ledgers.commit(block, to: ledger)
    }
    if let state = golden.state { try ledgers.compareState(state, of: ledger) }
  }

  // MARK: Several transactions at a time

  private mutating func parallel(
    _ step: ScenarioStep, _ golden: GoldenStep, _ executor: StepExecutor
  ) async throws {
    guard step.steps.count == golden.steps.count else {
      throw ReplayDifference(
        "the golden step", expected: "\(step.steps.count) steps", got: "\(golden.steps.count)")
    }
    let outcomes = try await outcomes(step, golden, executor)
    var (expected, got) = (golden.messages, recorder.take())
    for (index, inner) in step.steps.enumerated() where isClash(inner, golden.steps[index], among: step.steps)
    {
      try removeClash(inner, outcomes[index], &got)
    }
    if step.isOrdered {
      for (golden, outcome) in zip(golden.steps, outcomes)
      where LateMessages.isTimeout(golden.error) && LateMessages.isTimeout(outcome.error) {
        late.timedOut(golden.txid, expected)
        if try LateMessages.removeTails(from: &expected, &got, of: golden.txid) { differs(.deadline) }
      }
      try compare(expected, got)
    } else {
      for (inner, golden) in zip(step.steps, golden.steps) {
        let own = got.filter { LateMessages.txid($0) == inner.txid }
        try MessageComparison.compare(
          golden.messages, own, version: file.version, name: "message of \(inner.txid)")
        outcome.comparedMessages += own.count
      }
    }
    for (index, inner) in step.steps.enumerated() {
      if isClash(inner, golden.steps[index], among: step.steps) { continue }
      do throws(ReplayDifference) {
        try compareOutcome(golden.steps[index], outcomes[index])
      } catch var difference {
        difference.place = "inner step \(index) (\(inner.kind.rawValue) \(inner.txid))"
        throw difference
      }
    }
  }

  private func outcomes(
    _ step: ScenarioStep, _ golden: GoldenStep, _ executor: StepExecutor
  ) async throws -> [StepExecutor.Outcome] {
    let clock = clock
    return try await withThrowingTaskGroup(of: (Int, StepExecutor.Outcome).self) { group in
      for (index, (inner, golden)) in zip(step.steps, golden.steps).enumerated() {
        group.addTask(name: "step \(index)") {
          try await clock.sleep(for: inner.delay)
          return (index, try await executor.run(inner, golden))
        }
      }
      var outcomes: [(Int, StepExecutor.Outcome)] = []
      for try await outcome in group { outcomes.append(outcome) }
      return outcomes.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// Whether Fabric took the step's transaction for another one only because channel and txid run together.
  private func isClash(_ step: ScenarioStep, _ golden: GoldenStep, among steps: [ScenarioStep]) -> Bool {
    guard golden.error?.string.hasSuffix("txid: \(step.txid)(\(step.channel)) exists") ?? false else {
      return false
    }
    return steps.filter { $0.txid == step.txid && $0.channel == step.channel }.count == 1
  }

  private mutating func removeClash(
    _ step: ScenarioStep, _ outcome: StepExecutor.Outcome, _ got: inout [GoldenMessage]
  ) throws(ReplayDifference) {
    if let error = outcome.error {
      throw ReplayDifference("result", expected: "a result (DESIGN §4)", got: "error \(error)")
    }
    differs(.contextKey)
    got.removeAll { message in
      guard let decoded = try? ChaincodeMessage(wireBytes: message.bytes) else { return false }
      return decoded.txid == step.txid && decoded.channelID == step.channel
    }
  }
}
