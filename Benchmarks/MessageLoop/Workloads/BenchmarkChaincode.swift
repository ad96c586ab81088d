import InprocHost
import MessageFSM

/// The chaincodes that are measured, one per workload; each does what its name says and nothing else.
struct BenchmarkChaincode: Chaincode {
  /// What an invocation does.
  enum Work: String, CaseIterable {
    case noop, get1, get100, rw10, range1000, cc2cc, batch1000, multiget1000
  }

  /// The keys that the ledger knows, longer than what Swift stores inside a string.
  static let keys: [WireString] = (0..<1000).map { WireString("asset/\(1_000_000_000 + $0)") }
  /// What is read and written.
  static let value = [UInt8](repeating: 42, count: 32)

  let work: Work

  func invoke(_ stub: ChaincodeStub) async throws -> Response {
    switch work {
    case .noop: break
    case .get1: _ = try await stub.getState(Self.keys[0])
    case .get100:
      for key in Self.keys[..<100] { _ = try await stub.getState(key) }
    case .rw10:
      for key in Self.keys[..<10] {
        _ = try await stub.getState(key)
        try await stub.putState(key, Self.value)
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
        for key in Self.keys { try await stub.putState(key, Self.value) }
      }
    case .multiget1000: _ = try await stub.getMultipleStates(Self.keys)
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

  /// Which Fabric the host speaks like.
  var version: FabricVersion {
    switch self {
    case .noop, .get1, .get100, .rw10, .range1000, .cc2cc: .v1_4
    case .batch1000, .multiget1000: .v3_1
    }
  }
}
