import MessageFSM
import Testing

@testable import InprocHost

/// Notes the counts of requests, in order.
private final class NotingMetrics: PartialMetrics {
  let noted = Locked<[String]>([])

  func requestReceived(type: MessageType, channel: WireString, chaincode: WireString, records: Int) {
    noted.withLock { $0.append("received \(type) \(channel) \(chaincode) \(records)") }
  }
  func requestCompleted(
    type: MessageType, channel: WireString, chaincode: WireString, duration: Duration, success: Bool
  ) {
    noted.withLock { $0.append("completed \(type) \(channel) \(chaincode) \(success)") }
  }
}

@Suite("Metrics of requests", .timeLimit(.minutes(1)))
struct RequestMetricsTests {
  @Test("a request counts as received before the ledger is asked")
  func received() async throws {
    let metrics = NotingMetrics()
    try await withPeerRig(
      ledger: TestLedger(answersAtOnce: false), configure: { $0.metrics = metrics }
    ) { rig in
      let wire = await rig.connectReady()
      let execution = rig.begin()
      #expect(await wire.next()?.type == .transaction)
      wire.send(.getState(GetState(key: "block")), txid: "tx1", channel: "ch1")
      await rig.ledger.gate.waitForArrival()
      #expect(metrics.noted.withLock { $0 } == ["received GET_STATE ch1 raw:1.0 1"])
      rig.ledger.gate.open()
      #expect(await wire.next()?.type == .response)
      wire.send(.completed(.success()), txid: "tx1", channel: "ch1")
      _ = await execution.outcome.value()
    }
    #expect(metrics.noted.withLock { $0.last } == "completed GET_STATE ch1 raw:1.0 true")
  }

  @Test("a request that no transaction has made counts as received, and as completed without success")
  func noContext() async throws {
    let metrics = NotingMetrics()
    try await withPeerRig(configure: { $0.metrics = metrics }) { rig in
      let wire = await rig.connectReady()
      wire.send(.getState(GetState(key: "k")), txid: "tx1", channel: "ch1")
      #expect(await wire.next()?.type == .error)
    }
    #expect(
      metrics.noted.withLock { $0 } == [
        "received GET_STATE ch1 raw:1.0 1", "completed GET_STATE ch1 raw:1.0 false",
      ])
  }
}
