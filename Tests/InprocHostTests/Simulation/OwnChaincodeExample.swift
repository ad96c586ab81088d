import InprocHost
import MessageFSM
import Testing

// The example of the article "Simulating a host", whole.

/// Counts visitors.
///
/// `visit` is right; `read` and `write` are for clients who think that two transactions are one.
struct VisitorCounter: Chaincode {
  func invoke(_ stub: ChaincodeStub) async throws -> Response {
    let (function, parameters) = stub.functionAndParameters
    switch function {
    case "read": return .success(Array("\(try await visitors(stub))".utf8))
    case "write": try await stub.putState("visitors", parameters.first?.bytes ?? [])
    case _: try await stub.putState("visitors", Array("\(try await visitors(stub) + 1)".utf8))
    }
    return .success()
  }

  private func visitors(_ stub: ChaincodeStub) async throws -> Int {
    Int(String(decoding: try await stub.getState("visitors") ?? [], as: UTF8.self)) ?? 0
  }
}

/// One visit of one client.
struct Visit: SimulationOperation {
  var client: Int
  var description: String { "c\(client) visits" }

  init(client: Int) { self.client = client }

  init?(_ description: String) {
    guard let client = Int(description.dropFirst().prefix { $0 != " " }) else { return nil }
    self.client = client
  }
}

/// Some clients visit; in the end the counter has to be as many as were told that they are counted.
struct Visits: SimulationScenario {
  let name = "visits"
  /// Whether a visit is one transaction, as it should be.
  let isMended: Bool

  func script(_ draw: Draw) -> [Visit] {
    var draw = draw
    return (0..<(2 + draw.below(6))).map { _ in Visit(client: draw.below(3)) }
  }

  func run(_ script: [Visit], in world: SimulationWorld) async throws {
    let ledger = world.join("trade")
    try await world.withHost(world.configuration()) { host in
      try host.register(VisitorCounter(), as: SystemChaincodeDescriptor(name: "counter"))
      try await host.deploy()
      let counted = Tally()
      await world.clients(3) { client in
        for (number, visit) in script.enumerated() where visit.client == client {
          if (try? await self.visit("\(client)-\(number)", host, ledger)) == true { counted.add() }
        }
      }
      let last = try await host.invoke("counter", ["read"], channel: "trade", txid: "last")
      let visitors = String(decoding: last.response.payload, as: UTF8.self)
      let expected = counted.count
      world.always(
        "nobodyIsForgotten", visitors == "\(expected)", "\(visitors) visitors, \(expected) were counted")
    }
  }

  /// Whether the visit was counted: its last transaction was committed as valid.
  private func visit(_ label: String, _ host: ChaincodeHost, _ ledger: InMemoryLedger) async throws -> Bool {
    let transaction: EndorsedTransaction
    if isMended {
      transaction = try await host.invoke("counter", ["visit"], channel: "trade", txid: "\(label)")
    } else {
      let read = try await host.invoke("counter", ["read"], channel: "trade", txid: "\(label)-read")
      let visitors = Int(String(decoding: read.response.payload, as: UTF8.self)) ?? 0
      transaction = try await host.invoke(
        "counter", ["write", "\(visitors + 1)"], channel: "trade", txid: "\(label)-write")
    }
    return try await ledger.commit([transaction]) == [.valid]
  }
}

private final class Tally: Sendable {
  private let number = Locked(0)
  var count: Int { number.withLock { $0 } }
  func add() { number.withLock { $0 += 1 } }
}

@Suite("Simulating your own chaincode")
struct OwnChaincodeExample {
  @Test func `the race is found, shrunk to two visits, and replayed`() throws {
    var plan = SimulationPlan(seeds: 0..<200, faults: .none)
    plan.timePressure = 0
    let failure = try #require(throws: SimulationFailure.self) { try Visits(isMended: false).simulate(plan) }
    #expect(failure.violation.kind == .invariant("nobodyIsForgotten"))
    #expect(failure.script.count == 2)
    #expect(failure.departures <= 3)
    let again = try Visits(isMended: false).replay(
      seed: failure.seed, strategy: "\(failure.minimalStrategy)", script: failure.script)
    #expect(again.violation == failure.violation)
  }

  @Test func `the mended client forgets nobody`() throws {
    var plan = SimulationPlan(seeds: 0..<200, faults: .none)
    plan.timePressure = 0
    try Visits(isMended: true).simulate(plan)
  }
}
