import MessageFSM
import Testing

@testable import InprocHost

@Suite("The pair of streams", .timeLimit(.minutes(5)))
struct InprocStreamTests {
  private static func message(_ number: Int) -> ChaincodeMessage {
    ChaincodeMessage(.keepalive, txid: WireString(String(number)))
  }

  private static func number(_ message: ChaincodeMessage) -> Int { Int(message.txid.string) ?? -1 }

  @Test("messages are received in the order in which they were sent, in both directions")
  func order() async throws {
    let (peer, chaincode) = InprocStream.makePair()
    await withTaskGroup(of: [Int].self) { group in
      for (sender, receiver) in [(peer, chaincode), (chaincode, peer)] {
        group.addTask {
          for number in 0..<10_000 { try? sender.send(Self.message(number)) }
          return []
        }
        group.addTask {
          var numbers: [Int] = []
          for await message in receiver.incoming {
            numbers.append(Self.number(message))
            if numbers.count == 10_000 { break }
          }
          return numbers
        }
      }
      var received: [[Int]] = []
      for await numbers in group where !numbers.isEmpty { received.append(numbers) }
      #expect(received == [Array(0..<10_000), Array(0..<10_000)])
    }
  }

  @Test("what several tasks send is all received, each task's in its order")
  func manySenders() async throws {
    let (peer, chaincode) = InprocStream.makePair()
    let received = await withTaskGroup(of: Void.self) { group in
      for sender in 0..<8 {
        group.addTask {
          for number in 0..<1000 { try? peer.send(Self.message(sender * 1000 + number)) }
        }
      }
      await group.waitForAll()
      peer.finish()
      var received: [Int] = []
      for await message in chaincode.incoming { received.append(Self.number(message)) }
      return received
    }
    #expect(received.sorted() == Array(0..<8000))
    for sender in 0..<8 {
      let own = received.filter { $0 / 1000 == sender }
      #expect(own == own.sorted())
    }
  }

  @Test("what was sent before the end is still received, then the stream ends", arguments: [true, false])
  func receivedAfterFinish(byPeer: Bool) async throws {
    let (peer, chaincode) = InprocStream.makePair()
    for number in 0..<3 { try peer.send(Self.message(number)) }
    (byPeer ? peer : chaincode).finish()
    var received: [Int] = []
    for await message in chaincode.incoming { received.append(Self.number(message)) }
    #expect(received == [0, 1, 2])
    for await _ in peer.incoming { Issue.record("nobody sent this") }
  }

  @Test(
    "sending after either side has finished throws, and the message is not sent", arguments: [true, false])
  func sendAfterFinish(byPeer: Bool) async throws {
    let (peer, chaincode) = InprocStream.makePair()
    (byPeer ? peer : chaincode).finish()
    for end in [peer, chaincode] {
      #expect {
        try end.send(Self.message(1))
      } throws: { error in
        (error as? HostError)?.code == .streamFinished
          && (error as? HostError)?.message == "send of KEEPALIVE on a finished stream"
      }
    }
    for await _ in chaincode.incoming { Issue.record("the message was sent") }
    for await _ in peer.incoming { Issue.record("the message was sent") }
  }

  @Test("finishing again, by anybody and by many at once, does nothing more")
  func finishTwice() async throws {
    let (peer, chaincode) = InprocStream.makePair()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<100 {
        group.addTask { peer.finish() }
        group.addTask { chaincode.finish() }
      }
    }
    peer.finish()
    #expect(throws: HostError.self) { try peer.send(Self.message(1)) }
    for await _ in peer.incoming { Issue.record("nobody sent this") }
  }

  @Test("a reader that waits is released by the end", arguments: [true, false])
  func finishReleases(byPeer: Bool) async throws {
    let (peer, chaincode) = InprocStream.makePair()
    await withTaskGroup(of: Int.self) { group in
      for end in [peer, chaincode] {
        group.addTask {
          var count = 0
          for await _ in end.incoming { count += 1 }
          return count
        }
      }
      (byPeer ? peer : chaincode).finish()
      for await count in group { #expect(count == 0) }
    }
  }

  @Test("a reader that is cancelled ends, and what comes later is kept for the next reader")
  func cancelledReader() async throws {
    let (peer, chaincode) = InprocStream.makePair()
    try peer.send(Self.message(0))
    let first = await withTaskGroup(of: [Int].self) { group in
      let reading = Promise<Void>()
      group.addTask {
        var numbers: [Int] = []
        for await message in chaincode.incoming {
          numbers.append(Self.number(message))
          reading.fulfil(())
        }
        return numbers
      }
      _ = await reading.value()
      group.cancelAll()
      return await group.next() ?? []
    }
    #expect(first == [0])
    try peer.send(Self.message(1))
    peer.finish()
    var second: [Int] = []
    for await message in chaincode.incoming { second.append(Self.number(message)) }
    #expect(second == [1])
  }

  @Test("a reader whose task was cancelled before it read does not wait")
  func cancelledBefore() async throws {
    let (_, chaincode) = InprocStream.makePair()
    await withTaskGroup(of: Int.self) { group in
      group.cancelAll()
      group.addTask {
        var count = 0
        for await _ in chaincode.incoming { count += 1 }
        return count
      }
      #expect(await group.next() == 0)
    }
  }

  /// A message is taken by the reader or kept, whenever the cancellation comes.
  @Test("no message is lost between a reader that is cancelled and the next", arguments: 0..<200)
  func nothingIsLost(_ round: Int) async throws {
    let (peer, chaincode) = InprocStream.makePair()
    let first = await withTaskGroup(of: [Int].self) { group in
      group.addTask {
        var numbers: [Int] = []
        for await message in chaincode.incoming { numbers.append(Self.number(message)) }
        return numbers
      }
      for number in 0..<5 { try? peer.send(Self.message(number)) }
      group.cancelAll()
      for number in 5..<10 { try? peer.send(Self.message(number)) }
      return await group.next() ?? []
    }
    peer.finish()
    var all = first
    for await message in chaincode.incoming { all.append(Self.number(message)) }
    #expect(all == Array(0..<10))
  }

  @Test("an end of a stream that nobody holds any more is released, with the messages in it")
  func released() throws {
    weak var end: InprocStream?
    do {
      let (peer, chaincode) = InprocStream.makePair()
      try peer.send(Self.message(1))
      end = chaincode
      #expect(end != nil)
    }
    #expect(end == nil)
  }
}
