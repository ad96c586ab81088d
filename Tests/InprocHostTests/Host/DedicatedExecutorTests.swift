import Testing

@testable import InprocHost

@Suite("The dedicated executor", .timeLimit(.minutes(5)))
struct DedicatedExecutorTests {
  @Test("what comes from other threads runs although the thread keeps itself busy")
  func mailIsRead() async {
    let executor = DedicatedExecutor()
    defer { executor.shutDown() }
    let began = Promise<Void>()
    let isOver = Promise<Void>()
    await withTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: executor) {
        began.fulfil(())
        while isOver.current == nil { await Task.yield() }
      }
      _ = await began.value()
      group.addTask(executorPreference: executor) { isOver.fulfil(()) }
    }
    #expect(isOver.current != nil)
  }

  @Test("nothing is lost that many threads hand over to a thread that sleeps and wakes")
  func nothingIsLost() async {
    let executor = DedicatedExecutor()
    defer { executor.shutDown() }
    let sum = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          var count = 0
          // Each comes back to the pool, so that the thread falls asleep between them.
          for _ in 0..<500 { count += await withTaskExecutorPreference(executor) { 1 } }
          return count
        }
      }
      return await group.reduce(0, +)
    }
    #expect(sum == 4000)
  }
}
