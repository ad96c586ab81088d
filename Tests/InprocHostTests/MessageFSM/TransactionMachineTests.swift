import MessageFSM
import Testing

/// SplitMix64.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

@Suite("The machines of one transaction")
struct TransactionMachineTests {
  private static func request(_ number: Int) -> ChaincodeMessage {
    ChaincodeMessage(.getState(GetState(key: WireString(String(number)))))
  }

  @Test("the peer serves one request at a time, the others in their order")
  func peerOrder() {
    var machine = PeerTransactionMachine()
    #expect(machine.state == .computing)
    #expect(machine.requested(Self.request(0)) == .serve)
    #expect(machine.state == .serving)
    for number in 1...3 { #expect(machine.requested(Self.request(number)) == .wait) }
    for number in 1...3 { #expect(machine.served() == .serve(Self.request(number))) }
    #expect(machine.served() == .nothing)
    #expect(machine.state == .computing)
  }

  @Test(
    "a transaction of the peer that ends while nothing is served closes at once, and refuses from then on")
  func peerEnd() {
    var machine = PeerTransactionMachine()
    #expect(machine.end() == .close)
    #expect(machine.end() == .nothing)
    #expect(machine.state == .ended)
    #expect(machine.requested(Self.request(0)) == .refuse)
  }

  @Test(
    "a transaction of the peer that ends while one is served closes when that is done, and names those that waited"
  )
  func peerEndWhileServing() {
    var machine = PeerTransactionMachine()
    #expect(machine.requested(Self.request(0)) == .serve)
    #expect(machine.requested(Self.request(1)) == .wait)
    #expect(machine.requested(Self.request(2)) == .wait)
    #expect(machine.end() == .closeLater)
    #expect(machine.end() == .nothing)
    #expect(machine.requested(Self.request(3)) == .refuse)
    #expect(machine.served() == .close(unserved: [Self.request(1), Self.request(2)]))
    #expect(machine.served() == .close(unserved: []))
  }

  @Test("the shim sends one call at a time, the others in their order")
  func shimOrder() {
    var machine = ShimTransactionMachine()
    #expect(machine.state == .computing)
    #expect(machine.answered() == .surplus)
    #expect(machine.called() == .send)
    #expect(machine.called() == .wait)
    #expect(machine.called() == .wait)
    #expect(machine.state == .calling)
    #expect(machine.answered() == .deliverAndSendNext)
    #expect(machine.answered() == .deliverAndSendNext)
    #expect(machine.answered() == .deliver)
    #expect(machine.state == .computing)
    #expect(machine.answered() == .surplus)
  }

  @Test("a transaction of the shim that has ended refuses calls and ignores answers")
  func shimEnd() {
    var machine = ShimTransactionMachine()
    #expect(machine.called() == .send)
    #expect(machine.called() == .wait)
    #expect(machine.end() == true)
    #expect(machine.end() == false)
    #expect(machine.state == .ended)
    #expect(machine.called() == .refuse)
    #expect(machine.answered() == .surplus)
  }

  /// The peer's transaction, written as plainly as can be.
  private struct PeerModel {
    var serving: Int?
    var waiting: [Int] = []
    var ended = false
  }

  @Test(
    "whatever comes in whatever order, the peer's machine does what the plainest model does",
    arguments: 0..<20)
  func peerWalk(_ seed: UInt64) {
    var generator = SplitMix(state: seed)
    for _ in 0..<200 {
      var machine = PeerTransactionMachine()
      var model = PeerModel()
      for step in 0..<Int.random(in: 1...30, using: &generator) {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<5:
          let action = machine.requested(Self.request(step))
          if model.ended {
            #expect(action == .refuse)
          } else if model.serving != nil {
            model.waiting.append(step)
            #expect(action == .wait)
          } else {
            model.serving = step
            #expect(action == .serve)
          }
        case 5..<9:
          // A handler calls it only when it has served one.
          guard model.serving != nil else { continue }
          let action = machine.served()
          if model.ended {
            #expect(action == .close(unserved: model.waiting.map { Self.request($0) }))
            model.serving = nil
            model.waiting = []
          } else if model.waiting.isEmpty {
            model.serving = nil
            #expect(action == .nothing)
          } else {
            let next = model.waiting.removeFirst()
            model.serving = next
            #expect(action == .serve(Self.request(next)))
          }
        case _:
          let action = machine.end()
          if model.ended {
            #expect(action == .nothing)
          } else {
            model.ended = true
            #expect(action == (model.serving == nil ? .close : .closeLater))
          }
        }
        let state: PeerTransactionMachine.State =
          model.ended ? .ended : model.serving == nil ? .computing : .serving
        #expect(machine.state == state)
      }
    }
  }

  @Test(
    "whatever comes in whatever order, the shim's machine does what the plainest model does",
    arguments: 0..<20)
  func shimWalk(_ seed: UInt64) {
    var generator = SplitMix(state: seed &+ 1000)
    for _ in 0..<200 {
      var machine = ShimTransactionMachine()
      var open = 0
      var ended = false
      for _ in 0..<Int.random(in: 1...30, using: &generator) {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<5:
          let action = machine.called()
          if ended {
            #expect(action == .refuse)
          } else {
            #expect(action == (open == 0 ? .send : .wait))
            open += 1
          }
        case 5..<9:
          let action = machine.answered()
          if ended || open == 0 {
            #expect(action == .surplus)
          } else {
            open -= 1
            #expect(action == (open == 0 ? .deliver : .deliverAndSendNext))
          }
        case _:
          let isFirst = machine.end()
          #expect(isFirst == !ended)
          ended = true
        }
      }
    }
  }
}
