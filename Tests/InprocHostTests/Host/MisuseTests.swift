import MessageFSM
import Testing

@testable import InprocHost

@Suite("Misuse and misfortune", .timeLimit(.minutes(5)))
struct MisuseTests {
  private struct Failure: Error, CustomStringConvertible {
    var description: String { "the chaincode has failed" }
  }

  // MARK: names

  @Test("registering a name and version twice is an error; another version is another chaincode")
  func registerTwice() throws {
    let host = ChaincodeHost(
      HostConfiguration(version: .v1_4, ledgers: TestLedger(), clock: ManualClock()))
    let chaincode = ClosureChaincode { _ in .success() }
    try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
    #expect {
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
    } throws: { error in
      (error as? HostError)?.code == .alreadyRegistered
        && (error as? HostError)?.message == "cc-latest already registered"
    }
    try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc", version: "2"))
  }

  @Test(
    "a name that is empty, or has a separator, is an error", arguments: ["", "a:b", "a/b", ":", "/", "é/x"])
  func badName(_ name: String) {
    let host = ChaincodeHost(
      HostConfiguration(version: .v1_4, ledgers: TestLedger(), clock: ManualClock()))
    #expect {
      try host.register(
        ClosureChaincode { _ in .success() }, as: SystemChaincodeDescriptor(name: WireString(name)))
    } throws: { ($0 as? HostError)?.code == .invalidName }
    #expect(!host.isSystemChaincode(WireString(name)))
  }

  @Test("an unknown chaincode is an error that names it, with a ledger and without")
  func unknownChaincode() async throws {
    let ledger = TestLedger()
    try await withHost(ledger: ledger) { host, _ in
      let without = await host.run("nosuch")
      #expect(without.error?.code == .notFound)
      #expect(without.error?.message.string.contains("nosuch:latest") == true)
      #expect(await host.run("nosuch", ledger: ledger).error?.code == .notFound)
      #expect(await host.run("", ledger: ledger).error?.code == .notFound)
    }
  }

  @Test("a registered chaincode that was not deployed cannot be called")
  func executeBeforeLaunch() async throws {
    let ledger = TestLedger()
    try await withHost(ledger: ledger) { host, _ in
      try host.register(ClosureChaincode { _ in .success() }, as: SystemChaincodeDescriptor(name: "cc"))
      #expect(await host.run("cc", ledger: ledger).error?.code == .notFound)
      #expect(host.status(of: "cc").state == .stopped)
      try await host.deploy()
      #expect(await host.run("cc", ledger: ledger).response?.status == 200)
      #expect(host.status(of: "cc").state == .ready)
    }
  }

  @Test("stopping a chaincode twice, or one that is unknown, is an error; deploying it again starts it")
  func stopChaincode() async throws {
    try await withHost { host, _ in
      try host.register(ClosureChaincode { _ in .success() }, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      try await host.stop(chaincode: "cc")
      #expect(host.status(of: "cc").state == .stopped)
      #expect(await host.run("cc").error?.code == .notFound)
      await #expect {
        try await host.stop(chaincode: "cc")
      } throws: { ($0 as? HostError)?.message == "error stopping container: cc-latest not found" }
      await #expect {
        try await host.stop(chaincode: "nosuch")
      } throws: { ($0 as? HostError)?.message == "error stopping container: nosuch-latest not registered" }
      try await host.deploy()
      #expect(await host.run("cc").response?.status == 200)
    }
  }

  // MARK: chaincode that misbehaves

  @Test("a chaincode that throws fails its transaction with the text, and serves the next")
  func throwsAtOnce() async throws {
    try await withHost { host, _ in
      let chaincode = ClosureChaincode { stub in
        if stub.args.isEmpty { throw Failure() }
        return .success()
      }
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      let response = await host.run("cc").response
      #expect(response?.status == 500)
      #expect(response?.message == "the chaincode has failed")
      #expect(await host.run("cc", ["x"]).response?.status == 200)
      #expect(host.status(of: "cc").state == .ready)
    }
  }

  @Test(
    "a chaincode whose initialize throws is deployed with an error that tells why, and runs on as in Fabric")
  func throwsInInitialize() async throws {
    try await withHost { host, _ in
      try host.register(
        ClosureChaincode.initializing { _ in throw Failure() }, as: SystemChaincodeDescriptor(name: "cc"))
      try host.register(ClosureChaincode { _ in .success() }, as: SystemChaincodeDescriptor(name: "dd"))
      await #expect {
        try await host.deploy()
      } throws: { error in
        guard let error = error as? HostError, error.code == .deployFailed else { return false }
        return error.message.contains("transaction returned with failure: the chaincode has failed")
      }
      #expect(host.status(of: "cc").state == .ready)
      // The others are deployed all the same.
      #expect(await host.run("dd").response?.status == 200)
    }
  }

  @Test(
    "a chaincode that never answers: the deadline ends the transaction, cancels the task, and later calls throw"
  )
  func deadline() async throws {
    let ledger = TestLedger()
    try await withHost(ledger: ledger) { host, clock in
      let gate = Gate()
      let later = Promise<TransactionError?>()
      let wasCancelled = Promise<Bool>()
      let chaincode = ClosureChaincode { stub in
        await gate.pass()
        wasCancelled.fulfil(Task.isCancelled)
        do throws(TransactionError) {
          _ = try await stub.getState("k")
          later.fulfil(nil)
        } catch {
          later.fulfil(error)
        }
        return .success()
      }
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          let error = await host.run("cc", ledger: ledger, timeout: .seconds(7)).error
          #expect(error?.code == .deadlineExceeded)
          #expect(
            error?.message
              == "failed to execute transaction tx1: error sending: timeout expired while executing transaction"
          )
          #expect(error?.waitedFor == "the chaincode")
        }
        await gate.waitForArrival()
        clock.advance(by: .seconds(7))
        await group.waitForAll()
        gate.open()
        #expect(await wasCancelled.value() == true)
        #expect(await later.value()??.code == .cancelled)
      }
      #expect(host.count(.deadlinesExceeded) == 1)
      // Its COMPLETED comes to nobody; the next transaction with the same txid is not touched by it.
      #expect(await host.run("cc", ledger: ledger).response?.status == 200)
      #expect(host.count(.surplusMessages) == 1)
    }
  }

  @Test(
    "a deadline beyond all time is a deadline that never comes",
    arguments: [
      Duration.seconds(Int64.max), .seconds(Int64.max) * 18, .seconds(-1), .zero,
    ])
  func strangeDeadline(_ timeout: Duration) async throws {
    let ledger = TestLedger()
    let clock: any Clock<Duration> = ContinuousClock()
    try await withHost(ledger: ledger, configure: { $0.clock = clock }) { host, _ in
      try host.register(ClosureChaincode { _ in .success() }, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      let result = await host.run("cc", ledger: ledger, timeout: timeout)
      if timeout > .zero {
        #expect(result.response?.status == 200)
      } else {
        #expect(result.response?.status == 200 || result.error?.code == .deadlineExceeded)
      }
    }
  }

  @Test("a chaincode that ignores its cancellation is left behind after the grace period, and counted")
  func ignoresCancellation() async throws {
    let gate = Gate()
    let clock = ManualClock()
    var configuration = HostConfiguration(version: .v1_4, ledgers: TestLedger(), clock: clock)
    configuration.gracePeriod = .seconds(3)
    let host = ChaincodeHost(configuration)
    let chaincode = ClosureChaincode { _ in
      await gate.pass()
      return .success()
    }
    try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await host.run() }
      _ = await host.hasStarted()
      await #expect(throws: Never.self) { try await host.deploy() }
      group.addTask { #expect(await host.run("cc").error?.code == .streamEnded) }
      await gate.waitForArrival()
      group.addTask { await host.stop() }
      await clock.waitForSleeper(until: .seconds(3))
      #expect(host.count(.tasksAbandoned) == 0)
      clock.advance(by: .seconds(3))
      await group.waitForAll()
    }
    #expect(host.count(.tasksAbandoned) == 1)
    #expect(host.openWork == OpenWork(chaincodes: 0, transactions: 0, iterators: 0, tasks: 1, timers: 0))
    gate.open()
  }

  @Test("a chaincode that answers twice: the first answer counts, the second is counted and ignored")
  func answersTwice() async throws {
    try await withPeerRig { rig in
      let wire = await rig.connectReady()
      let execution = rig.begin()
      _ = await wire.next()
      wire.send(.completed(.success(Array("first".utf8))), txid: "tx1", channel: "ch1")
      wire.send(.completed(.success(Array("second".utf8))), txid: "tx1", channel: "ch1")
      wire.send(.error("third"), txid: "tx1", channel: "ch1")
      #expect(await execution.outcome.value() == "returned status 200, message \"\", payload \"first\"")
      #expect(await wire.untilBarrier().isEmpty)
      #expect(rig.count(.surplusMessages) == 2)
    }
  }

  @Test("a stub that is used after the end throws")
  func stubAfterEnd() async throws {
    let ledger = TestLedger()
    try await withHost(ledger: ledger) { host, _ in
      let kept = Locked<ChaincodeStub?>(nil)
      let chaincode = ClosureChaincode { stub in
        kept.withLock { $0 = stub }
        return .success()
      }
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      #expect(await host.run("cc", ledger: ledger).response?.status == 200)
      let stub = try #require(kept.withLock { $0 })
      await #expect { try await stub.getState("k") } throws: { ($0 as? TransactionError)?.code == .ended }
      #expect(await stub.invokeChaincode("cc", args: []).status == 500)
      #expect(stub.txid == "tx1")
    }
  }

  @Test("stub calls made at the same time are all answered, each with its own answer")
  func concurrentCalls() async throws {
    let ledger = TestLedger(state: ["cc": TestLedger.seed["raw"] ?? [:]])
    try await withHost(ledger: ledger) { host, _ in
      let chaincode = ClosureChaincode { stub in
        try await withThrowingTaskGroup(of: Bool.self) { group in
          for index in 0..<500 {
            group.addTask {
              let key = index.isMultiple(of: 2) ? "k" : "m001"
              return try await stub.getState(key) == Array((index.isMultiple(of: 2) ? "v" : "x").utf8)
            }
          }
          var right = 0
          for try await isRight in group where isRight { right += 1 }
          return .success(Array(String(right).utf8))
        }
      }
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      #expect(await host.run("cc", ledger: ledger).response?.text == "500")
    }
  }

  // MARK: much

  @Test("a value of 100 MB goes both ways")
  func largeValue() async throws {
    let value = [UInt8](repeating: 7, count: 100 << 20)
    let ledger = TestLedger(state: ["cc": ["big": value]])
    try await withHost(ledger: ledger) { host, _ in
      let chaincode = ClosureChaincode { stub in
        let read = try await stub.getState("big") ?? []
        try await stub.putState("other", read)
        return .success(read)
      }
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      let response = await host.run("cc", ledger: ledger).response
      #expect(response?.payload.count == value.count)
    }
  }

  @Test("10,000 transactions at once on one chaincode all end, each with its own result")
  func manyTransactions() async throws {
    let ledger = TestLedger(state: ["cc": ["k": Array("v".utf8)]])
    try await withHost(ledger: ledger) { host, _ in
      let chaincode = ClosureChaincode { stub in
        let value = try await stub.getState("k") ?? []
        return .success(value + stub.txid.bytes)
      }
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      let right = await withTaskGroup(of: Bool.self) { group in
        for index in 0..<10_000 {
          group.addTask {
            await host.run("cc", txid: WireString("t\(index)"), ledger: ledger).response?.text == "vt\(index)"
          }
        }
        var right = 0
        for await isRight in group where isRight { right += 1 }
        return right
      }
      #expect(right == 10_000)
      #expect(ledger.openSimulatorCount == 0)
    }
  }

  // MARK: callers

  @Test("a caller that is cancelled has its answer at once, and the chaincode is cancelled")
  func callerCancelled() async throws {
    try await withHost { host, _ in
      let chaincode = CancellableChaincode()
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      await withTaskGroup(of: Void.self) { group in
        group.addTask { #expect(await host.run("cc").error?.code == .cancelled) }
        _ = await chaincode.began.value()
        group.cancelAll()
        await group.waitForAll()
      }
      _ = await chaincode.cancelled.value()
    }
  }

  /// On one thread the cancellation always comes before the shim has read the TRANSACTION.
  @Test(
    "a caller that was cancelled before it called: the chaincode is cancelled too, though it is called later")
  func callerCancelledBefore() async throws {
    let executor = DedicatedExecutor()
    defer { executor.shutDown() }
    try await withTaskExecutorPreference(executor) {
      try await withHost(configure: { $0.executor = executor }) { host, _ in
        let chaincode = CancellableChaincode()
        try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
        try await host.deploy()
        await withTaskGroup(of: Void.self) { group in
          group.cancelAll()
          group.addTask { #expect(await host.run("cc").error?.code == .cancelled) }
          await group.waitForAll()
        }
        // Either it was not called, or it was called and is cancelled.
        await host.stop()
        #expect(chaincode.began.current == nil || chaincode.cancelled.current != nil)
        #expect(host.count(.tasksAbandoned) == 0)
      }
    }
  }

  @Test("cancelled before it is called, a chaincode does not run until the host stops")
  func callerCancelledBeforeAndGone() async throws {
    let executor = DedicatedExecutor()
    defer { executor.shutDown() }
    try await withTaskExecutorPreference(executor) {
      try await withHost(configure: { $0.executor = executor }) { host, _ in
        let chaincode = CancellableChaincode()
        try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
        try host.register(ClosureChaincode { _ in .success() }, as: SystemChaincodeDescriptor(name: "dd"))
        try await host.deploy()
        await withTaskGroup(of: Void.self) { group in
          group.cancelAll()
          group.addTask { _ = await host.run("cc") }
          await group.waitForAll()
        }
        // Waits until the shim has read the message, and everything that this began has gone as far as it can.
        for round in 0..<10 { #expect(await host.run("dd", txid: WireString("d\(round)")).response != nil) }
        #expect(host.count(.tasksStarted) == host.count(.tasksEnded))
      }
    }
  }

  @Test("a transaction with a txid that runs is refused, and the one that runs goes on")
  func duplicateTxid() async throws {
    try await withHost { host, _ in
      let gate = Gate()
      let chaincode = ClosureChaincode { _ in
        await gate.pass()
        return .success()
      }
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      await withTaskGroup(of: Void.self) { group in
        group.addTask { #expect(await host.run("cc").response?.status == 200) }
        await gate.waitForArrival()
        let second = await host.run("cc")
        #expect(second.error?.code == .duplicate)
        #expect(
          second.error?.message
            == "failed to execute transaction tx1: error sending: txid: tx1(ch1) exists")
        gate.open()
      }
      #expect(gate.arrivalCount == 1)
    }
  }

  // MARK: nested calls

  private func withNested(
    _ callee: any Chaincode,
    _ body: (ChaincodeHost, ManualClock, TestLedger, Promise<Response>) async throws -> Void
  ) async throws {
    let ledger = TestLedger()
    let inner = Promise<Response>()
    try await withHost(ledger: ledger) { host, clock in
      let caller = ClosureChaincode { stub in
        let response = await stub.invokeChaincode("callee", args: [])
        inner.fulfil(response)
        return response
      }
      try host.register(caller, as: SystemChaincodeDescriptor(name: "caller"))
      try host.register(callee, as: SystemChaincodeDescriptor(name: "callee"))
      try await host.deploy()
      try await body(host, clock, ledger, inner)
    }
  }

  @Test("when the outermost caller is cancelled, the whole chain of calls is")
  func cancelChain() async throws {
    let callee = CancellableChaincode()
    try await withNested(callee) { host, _, ledger, inner in
      await withTaskGroup(of: Void.self) { group in
        group.addTask { #expect(await host.run("caller", ledger: ledger).error?.code == .cancelled) }
        _ = await callee.began.value()
        group.cancelAll()
        await group.waitForAll()
      }
      // Without anybody's time passing.
      _ = await callee.cancelled.value()
      #expect(await inner.value()?.status == 500)
    }
  }

  @Test("a call's deadline is not later than its caller's")
  func nestedDeadline() async throws {
    let callee = CancellableChaincode()
    try await withNested(callee) { host, clock, ledger, _ in
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          let error = await host.run("caller", ledger: ledger, timeout: .seconds(2)).error
          #expect(error?.code == .deadlineExceeded)
          #expect(error?.waitedFor == "the answer to INVOKE_CHAINCODE")
        }
        _ = await callee.began.value()
        clock.advance(by: .seconds(2))
        await group.waitForAll()
      }
      _ = await callee.cancelled.value()
      #expect(host.status(of: "callee").openTransactions == 0)
    }
  }

  @Test("when the caller returns while its call runs, the call is cancelled")
  func callerReturns() async throws {
    let callee = CancellableChaincode()
    let ledger = TestLedger()
    try await withHost(ledger: ledger) { host, _ in
      let caller = ClosureChaincode { stub in
        _ = HostTask("call", on: nil) { _ = await stub.invokeChaincode("callee", args: []) }
        _ = await callee.began.value()
        return .success()
      }
      try host.register(caller, as: SystemChaincodeDescriptor(name: "caller"))
      try host.register(callee, as: SystemChaincodeDescriptor(name: "callee"))
      try await host.deploy()
      #expect(await host.run("caller", ledger: ledger).response?.status == 200)
      _ = await callee.cancelled.value()
    }
  }

  // MARK: restart

  @Test("a chaincode whose stream has ended is started again by the next call")
  func restart() async throws {
    try await withPeerRig { rig in
      try rig.chaincodes.register(ClosureChaincode { _ in .success(Array("new".utf8)) }, as: PeerRig.id)
      rig.support.systemChaincodes.deployed(id: PeerRig.registrationID)
      let wire = await rig.connectReady()
      wire.stream.finish()
      _ = await wire.end.value()
      #expect(rig.support.systemChaincodes.failure(id: PeerRig.registrationID)?.count == 1)
      let outcome = await Self.execute(rig)
      #expect(outcome.response?.text == "new")
      // A transaction that completes ends the row of failures.
      #expect(rig.support.systemChaincodes.failure(id: PeerRig.registrationID) == nil)
      try await rig.support.stop(PeerRig.id)
    }
  }

  @Test("a chaincode that ends again and again has failed: calls are refused with the reason")
  func restartExhausted() async throws {
    try await withPeerRig(configure: { $0.restartPolicy = RestartPolicy(consecutiveFailuresMax: 2) }) { rig in
      rig.support.systemChaincodes.deployed(id: PeerRig.registrationID)
      let wire = await rig.connectReady()
      wire.stream.finish()
      _ = await wire.end.value()
      // It is not registered here, so each new start fails.
      for count in 2...3 {
        #expect(await Self.execute(rig).error?.code == .launchFailed)
        #expect(rig.support.systemChaincodes.failure(id: PeerRig.registrationID)?.count == count)
      }
      let refused = await Self.execute(rig).error
      #expect(refused?.code == .launchFailed)
      #expect(refused?.message.string.contains("has failed and is not started again") == true)
      #expect(refused?.message.string.contains("raw-1.0 not registered") == true)
      #expect(rig.support.systemChaincodes.failure(id: PeerRig.registrationID)?.count == 3)
    }
  }

  @Test("a launch that fails is one failure, however many wait for it, and a caller that gives up is none")
  func launchFailureCountsOnce() {
    // First come, first served on one thread: all callers wait before the launch fails.
    let simulator = Simulator(Simulator.Options(seed: 1, strategy: .fifo))
    let end = simulator.run {
      do {
        try await withPeerRig(configure: { $0.executor = simulator }) { rig in
          rig.support.systemChaincodes.deployed(id: PeerRig.registrationID)
          // The test launches it, so that all others join.
          let launch = rig.support.registry.launch(PeerRig.registrationID).launch
          await withTaskGroup(of: Void.self) { group in
            for index in 0..<10 {
              group.addTask {
                let error = await Self.execute(rig, txid: WireString("t\(index)")).error
                #expect(error?.code == .launchFailed)
                #expect(error?.message.string.hasSuffix("chaincode registration failed: boom") == true)
              }
            }
            group.addTask {
              await withTaskGroup(of: Void.self) { inner in
                inner.cancelAll()
                inner.addTask { #expect(await Self.execute(rig, txid: "c").error?.code == .cancelled) }
              }
            }
            group.addTask {
              rig.support.registry.failed(
                PeerRig.registrationID, launch, .start(HostError(.launchFailed, "boom")))
            }
          }
          #expect((rig.support.systemChaincodes.failure(id: PeerRig.registrationID)?.count ?? 0) <= 1)
        }
      } catch {
        Issue.record(error)
      }
    }
    #expect(end == .finished)
  }

  private static func execute(
    _ rig: PeerRig, txid: WireString = "tx1"
  ) async -> Result<ExecuteResult, TransactionError> {
    let simulator = rig.ledger.simulator()
    defer { simulator.done() }
    do throws(TransactionError) {
      return .success(
        try await rig.support.execute(
          PeerRig.id, input: ChaincodeInput(args: []),
          params: TransactionParams(channelID: "ch1", txid: txid, simulator: simulator)))
    } catch {
      return .failure(error)
    }
  }

  @Test(
    "the answer of a transaction that was given up is not taken for that of a later one with the same txid")
  func lateAnswer() async throws {
    try await withHost { host, clock in
      let gate = Gate()
      let chaincode = ClosureChaincode { stub in
        if stub.args.isEmpty {
          await gate.pass()
          return .success(Array("late".utf8))
        }
        // The late answer goes out before this one.
        gate.open()
        _ = try await stub.getState("k")
        return .success(Array("right".utf8))
      }
      let ledger = TestLedger(answersAtOnce: false)
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      await withTaskGroup(of: Void.self) { group in
        group.addTask { #expect(await host.run("cc", timeout: .seconds(1)).error?.code == .deadlineExceeded) }
        await gate.waitForArrival()
        clock.advance(by: .seconds(1))
        await group.waitForAll()
        #expect(await host.run("cc", ["x"], ledger: ledger).response?.text == "right")
      }
    }
  }

  // MARK: ledgers

  @Test("a ledger that answers when the host has long gone harms nobody")
  func ledgerAnswersLate() async throws {
    let simulatorGate = Gate()
    let ledger = TestLedger(channels: ["ch1", "ch2"], simulatorGate: simulatorGate)
    let gate = Gate()
    let done = Promise<Void>()
    do {
      let clock = ManualClock()
      var configuration = HostConfiguration(version: .v1_4, ledgers: ledger, clock: clock)
      configuration.accessControl = AllowAll()
      let host = ChaincodeHost(configuration)
      let caller = ClosureChaincode { stub in
        // The call waits for the other channel's ledger.
        let response = await stub.invokeChaincode("cc", args: [], channel: "ch2")
        done.fulfil(())
        return response
      }
      try host.register(caller, as: SystemChaincodeDescriptor(name: "cc"))
      await withTaskGroup(of: Void.self) { group in
        group.addTask { try? await host.run() }
        _ = await host.hasStarted()
        await #expect(throws: Never.self) { try await host.deploy() }
        group.addTask { #expect(await host.run("cc", ledger: ledger).error?.code == .streamEnded) }
        await simulatorGate.waitForArrival()
        group.addTask { await host.stop() }
        await clock.waitForSleeper(until: .seconds(5))
        clock.advance(by: .seconds(5))
        await group.waitForAll()
      }
      #expect(host.count(.tasksAbandoned) == 1)
      _ = await done.value()
    }
    simulatorGate.open()
    _ = gate
    await ledger.waitUntilNoSimulatorIsOpen()
  }

  @Test("a slow ledger holds up its own transaction only")
  func slowLedger() async throws {
    let slow = TestLedger(answersAtOnce: false)
    let fast = TestLedger(state: ["cc": ["k": Array("v".utf8)]])
    try await withHost(ledger: slow) { host, _ in
      let chaincode = ClosureChaincode { stub in
        .success(try await stub.getState(stub.stringArgs.first ?? "") ?? [])
      }
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      await withTaskGroup(of: Void.self) { group in
        group.addTask { #expect(await host.run("cc", ["block"], ledger: slow).response?.status == 200) }
        await slow.gate.waitForArrival()
        for index in 0..<20 {
          let result = await host.run("cc", ["k"], txid: WireString("t\(index)"), ledger: fast)
          #expect(result.response?.text == "v")
        }
        slow.gate.open()
      }
    }
  }

  private struct SlowCollections: CollectionStore {
    let gate: Gate
    func hasReadAccess(
      channel: WireString, namespace: WireString, collection: WireString, proposal: SignedProposal?,
      executor: any QueryExecutor
    ) async throws -> Bool {
      await gate.pass()
      return true
    }
    func hasWriteAccess(
      channel: WireString, namespace: WireString, collection: WireString, proposal: SignedProposal?,
      executor: any QueryExecutor
    ) async throws -> Bool {
      await gate.pass()
      return true
    }
  }

  @Test(
    "a slow answer on who may see a collection holds up its own transaction only",
    arguments: ["get", "put", "del", "meta", "range", "query", "multiple", "purge", "batch"])
  func slowCollections(_ operation: String) async throws {
    let gate = Gate()
    let ledger = TestLedger(state: ["cc": ["k": Array("v".utf8)]])
    try await withHost(
      version: .v3_1, ledger: ledger, configure: { $0.collections = SlowCollections(gate: gate) }
    ) { host, _ in
      let chaincode = ClosureChaincode { stub in
        switch stub.stringArgs.first {
        case "get": _ = try await stub.getPrivateData("coll", "k")
        case "put": try await stub.putPrivateData("coll", "k", [1])
        case "del": try await stub.delPrivateData("coll", "k")
        case "meta": _ = try await stub.getPrivateDataValidationParameter("coll", "k")
        case "range": _ = try await stub.getPrivateDataByRange("coll", from: "", to: "")
        case "query": _ = try? await stub.getPrivateDataQueryResult("coll", "{}")
        case "multiple": _ = try await stub.getMultiplePrivateData("coll", ["a", "b"])
        case "purge": try await stub.purgePrivateData("coll", "k")
        case "batch": try await stub.withWriteBatch { try await stub.putPrivateData("coll", "k", [1]) }
        case _: return .success(try await stub.getState("k") ?? [])
        }
        return .success()
      }
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      await withTaskGroup(of: Void.self) { group in
        group.addTask { #expect(await host.run("cc", [operation], ledger: ledger).response?.status == 200) }
        await gate.waitForArrival()
        for index in 0..<5 {
          #expect(await host.run("cc", txid: WireString("t\(index)"), ledger: ledger).response?.text == "v")
        }
        gate.open()
      }
    }
  }

  @Test("a chaincode that is stopped while a slow ledger works leaves nothing behind when the ledger answers")
  func stopWhileLedgerWorks() async throws {
    let ledger = TestLedger(answersAtOnce: false)
    try await withHost(ledger: ledger) { host, clock in
      let chaincode = ClosureChaincode { stub in .success(try await stub.getState("block") ?? []) }
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      await withTaskGroup(of: Void.self) { group in
        group.addTask { #expect(await host.run("cc", ledger: ledger).error?.code == .streamEnded) }
        await ledger.gate.waitForArrival()
        group.addTask { try? await host.stop(chaincode: "cc") }
        await clock.waitForSleeper(until: .seconds(5))
        ledger.gate.open()
        await group.waitForAll()
      }
      #expect(host.count(.tasksAbandoned) == 0)
    }
  }
}
