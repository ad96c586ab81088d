public import InprocHost
public import MessageFSM

/// A whole peer with its system chaincodes, one channel and a user's chaincode, on which clients and administrators do what a
/// script says, all through the endorser's door.
///
/// No call may be lost, none may run on a version that was not in force while it was open, and a channel that was joined has to
/// answer.
public struct PeerScenario: SimulationScenario {
  /// The name.
  public let name: String
  /// How many versions of the user's chaincode are installed; 0 leaves it out.
  public let versions: Int
  /// The system chaincodes that are deployed.
  public let systemChaincodes: [WireString]
  private let generate: @Sendable (Draw) -> [PeerOperation]

  /// A scenario whose scripts `generate` makes.
  public init(
    name: String, versions: Int = 4, systemChaincodes: [WireString] = ["lscc", "cscc", "qscc"],
    generate: @escaping @Sendable (Draw) -> [PeerOperation]
  ) {
    self.name = name
    self.versions = max(0, versions)
    self.systemChaincodes = systemChaincodes
    self.generate = generate
  }

  /// Both of them.
  public static let all: [PeerScenario] = [.upgrade, .joins]

  /// Versions that take each other's place while calls are open.
  public static let upgrade = PeerScenario(name: "upgrade") { draw in
    var draw = draw
    var operations = calls(draw, clients: 3, count: 12)
    for index in 0..<(1 + draw.below(3)) {
      operations.append(PeerOperation(client: 8, label: "u\(index)p", .pause(1 + draw.below(200))))
      operations.append(PeerOperation(client: 8, label: "u\(index)", .upgrade))
      operations.append(PeerOperation(client: 9, label: "r\(index)p", .pause(1 + draw.below(400))))
      operations.append(PeerOperation(client: 9, label: "r\(index)", .retire))
    }
    return operations
  }

  /// The system chaincodes deployed on one new channel after the other while calls are open.
  public static let joins = PeerScenario(name: "joins") { draw in
    var draw = draw
    var operations = calls(draw, clients: 3, count: 9)
    for index in 0..<(2 + draw.below(4)) {
      operations.append(
        PeerOperation(client: 8 + index % 2, label: "j\(index)p", .pause(1 + draw.below(150))))
      // Now and then a channel that was joined before.
      operations.append(
        PeerOperation(client: 8 + index % 2, label: "j\(index)", .join(draw.chance(1, in: 4) ? 0 : index)))
    }
    return operations
  }

  /// Of each scenario in ``all`` what it is about, for an exhaustive search: two clients, two operations each, and no more of a
  /// peer than these need.
  public static let small: [PeerScenario] = [
    PeerScenario(name: "small-upgrade", versions: 2, systemChaincodes: ["lscc"]) { _ in
      [
        PeerOperation(client: 0, label: "t0", .invoke(asksChain: false)),
        PeerOperation(client: 0, label: "t1", .invoke(asksChain: false)),
        PeerOperation(client: 8, label: "u0", .upgrade),
        PeerOperation(client: 8, label: "r0", .retire),
      ]
    },
    PeerScenario(name: "small-joins", versions: 0, systemChaincodes: ["cscc", "qscc"]) { _ in
      [
        PeerOperation(client: 0, label: "t0", .query),
        PeerOperation(client: 0, label: "t1", .query),
        PeerOperation(client: 8, label: "j0", .join(0)),
        PeerOperation(client: 8, label: "j1", .join(0)),
      ]
    },
  ]

  private static func calls(_ draw: Draw, clients: Int, count: Int) -> [PeerOperation] {
    (0..<count).map { index in
      var draw = draw.keyed("t\(index)")
      let action: PeerOperation.Action =
        draw.chance(1, in: 4) ? .query : .invoke(asksChain: draw.chance(1, in: 3))
      return PeerOperation(client: index % clients, label: "t\(index)", action)
    }
  }

  /// The script of a run.
  public func script(_ draw: Draw) -> [PeerOperation] {
    generate(draw)
  }

  /// Runs a script.
  public func run(_ script: [PeerOperation], in world: SimulationWorld) async throws {
    let peer = SimulatedPeer(world)
    try await world.withHost(peer.configuration) { host in
      let run = PeerScenarioRun(self, peer, host, world)
      guard try await run.prepare() else {
        return world.always("anUndisturbedPeerIsReady", world.isDisturbed || world.isPressed)
      }
      world.sometimes("a peer was ready")
      let clients = Set(script.map(\.client)).sorted()
      await world.clients(clients.count) { index in
        for operation in script where operation.client == clients[index] { await run.perform(operation) }
      }
      if !world.endsWithScript { await run.becomeQuiet() }
    }
  }
}
