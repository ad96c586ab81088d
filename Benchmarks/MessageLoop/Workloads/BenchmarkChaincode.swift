import InprocHost
import MessageFSM

/// The chaincodes that are measured, one per workload; each does what its name says and nothing else.
final class BenchmarkChaincode: Chaincode {
  /// What an invocation does.
  enum Work: String, CaseIterable {
    case noop, get1, get100, rw10, range1000, cc2cc, batch1000, multiget1000
  }

  let work: Work
  /// What is read and written.
  ///
  /// Made for each chaincode: strings and arrays that are shared among threads are counted by all of them.
  private let keys: [WireString]
  private let value: [UInt8]

  init(work: Work) {
    self.work = work
    self.keys = work.asksTheLedger ? TableLedger.makeKeys() : []
    self.value = work.asksTheLedger ? TableLedger.makeValue() : []
  }

  func invoke(_ stub: ChaincodeStub) async throws -> Response {
    switch work {
    case .noop: break
    case .get1: _ = try await stub.getState(keys[0])
    case .get100:
      for key in keys[..<100] { _ = try await stub.getState(key) }
    case .rw10:
      for key in keys[..<10] {
        _ = try await stub.getState(key)
        try await stub.putState(key, value)
      }
    case .range1000:
      let results = try await stub.getStateByRange(from: "", to: "")
      var count = 0
      while results.hasNext {
        _ = try await results.next()
        count += 1
      }
      try await results.close()
      guard count == 1000 else { return .failure("1,000 results expected, \(count) came") }
    case .cc2cc: return await stub.invokeChaincode("noop", args: [])
    case .batch1000:
      try await stub.withWriteBatch {
        for key in keys { try await stub.putState(key, value) }
      }
    case .multiget1000: _ = try await stub.getMultipleStates(keys)
    }
    return .success()
  }
}

extension BenchmarkChaincode.Work {
  /// How many requests one transaction makes, or one: what "time per operation" divides by.
  var operations: Int {
    switch self {
    case .noop, .get1, .cc2cc: 1
    case .get100: 100
    case .rw10: 20
    case .range1000, .batch1000, .multiget1000: 1000
    }
  }

  fileprivate var asksTheLedger: Bool {
    switch self {
    case .noop, .cc2cc: false
    case .get1, .get100, .rw10, .range1000, .batch1000, .multiget1000: true
    }
  }

  /// Which Fabric the host speaks like.
  var version: FabricVersion {
    switch self {
    case .noop, .get1, .get100, .rw10, .range1000, .cc2cc: .v1_4
    case .batch1000, .multiget1000: .v3_1
    }
  }
}
