import InprocHost
import InprocPeer
import Testing

@Suite("VirtualClock")
struct VirtualClockTests {
  /// What happened, in order.
  private final class Log: Sendable {
    let entries = Locked<[String]>([])

    func add(_ entry: String) { entries.withLock { $0.append(entry) } }
    var all: [String] { entries.withLock { $0 } }
  }

  @Test("sleepers wake in the order of their deadlines, of one deadline in the order of going to sleep")
  func order() throws {
    let (loop, log) = (SerialRunLoop(), Log())
    try loop.run {
      await withTaskGroup(of: Void.self) { group in
        for (name, seconds) in [("late", 3), ("first", 1), ("second", 1), ("early", 0)] {
          group.addTask {
            try? await loop.clock.sleep(for: .seconds(seconds))
            log.add("\(name) at \(loop.clock.now.offset)")
          }
        }
      }
    }
    #expect(
      log.all == [
        "early at 0.0 seconds", "first at 1.0 seconds", "second at 1.0 seconds", "late at 3.0 seconds",
      ])
  }

  @Test("a cancelled sleep throws at once, before it began as well as in it")
  func cancellation() throws {
    let (loop, log) = (SerialRunLoop(), Log())
    try loop.run {
      await withTaskGroup(of: Void.self) { group in
        for name in ["sleeping", "cancelled before"] {
          group.addTask {
            do {
              try await loop.clock.sleep(for: .seconds(10))
            } catch {
              log.add("\(name) \(error) at \(loop.clock.now.offset)")
            }
          }
          if name == "sleeping" { try? await loop.clock.sleep(for: .seconds(1)) }
          group.cancelAll()
        }
      }
    }
    #expect(
      log.all == [
        "sleeping CancellationError() at 1.0 seconds", "cancelled before CancellationError() at 1.0 seconds",
      ])
    #expect(loop.clock.nextDeadline == nil)
  }

  @Test("time moves by hand, and never back")
  func byHand() {
    let clock = VirtualClock()
    clock.advance(by: .seconds(5))
    clock.advance(by: .seconds(-3))
    #expect(clock.now.offset == .seconds(5))
    #expect(!clock.advanceToNextDeadline())
  }

  @Test("work that waits for nobody is an error, not a hang")
  func stuck() {
    #expect(throws: SerialRunLoop.Stuck.self) {
      try SerialRunLoop().run {
        let (stream, continuation) = AsyncStream<Int>.makeStream()
        for await _ in stream {}
        continuation.finish()
      }
    }
  }
}
