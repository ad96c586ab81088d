public import MessageFSM

extension ChaincodeHost {
  private typealias Executors = (simulator: any TxSimulator, history: any HistoryQueryExecutor)

  /// Runs a chaincode on a channel's ledger, and gives what a client needs to have it committed.
  ///
  /// Makes the simulator, runs the transaction and closes the simulator. Nothing is written; ``PeerLedger/commit(_:)`` does that. Returns
  /// exactly once, at the latest when the deadline passes.
  ///
  /// - Parameters:
  ///   - chaincode: the chaincode's name.
  ///   - args: the arguments; by convention the first is a function's name.
  ///   - channel: the channel.
  ///   - txid: the transaction's id, unique on the channel.
  ///   - timeout: how long it may take; `nil` is the host's `executeTimeout`.
  /// - Throws: ``TransactionError`` when it does not come to a response. A response with a status of 400 or more is none: look at it.
  /// - Returns: the response, and what was read and written.
  public func invoke(
    _ chaincode: WireString, _ args: [String], channel: WireString, txid: WireString, timeout: Duration? = nil
  ) async throws(TransactionError) -> EndorsedTransaction {
    let input = ChaincodeInput(args: args.map { Array($0.utf8) })
    guard let ledger = configuration.ledgers.ledger(channel: channel) else {
      throw TransactionError(.notFound, "failed to find ledger for channel: \(channel)")
    }
    try admit()
    let deadline = environment.timers.deadline(after: timeout ?? configuration.executeTimeout)
    let (simulator, history): Executors = try answer(
      await support.calls.ask(
        "a simulator of channel \(channel)", until: deadline, atOnce: ledger.answersAtOnce,
        late: { (unused: Executors) in unused.simulator.done() }
      ) {
        let simulator = try await ledger.newTxSimulator(txid: txid)
        do {
          return (simulator, try await ledger.newHistoryQueryExecutor())
        } catch {
          simulator.done()
          throw error
        }
      })
    defer { simulator.done() }
    let result = try await execute(
      chaincode, input: input,
      params: TransactionParams(
        channelID: channel, txid: txid, simulator: simulator, historyQueryExecutor: history,
        timeout: deadline - environment.timers.now))
    let results = try answer(
      await support.calls.ask(
        "the results of the simulation", until: deadline, atOnce: simulator.answersAtOnce
      ) {
        try await simulator.simulationResults()
      })
    return EndorsedTransaction(
      channelID: channel, txid: txid,
      chaincode: ChaincodeVersion(name: chaincode, version: configuration.version.systemChaincodeVersion),
      args: input.args, response: result.response, event: result.event, results: results)
  }

  private func answer<Answer>(_ answer: Result<Answer, any Error>) throws(TransactionError) -> Answer {
    do {
      return try answer.get()
    } catch {
      throw TransactionError(.refused, WireString(textOf: error), cause: error)
    }
  }
}
