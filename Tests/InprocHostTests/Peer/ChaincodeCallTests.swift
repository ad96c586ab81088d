import MessageFSM
import Testing

@testable import InprocHost

/// What a caller can ask for, and whether the call is one for which nobody has to be asked and no task has to wait.
private struct CallCase: Sendable, CustomTestStringConvertible {
  let target: WireString
  var channel: WireString = ""
  let isSimple: Bool
  var answer: Response?
  var testDescription: String { "\(target) on \(channel.isEmpty ? "its channel" : "\(channel)")" }
}

@Suite("Calls between chaincodes", .timeLimit(.minutes(5)))
struct ChaincodeCallTests {
  private static let answer = Response(status: 200, message: "m", payload: Array("p".utf8))

  private static let cases = [
    CallCase(target: "callee", isSimple: true, answer: answer),
    CallCase(target: "callee", channel: "ch1", isSimple: true, answer: answer),
    CallCase(target: "callee", channel: "ch2", isSimple: false, answer: answer),
    CallCase(target: "callee:9.9/ch1", isSimple: true, answer: answer),
    CallCase(target: "failing", isSimple: true, answer: Response(status: 500, message: "no")),
    // Only the begin of it says that the txid is open there.
    CallCase(target: "caller", isSimple: false),
    CallCase(target: "hidden", isSimple: false),
    CallCase(target: WireString(bytes: Array("callee:".utf8) + [0xFF]), isSimple: false),
    CallCase(target: "missing", isSimple: false),
    CallCase(target: "", isSimple: false),
  ]

  /// Calls, and gives the answer and how many tasks it took.
  private func call(
    _ target: CallCase, _ version: FabricVersion, metrics: (any HostMetrics)?
  ) async throws -> (response: Response?, tasks: Int) {
    let ledger = TestLedger(channels: ["ch1", "ch2"])
    let answered = Promise<Response>()
    var tasks = 0
    try await withHost(version: version, ledger: ledger, configure: { $0.metrics = metrics }) { host, _ in
      let caller = ClosureChaincode { stub in
        let response = await stub.invokeChaincode(target.target, args: [[1]], channel: target.channel)
        answered.fulfil(response)
        return .success()
      }
      try host.register(caller, as: SystemChaincodeDescriptor(name: "caller"))
      try host.register(
        ClosureChaincode { _ in Self.answer }, as: SystemChaincodeDescriptor(name: "callee"))
      try host.register(
        ClosureChaincode { _ in throw LedgerError("no") }, as: SystemChaincodeDescriptor(name: "failing"))
      try host.register(
        ClosureChaincode { _ in .success() },
        as: SystemChaincodeDescriptor(name: "hidden", invokableCC2CC: false))
      try await host.deploy()
      let before = host.count(.tasksStarted)
      #expect(await host.run("caller", ledger: ledger).response?.status == 200)
      tasks = host.count(.tasksStarted) - before
    }
    return (answered.current, tasks)
  }

  @Test(
    "a call without a task of its own is answered as one that has one", arguments: cases,
    FabricVersion.allCases)
  private func sameAnswers(target: CallCase, version: FabricVersion) async throws {
    let (response, tasks) = try await call(target, version, metrics: nil)
    // Who takes the times is told them by the task.
    let (measured, more) = try await call(target, version, metrics: IgnoringMetrics())
    #expect(response != nil && response == measured)
    if let answer = target.answer { #expect(response == answer) } else { #expect(response?.status == 500) }
    #expect(tasks == (target.isSimple ? more - 1 : more))
  }

  @Test("what a chaincode asks for while its call runs is answered behind the call")
  func requestsBehindACall() async throws {
    let gate = Gate()
    let ledger = TestLedger()
    try await withHost(ledger: ledger) { host, _ in
      let order = Locked<[String]>([])
      let caller = ClosureChaincode { stub in
        async let called = stub.invokeChaincode("callee", args: [])
        await gate.waitForArrival()
        async let read = stub.getState("k")
        async let again = stub.invokeChaincode("echo", args: [])
        gate.open()
        let response = await called
        order.withLock { $0.append("\(response.status)") }
        let (value, status) = (try await read, await again.status)
        #expect(value == nil && status == 200)
        return .success()
      }
      let callee = ClosureChaincode { _ in
        await gate.pass()
        return .success()
      }
      try host.register(caller, as: SystemChaincodeDescriptor(name: "caller"))
      try host.register(callee, as: SystemChaincodeDescriptor(name: "callee"))
      try host.register(ClosureChaincode { _ in .success() }, as: SystemChaincodeDescriptor(name: "echo"))
      try await host.deploy()
      #expect(await host.run("caller", ledger: ledger).response?.status == 200)
      #expect(order.withLock { $0 } == ["200"])
    }
  }

  @Test("when the callee's stream ends, the caller hears of it and goes on", arguments: [true, false])
  func calleeGone(byStop: Bool) async throws {
    let callee = CancellableChaincode()
    let ledger = TestLedger()
    try await withHost(ledger: ledger) { host, _ in
      let caller = ClosureChaincode { stub in await stub.invokeChaincode("callee", args: []) }
      try host.register(caller, as: SystemChaincodeDescriptor(name: "caller"))
      try host.register(callee, as: SystemChaincodeDescriptor(name: "callee"))
      try await host.deploy()
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          let result = await host.run("caller", ledger: ledger)
          if byStop {
            #expect(result.response?.status == 500)
            #expect(
              result.response?.text.contains(
                "INVOKE_CHAINCODE failed: transaction ID: tx1: execute failed: error sending: chaincode stream terminated"
              ) == true)
          } else {
            #expect(result.error?.code == .cancelled)
          }
        }
        _ = await callee.began.value()
        if byStop { try? await host.stop(chaincode: "callee") } else { group.cancelAll() }
        await group.waitForAll()
      }
      #expect(host.status(of: "callee").openTransactions == 0)
    }
  }
}
