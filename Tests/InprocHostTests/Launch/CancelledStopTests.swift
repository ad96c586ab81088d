import MessageFSM
import Testing

@testable import InprocHost

@Suite("Stopping a chaincode from a cancelled task", .timeLimit(.minutes(1)))
struct CancelledStopTests {
  @Test("it returns when the chaincode is torn down, and not before")
  func waits() async throws {
    let gate = Gate()
    try await withHost { host, clock in
      let chaincode = ClosureChaincode { _ in
        await gate.pass()
        return .success()
      }
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: "cc"))
      try await host.deploy()
      await withTaskGroup(of: Void.self) { group in
        group.addTask { _ = await host.run("cc") }
        await gate.waitForArrival()
        group.addTask {
          await withTaskGroup(of: Void.self) { inner in
            inner.cancelAll()
            inner.addTask { try? await host.stop(chaincode: "cc") }
          }
          // The chaincode's task has ended, so its container has.
          #expect(host.count(.tasksStarted) == host.count(.tasksEnded))
        }
        // It ignores its cancellation, so its end takes a while.
        await clock.waitForSleeper(until: .seconds(5))
        gate.open()
      }
      // Nothing of the old container is in the way of a new one.
      try await host.deploy()
      #expect(await host.run("cc").response?.status == 200)
    }
  }
}
