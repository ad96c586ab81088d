import MessageFSM
import Testing

@testable import InprocHost

/// A lifecycle that answers when the test says so.
private struct SlowLifecycle: ChaincodeLifecycle {
  let gate = Gate()

  func definition(
    of name: WireString, channel: WireString, executor: any QueryExecutor
  ) async throws -> ChaincodeDefinition {
    await gate.pass()
    return ChaincodeDefinition(version: "1")
  }

  func checkInstalled(_ name: WireString, _ definition: ChaincodeDefinition) async throws {}
}

@Suite("Embedders that do not answer", .timeLimit(.minutes(1)))
struct SlowEmbedderTests {
  /// What ends the call.
  enum End: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case deadline, cancellation, stop

    var testDescription: String { rawValue }

    var code: TransactionError.Code {
      switch self {
      case .deadline: .deadlineExceeded
      case .cancellation: .cancelled
      case .stop: .stopped
      }
    }
  }

  /// Makes a call that waits at `gate`, ends it, and gives the error.
  private static func error(
    of host: ChaincodeHost, _ clock: ManualClock, _ gate: Gate, _ end: End,
    _ call: @escaping @Sendable () async throws -> Void
  ) async -> TransactionError? {
    let error = Promise<TransactionError?>()
    let cancelled = Promise<Void>()
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await withTaskGroup(of: Void.self) { inner in
          inner.addTask {
            do {
              try await call()
              error.fulfil(nil)
            } catch let thrown {
              error.fulfil(thrown as? TransactionError)
            }
          }
          _ = await cancelled.value()
          inner.cancelAll()
        }
      }
      await gate.waitForArrival()
      switch end {
      case .deadline:
        await clock.waitForSleeper(until: .seconds(1))
        clock.advance(by: .seconds(1))
      case .cancellation: cancelled.fulfil(())
      case .stop: group.addTask { await host.stop() }
      }
      _ = await error.value()
      // Only now: the call has ended without an answer.
      gate.open()
      cancelled.fulfil(())
      await group.waitForAll()
    }
    return error.current ?? nil
  }

  @Test(
    "a ledger that makes no simulator ends no call for ever, and its late simulator is closed",
    arguments: End.allCases)
  func simulator(_ end: End) async throws {
    let gate = Gate()
    let ledger = TestLedger(simulatorGate: gate)
    try await withHost(ledger: ledger) { host, clock in
      try host.register(ClosureChaincode { _ in .success() }, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      let error = await Self.error(of: host, clock, gate, end) {
        _ = try await host.invoke("cc", [], channel: "ch1", txid: "tx1", timeout: .seconds(1))
      }
      #expect(error?.code == end.code)
      #expect(error?.waitedFor == "a simulator of channel ch1" || end == .cancellation)
      await ledger.waitUntilNoSimulatorIsOpen()
    }
    #expect(ledger.openSimulatorCount == 0)
  }

  @Test(
    "a lifecycle that does not answer ends no call for ever", arguments: End.allCases,
    [FabricVersion.v1_4, .v3_1])
  func lifecycle(_ end: End, _ version: FabricVersion) async throws {
    let lifecycle = SlowLifecycle()
    let ledger = TestLedger()
    try await withHost(version: version, ledger: ledger, configure: { $0.lifecycle = lifecycle }) {
      host, clock in
      try host.offer(ClosureChaincode { _ in .success() }, as: ChaincodeVersion(name: "user", version: "1"))
      let error = await Self.error(of: host, clock, lifecycle.gate, end) {
        _ = try await host.run("user", ledger: ledger, timeout: .seconds(1)).get()
      }
      #expect(error?.code == end.code)
      #expect(error?.waitedFor == "the definition of chaincode user")
    }
  }

  @Test("a ledger that never answers is left behind when the host stops, and counted")
  func abandoned() async throws {
    let gate = Gate()
    let clock = ManualClock()
    let host = ChaincodeHost(
      HostConfiguration(version: .v1_4, ledgers: TestLedger(simulatorGate: gate), clock: clock))
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await host.run() }
      _ = await host.hasStarted()
      group.addTask {
        await #expect(throws: TransactionError.self) {
          try await host.invoke("cc", [], channel: "ch1", txid: "tx1")
        }
      }
      await gate.waitForArrival()
      group.addTask { await host.stop() }
      await clock.waitForSleeper(until: .seconds(5))
      clock.advance(by: .seconds(5))
      await group.waitForAll()
      #expect(host.count(.tasksAbandoned) == 1)
      gate.open()
    }
  }

  @Test("a simulator is closed if there is no history executor to go with it")
  func noHistory() async throws {
    let ledger = TestLedger(hasHistory: false)
    try await withHost(ledger: ledger) { host, _ in
      await #expect {
        try await host.invoke("cc", [], channel: "ch1", txid: "tx1")
      } throws: { ($0 as? TransactionError)?.message == "the ledger has no history" }
    }
    #expect(ledger.openSimulatorCount == 0)
  }
}
