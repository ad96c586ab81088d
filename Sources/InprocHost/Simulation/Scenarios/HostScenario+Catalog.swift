// The scenarios that every host has to stand.
extension HostScenario {
  /// All of them.
  public static let all: [HostScenario] = [
    .traffic, .relaunch, .calls, .iterators, .overload, .conflicts, .deployment, .hostile,
  ]

  private static let keys = (0..<6).map { "k\($0)" }

  /// Reads and writes of a few keys by a few clients, with commits between.
  public static let traffic = HostScenario(name: "traffic", chaincodes: ["cc0"], channels: ["ch0"]) { draw in
    script(draw, clients: 4, transactions: 20) { draw in steps(&draw, count: 1 + draw.below(3)) }
  }

  /// A chaincode that is stopped and deployed while calls are open.
  public static let relaunch = HostScenario(name: "relaunch", chaincodes: ["cc0"], channels: ["ch0"]) {
    draw in
    var draw = draw
    var operations = script(draw, clients: 3, transactions: 15) { draw in
      steps(&draw, count: 1 + draw.below(2))
    }
    for index in 0..<(1 + draw.below(3)) {
      operations.append(HostOperation(client: 9, label: "n\(index)a", .pause(1 + draw.below(300))))
      operations.append(HostOperation(client: 9, label: "n\(index)b", .stop(chaincode: "cc0")))
      if draw.chance(1, in: 2) {
        operations.append(HostOperation(client: 9, label: "n\(index)c", .pause(1 + draw.below(40))))
      }
      operations.append(HostOperation(client: 9, label: "n\(index)d", .deploy))
    }
    return operations
  }

  /// Chaincodes that call each other, in chains and cycles, on the same channel and others.
  public static let calls = HostScenario(
    name: "calls", chaincodes: ["cc0", "cc1", "cc2"], channels: ["ch0", "ch1"]
  ) { draw in
    script(draw, clients: 3, transactions: 12, chaincodes: 3, channels: 2) { draw in
      var program = steps(&draw, count: 1)
      for _ in 0..<(1 + draw.below(2)) { program.append(call(&draw, depth: 1 + draw.below(2))) }
      return program
    }
  }

  /// Ranges and pages against deadlines that are as near as the answers.
  public static let iterators = HostScenario(
    name: "iterators", chaincodes: ["cc0"], channels: ["ch0"], timeout: 1_000, rows: 103
  ) { draw in
    script(draw, clients: 3, transactions: 16, timeouts: [0, 0, 2, 5, 20]) { draw in
      switch draw.below(5) {
      case 4: return [.range("m", draw.chance(1, in: 2) ? "n" : "m05"), .get("k1")]
      case 0: return [.put(draw.pick(keys) ?? "k0", "v\(draw.below(9))"), .put(draw.pick(keys) ?? "k0", "w")]
      case 1: return [.page("k0", "k9", 1 + draw.below(3)), .wait(draw.below(6))]
      case 2: return [.range("k\(draw.below(3))", "k9"), .wait(draw.below(6)), .range("k0", "k4")]
      case _: return [.range("k0", "k9"), .put(draw.pick(keys) ?? "k0", "r")]
      }
    }
  }

  /// Many clients that all call in the same instant.
  public static let overload = HostScenario(name: "overload", chaincodes: ["cc0", "cc1"], channels: ["ch0"]) {
    draw in
    script(draw, clients: 12, transactions: 30, chaincodes: 2, gaps: false) { draw in
      draw.chance(1, in: 3) ? [.many(Array(keys.prefix(1 + draw.below(5))))] : steps(&draw, count: 1)
    }
  }

  /// Transactions that change the same keys, committed together.
  public static let conflicts = HostScenario(
    name: "conflicts", chaincodes: ["cc0"], channels: ["ch0", "ch1"]
  ) { draw in
    script(draw, clients: 4, transactions: 20, channels: 2, commits: 3) { draw in
      draw.chance(2, in: 3) ? [.add(draw.pick(Array(keys.prefix(2))) ?? "k0", 1)] : steps(&draw, count: 2)
    }
  }

  /// All chaincodes deployed again and again during traffic.
  public static let deployment = HostScenario(
    name: "deployment", chaincodes: ["cc0", "cc1", "cc2"], channels: ["ch0"]
  ) { draw in
    var draw = draw
    var operations = script(draw, clients: 3, transactions: 12, chaincodes: 3) { draw in
      steps(&draw, count: 1)
    }
    for index in 0..<(2 + draw.below(3)) {
      operations.append(
        HostOperation(client: 8 + index % 2, label: "d\(index)a", .pause(1 + draw.below(200))))
      operations.append(HostOperation(client: 8 + index % 2, label: "d\(index)b", .deploy))
    }
    return operations
  }

  /// Traffic beside chaincode ends that break the protocol.
  public static let hostile = HostScenario(name: "hostile", chaincodes: ["cc0"], channels: ["ch0"]) { draw in
    var draw = draw
    var operations = script(draw, clients: 2, transactions: 8) { draw in
      steps(&draw, count: 1 + draw.below(2))
    }
    for index in 0..<(1 + draw.below(3)) {
      let begins = draw.chance(3, in: 4) ? [0] : []
      let numbers = begins + (0..<draw.below(12)).map { _ in draw.below(4096) }
      operations.append(HostOperation(client: 6 + index, label: "h\(index)p", .pause(1 + draw.below(60))))
      operations.append(HostOperation(client: 6 + index, label: "h\(index)", .hostile(numbers)))
    }
    if draw.chance(2, in: 3) {
      let handshake = [[], [1], [1, 2], [1, 2]][draw.below(4)]
      let numbers = handshake + (0..<(1 + draw.below(8))).map { _ in draw.below(4096) }
      operations.append(HostOperation(client: 10, label: "hp", .hostilePeer(numbers)))
    }
    return operations
  }

  // MARK: Parts of scripts

  private static func script(
    _ draw: Draw, clients: Int, transactions: Int, chaincodes: Int = 1, channels: Int = 1,
    timeouts: [Int] = [0, 0, 0, 0, 5, 50], commits: Int = 5, gaps: Bool = true,
    _ program: (inout Draw) -> [TransactionProgram.Step]
  ) -> [HostOperation] {
    var operations: [HostOperation] = []
    for index in 0..<transactions {
      var draw = draw.keyed("tx\(index)")
      let client = index % clients
      if gaps && draw.chance(1, in: 3) {
        operations.append(
          HostOperation(client: client, label: "g\(index)", .sleep([1, 5, 5, 10][draw.below(4)])))
      }
      let channel = "ch\(draw.below(channels))"
      operations.append(
        HostOperation(
          client: client, label: "tx\(index)",
          .invoke(
            chaincode: "cc\(draw.below(chaincodes))", channel: channel,
            timeout: timeouts[draw.below(timeouts.count)], TransactionProgram(program(&draw)))))
      if draw.chance(1, in: commits) {
        operations.append(HostOperation(client: client, label: "c\(index)", .commit(channel: channel)))
      }
    }
    return operations
  }

  private static func steps(_ draw: inout Draw, count: Int) -> [TransactionProgram.Step] {
    (0..<count).map { _ in
      let key = draw.pick(keys) ?? "k0"
      return switch draw.below(16) {
      case 0..<4: .get(key)
      case 4..<7: .put(key, "v\(draw.below(100))")
      case 7: .delete(key)
      case 8..<11: .add(key, 1 + draw.below(9))
      case 11: .many(Array(keys.prefix(2 + draw.below(3))))
      case 12, 13: .range("k0", key)
      case 14: .wait(draw.below(8))
      case _: draw.chance(1, in: 3) ? .fail : .get(key)
      }
    }
  }

  private static func call(_ draw: inout Draw, depth: Int) -> TransactionProgram.Step {
    var program = steps(&draw, count: 1)
    if depth > 1 { program.append(call(&draw, depth: depth - 1)) }
    return .call("cc\(draw.below(3))", ["", "", "ch0", "ch1"][draw.below(4)], TransactionProgram(program))
  }
}
