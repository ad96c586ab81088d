import MessageFSM
import Testing

@testable import InprocHost

@Suite("A host's life", .timeLimit(.minutes(5)))
struct HostLifeTests {
  private static func host(_ configure: (inout HostConfiguration) -> Void = { _ in }) -> ChaincodeHost {
    var configuration = HostConfiguration(version: .v1_4, ledgers: TestLedger(), clock: ManualClock())
    configure(&configuration)
    return ChaincodeHost(configuration)
  }

  @Test("running twice is an error, at the same time and afterwards")
  func runTwice() async throws {
    let host = Self.host()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await host.run() }
      #expect(await host.hasStarted())
      await #expect { try await host.run() } throws: { ($0 as? HostError)?.code == .alreadyStarted }
      await host.stop()
    }
    await #expect { try await host.run() } throws: { ($0 as? HostError)?.code == .alreadyStarted }
    #expect(host.openWork.isNothing)
  }

  @Test("running again while the host stops is an error, and does not end the stopping early")
  func runWhileStopping() async throws {
    let gate = Gate()
    let ledger = TestLedger()
    try await withHost(ledger: ledger) { host, clock in
      let chaincode = ClosureChaincode { _ in
        await gate.pass()
        return .success()
      }
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "stubborn"))
      try await host.deploy()
      await withTaskGroup(of: Void.self) { group in
        group.addTask { _ = await host.run("stubborn") }
        await gate.waitForArrival()
        let stopped = Promise<Void>()
        group.addTask {
          await host.stop()
          stopped.fulfil(())
        }
        // The chaincode ignores its cancellation, so the host waits for its grace period.
        await clock.waitForSleeper(until: .seconds(5))
        await #expect { try await host.run() } throws: { ($0 as? HostError)?.code == .alreadyStarted }
        #expect(stopped.current == nil)
        gate.open()
        _ = await stopped.value()
        #expect(host.openWork.isNothing)
      }
    }
  }

  @Test("a stop before the start is remembered: run returns at once, and nothing starts")
  func stopBeforeStart() async throws {
    let host = Self.host()
    await host.stop()
    #expect(await host.hasStarted() == false)
    try await host.run()
    await #expect { try await host.deploy() } throws: { ($0 as? HostError)?.code == .stopped }
    await host.stop()
    #expect(host.openWork.isNothing)
  }

  @Test("stopping twice, and by several at once, works")
  func stopTwice() async throws {
    try await withHost { host, _ in
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<10 { group.addTask { await host.stop() } }
      }
      await host.stop()
      #expect(host.openWork.isNothing)
    }
  }

  @Test("a stop that comes while run begins waits for its end", arguments: 0..<50)
  func stopWhileStarting(_: Int) async throws {
    let host = Self.host()
    let ended = Promise<Void>()
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        try? await host.run()
        ended.fulfil(())
      }
      group.addTask {
        await host.stop()
        // Whichever was first: nothing begins after a stop has returned.
        await #expect { try await host.deploy() } throws: { ($0 as? HostError)?.code == .stopped }
      }
    }
    #expect(ended.current != nil)
  }

  @Test("before run, everything says that the host does not run")
  func beforeRun() async throws {
    let host = Self.host()
    try host.register(CancellableChaincode(), as: SystemChaincodeDescriptor(name: "cc"))
    await #expect { try await host.deploy() } throws: { ($0 as? HostError)?.code == .notStarted }
    let error = await host.run("cc").error
    #expect(error?.code == .stopped)
    #expect(error?.message == "the host does not run: run() was not called")
    #expect(host.openWork.isNothing)
  }

  @Test("after the end, everything says that the host has stopped")
  func afterStop() async throws {
    let host = Self.host()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await host.run() }
      _ = await host.hasStarted()
      await host.stop()
    }
    #expect(await host.run("cc").error?.code == .stopped)
    await #expect { try await host.stop(chaincode: "cc") } throws: { $0 is HostError }
  }

  @Test("when run's task is cancelled everything ends as with a stop: chaincode is cancelled, and waited for")
  func cancelRun() async throws {
    let chaincode = CancellableChaincode()
    let host = Self.host()
    try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
    let result = Promise<Result<ExecuteResult, TransactionError>>()
    await withTaskGroup(of: Void.self) { group in
      let running = Promise<Void>()
      group.addTask {
        await withTaskGroup(of: Void.self) { inner in
          inner.addTask { try? await host.run() }
          _ = await running.value()
          inner.cancelAll()
          await inner.waitForAll()
        }
        // Nothing is left when run has returned.
        #expect(chaincode.cancelled.current != nil)
        let left = host.openWork
        #expect(left.isNothing, "\(left)")
        #expect(host.count(.tasksAbandoned) == 0)
      }
      _ = await host.hasStarted()
      await #expect(throws: Never.self) { try await host.deploy() }
      group.addTask { result.fulfil(await host.run("cc")) }
      _ = await chaincode.began.value()
      running.fulfil(())
    }
    #expect(result.current?.error?.code == .streamEnded)
  }

  @Test("when run's task is cancelled, chaincode that ignores it still has its grace period")
  func cancelRunStubborn() async throws {
    let gate = Gate()
    let clock = ManualClock()
    let host = ChaincodeHost(HostConfiguration(version: .v1_4, ledgers: TestLedger(), clock: clock))
    let chaincode = ClosureChaincode { _ in
      await gate.pass()
      return .success()
    }
    try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
    await withTaskGroup(of: Void.self) { group in
      let running = Promise<Void>()
      let ended = Promise<Void>()
      group.addTask {
        await withTaskGroup(of: Void.self) { inner in
          inner.addTask { try? await host.run() }
          _ = await running.value()
          inner.cancelAll()
          await inner.waitForAll()
        }
        ended.fulfil(())
      }
      _ = await host.hasStarted()
      await #expect(throws: Never.self) { try await host.deploy() }
      group.addTask { _ = await host.run("cc") }
      await gate.waitForArrival()
      running.fulfil(())
      await clock.waitForSleeper(until: .seconds(5))
      #expect(ended.current == nil)
      clock.advance(by: .seconds(5))
      _ = await ended.value()
      #expect(host.count(.tasksAbandoned) == 1)
      gate.open()
    }
  }

  @Test("a host that is never run is released")
  func neverRun() {
    weak var part: CountingObserver?
    do {
      let observer = CountingObserver()
      part = observer
      let host = Self.host { $0.observer = observer }
      #expect(host.openWork.isNothing)
    }
    #expect(part == nil)
  }

  @Test("a host that has ended is released, with all its parts")
  func released() async throws {
    weak var part: CountingObserver?
    do {
      let observer = CountingObserver()
      part = observer
      let host = Self.host { $0.observer = observer }
      try host.register(ClosureChaincode { _ in .success() }, as: SystemChaincodeDescriptor(name: "cc"))
      await withTaskGroup(of: Void.self) { group in
        group.addTask { try? await host.run() }
        _ = await host.hasStarted()
        await #expect(throws: Never.self) { try await host.deploy() }
        _ = await host.run("cc")
        await host.stop()
      }
    }
    #expect(part == nil)
  }

  @Test("a hand-driven stream ends with the host, and with it what waits for its chaincode")
  func handDrivenStream() async throws {
    try await withHost(configure: { $0.allowsUnsolicitedRegistration = true }) { host, _ in
      let (peer, chaincode) = InprocStream.makePair()
      let wire = Wire(stream: chaincode)
      await withTaskGroup(of: Void.self) { group in
        group.addTask { wire.end.fulfil(await host.handleChaincodeStream(peer)) }
        await wire.register("raw:latest")
        _ = await wire.untilBarrier()
        let result = Promise<Result<ExecuteResult, TransactionError>>()
        group.addTask { result.fulfil(await host.run("raw")) }
        #expect(await wire.next()?.type == .transaction)
        await host.stop()
        #expect(await result.value()?.error?.code == .streamEnded)
        #expect(await wire.end.value() != nil)
        // A stream that comes later is not served.
        let (late, end) = InprocStream.makePair()
        #expect(await host.handleChaincodeStream(late).code == .stopped)
        #expect(throws: HostError.self) { try end.send(ChaincodeMessage(.keepalive)) }
      }
    }
  }
}
