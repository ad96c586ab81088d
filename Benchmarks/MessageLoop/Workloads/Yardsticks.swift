import InprocHost

/// What people would use instead of the message loop, or what it is made of: one round trip each.
enum Yardsticks {
  static var all: [Workload] { [streams, mailboxes, actorCall, directCall] }

  /// Two bare `AsyncStream`s, and a task that sends back what it gets.
  private static var streams: Workload {
    yardstick("streams") { executor in
      let (requests, ask) = AsyncStream.makeStream(of: Int.self)
      let (answers, answer) = AsyncStream.makeStream(of: Int.self)
      Task(name: "echo", executorPreference: executor) {
        for await request in requests { answer.yield(request) }
        answer.finish()
      }
      return StreamClient(ask: ask, answers: answers)
    }
  }

  /// Two bare mailboxes, each a locked array and a continuation.
  private static var mailboxes: Workload {
    yardstick("mailboxes") { executor in
      let (requests, answers) = (BareMailbox(), BareMailbox())
      Task(name: "echo", executorPreference: executor) {
        while true { answers.send(await requests.next()) }
      }
      return MailboxClient(requests: requests, answers: answers)
    }
  }

  /// A method of an actor.
  private static var actorCall: Workload {
    yardstick("actor", repeats: 16) { _ in ActorClient() }
  }

  /// An async method, called through a protocol as the host calls a chaincode.
  private static var directCall: Workload {
    yardstick("direct", repeats: 64) { _ in DirectClient() }
  }

  private static func yardstick(
    _ name: String, repeats: Int = 1,
    _ client: @escaping @Sendable (_ executor: (any TaskExecutor)?) -> any Client
  ) -> Workload {
    Workload(name: name, kind: .yardstick, operations: 1, repeats: repeats) { executor in
      Workload.Prepared { _ in
        client(executor)
      } end: {
      }
    }
  }
}

private final class StreamClient: Client {
  private let ask: AsyncStream<Int>.Continuation
  private let answers: AsyncStream<Int>

  init(ask: AsyncStream<Int>.Continuation, answers: AsyncStream<Int>) {
    self.ask = ask
    self.answers = answers
  }

  func run() async throws {
    ask.yield(1)
    var iterator = answers.makeAsyncIterator()
    _ = await iterator.next(isolation: nil)
  }
}

private final class MailboxClient: Client {
  private let requests: BareMailbox
  private let answers: BareMailbox

  init(requests: BareMailbox, answers: BareMailbox) {
    self.requests = requests
    self.answers = answers
  }

  func run() async throws {
    requests.send(1)
    _ = await answers.next()
  }
}

private final class ActorClient: Client {
  private let counter = Counter()

  func run() async throws { _ = await counter.next() }
}

/// Is called through ``Client`` as a chaincode is called through `Chaincode`, so there is nothing to do.
private final class DirectClient: Client {
  func run() async throws {}
}

private actor Counter {
  private var count = 0

  func next() -> Int {
    count &+= 1
    return count
  }
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
