import InprocHost

/// What people would use instead of the message loop, or what it is made of: one round trip each.
enum Yardsticks {
  static var all: [Workload] { [streams, mailboxes, actorCall, directCall] }

  /// Two bare `AsyncStream`s, and a task that sends back what it gets.
  private static var streams: Workload {
    Workload(name: "streams", kind: .yardstick, operations: 1) { executor in
      Workload.Prepared { _ in
        let (requests, ask) = AsyncStream.makeStream(of: Int.self)
        let (answers, answer) = AsyncStream.makeStream(of: Int.self)
        Task(name: "echo", executorPreference: executor) {
          for await request in requests { answer.yield(request) }
          answer.finish()
        }
        return {
          ask.yield(1)
          var iterator = answers.makeAsyncIterator()
          _ = await iterator.next()
        }
      } end: {
      }
    }
  }

  /// Two bare mailboxes, each a locked array and a continuation.
  private static var mailboxes: Workload {
    Workload(name: "mailboxes", kind: .yardstick, operations: 1) { executor in
      Workload.Prepared { _ in
        let (requests, answers) = (BareMailbox(), BareMailbox())
        Task(name: "echo", executorPreference: executor) {
          while true { answers.send(await requests.next()) }
        }
        return {
          requests.send(1)
          _ = await answers.next()
        }
      } end: {
      }
    }
  }

  /// A method of an actor.
  private static var actorCall: Workload {
    Workload(name: "actor", kind: .yardstick, operations: 1, repeats: 16) { _ in
      Workload.Prepared { _ in
        let counter = Counter()
        return { _ = await counter.next() }
      } end: {
      }
    }
  }

  /// An async function, called through a protocol as the host calls a chaincode.
  private static var directCall: Workload {
    Workload(name: "direct", kind: .yardstick, operations: 1, repeats: 64) { _ in
      Workload.Prepared { index in
        let callee: any Callee = index < 0 ? OtherCallee() : DirectCallee()
        return { _ = try await callee.invoke(index) }
      } end: {
      }
    }
  }
}

private actor Counter {
  private var count = 0

  func next() -> Int {
    count &+= 1
    return count
  }
}

private protocol Callee: Sendable {
  func invoke(_ argument: Int) async throws -> Int
}

private struct DirectCallee: Callee {
  @inline(never)
  func invoke(_ argument: Int) async throws -> Int { argument &+ 1 }
}

private struct OtherCallee: Callee {
  @inline(never)
  func invoke(_ argument: Int) async throws -> Int { argument &+ 2 }
}

/// The least that can hand a value from task to task.
private final class BareMailbox: Sendable {
  private struct State {
    var values: [Int] = []
    var receiver: Suspension<Int>?
  }

  private let state = Locked(State())

  func send(_ value: Int) {
    let receiver = state.withLock { state -> Suspension<Int>? in
      if let receiver = state.receiver.take() { return receiver }
      state.values.append(value)
      return nil
    }
    receiver?.resume(value)
  }

  func next() async -> Int {
    await suspend { receiver in
      state.withLock { state in
        if !state.values.isEmpty { return state.values.removeFirst() }
        state.receiver = receiver
        return nil
      }
    }
  }
}
