import MessageFSM
import Testing

@testable import InprocHost

/// Calls `action` when a transaction's deadline has passed, before the transaction's client goes on.
private final class AtTimeout: PartialMetrics {
  let action = Promise<@Sendable () -> Void>()

  func executeTimedOut(chaincode: WireString) { action.current?() }
}

@Suite("Transactions that are given up", .timeLimit(.minutes(5)))
struct GivenUpTests {
  @Test
  func
    `a client that is cancelled when its deadline has just passed does not make the chaincode run for nobody`()
  {
    // On one thread, so that nothing comes between the deadline and the cancellation.
    let simulator = Simulator(Simulator.Options(seed: 1, strategy: .fifo))
    let end = simulator.run {
      let metrics = AtTimeout()
      do {
        try await withPeerRig(configure: {
          $0.executor = simulator
          $0.metrics = metrics
        }) { rig in
          let wire = await rig.connectReady()
          let outcome = Promise<TransactionError.Code?>()
          let params = TransactionParams(
            channelID: "ch1", txid: "tx1", signedProposal: SignedProposal(), proposal: Proposal(),
            simulator: nil, historyQueryExecutor: nil, timeout: .seconds(5))
          let client = HostTask("client", on: simulator) {
            do throws(TransactionError) {
              _ = try await rig.support.execute(PeerRig.id, input: ChaincodeInput(args: []), params: params)
              outcome.fulfil(nil)
            } catch {
              outcome.fulfil(error.code)
            }
          }
          metrics.action.fulfil { client.cancel() }
          let begun = await wire.next()
          await rig.clock.waitForSleeper(until: .seconds(5))
          rig.clock.advance(by: .seconds(5))
          #expect(await outcome.value() == .some(.deadlineExceeded))
          let run = begun?.run ?? 0
          #expect(wire.stream.isCancelled(run: run), "the chaincode end was not told")
          // The late answer takes the note back, so that nothing is left of the run.
          wire.send(ChaincodeMessage(.completed(.success()), txid: "tx1", channelID: "ch1", run: run))
          _ = await wire.untilBarrier()
          #expect(!wire.stream.isCancelled(run: run))
        }
      } catch {
        Issue.record(error)
      }
    }
    #expect(end == .finished)
  }
}
