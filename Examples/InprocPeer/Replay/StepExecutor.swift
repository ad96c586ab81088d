import InprocHost
import MessageFSM

/// Does what an endorser does around one transaction.
struct StepExecutor: Sendable {
  let host: ChaincodeHost
  let ledgers: LedgerUnderReplay
  let version: FabricVersion

  /// What came of a transaction.
  struct Outcome: Sendable {
    var result: Result<ExecuteResult, TransactionError>
    var readWriteSets: Result<TxSimulationResults, LedgerError>?

    /// The event, which can come with an error too.
    var event: ChaincodeEvent? {
      switch result {
      case .success(let result): result.event
      case .failure(let error): error.event
      }
    }

    /// The text of the error; `nil` if there is none.
    var error: WireString? {
      guard case .failure(let error) = result else { return nil }
      return error.message
    }
  }

  /// Runs the transaction of an `invoke`, `init`, `legacyInit` or `raw`.
  func run(_ step: ScenarioStep, _ golden: GoldenStep) async throws(ReplayDifference) -> Outcome {
    var params = TransactionParams(
      channelID: step.channel, txid: step.txid,
      // An empty one has no bytes, so the file has none either.
      signedProposal: step.proposal == "empty" ? SignedProposal() : golden.signedProposal,
      proposal: proposal(step, golden), decorations: step.decorations)
    if golden.hasSimulator {
      let ledger = try ledgers.ledger(step.channel)
      params.simulator = ledger.newTxSimulator(txid: step.txid)
      params.historyQueryExecutor = ledger.newHistoryQueryExecutor()
    }
    defer { params.simulator?.done() }
    let isInit = step.kind == .initialize && version != .v1_4
    let input = ChaincodeInput(args: golden.args, isInit: isInit)
    do throws(TransactionError) {
      let result: ExecuteResult
      if step.kind == .legacyInit || step.kind == .initialize && !isInit {
        result = try await host.executeInit(
          step.chaincode, version: step.version, input: input, params: params)
      } else {
        result = try await host.execute(step.chaincode, version: step.version, input: input, params: params)
      }
      return Outcome(result: .success(result), readWriteSets: await readWriteSets(params.simulator))
    } catch {
      return Outcome(result: .failure(error))
    }
  }

  /// A proposal that cannot be read is there all the same.
  private func proposal(_ step: ScenarioStep, _ golden: GoldenStep) -> Proposal? {
    switch step.proposal {
    case "none", "noProposal": return nil
    case _: break
    }
    guard let bytes = golden.signedProposal?.proposalBytes else { return Proposal() }
    return (try? Proposal(wireBytes: bytes)) ?? Proposal()
  }

  private func readWriteSets(_ simulator: (any TxSimulator)?) async -> Result<
    TxSimulationResults, LedgerError
  >? {
    guard let simulator else { return nil }
    do {
      return .success(try await simulator.simulationResults())
    } catch {
      return .failure(LedgerError(WireString(textOf: error)))
    }
  }
}
