import MessageFSM

/// A chaincode that runs a ``TransactionProgram`` and answers what it has read, with the faults of its world.
struct ProgramChaincode: Chaincode {
  let world: SimulationWorld

  func invoke(_ stub: ChaincodeStub) async throws -> Response {
    guard let text = stub.args.first, let program = program(String(decoding: text, as: UTF8.self)) else {
      return .failure("no program")
    }
    var site: String { "\(stub.txid)" }
    var state: MachineState { MachineState(stub.transaction.machineState) }
    if world.faults.fires(.chaincodeThrows, at: site, in: state) != nil { throw ChaincodeFault() }
    if world.faults.fires(.chaincodeHangs, at: site, in: state) != nil { await hang() }
    var results: [String] = []
    for step in program.steps {
      if let amount = world.faults.fires(.chaincodeIgnoresCancellation, at: site, in: state) {
        // Goes on as if nothing had happened, however long that takes.
        await world.simulator.pause(steps: 1 + amount / 8)
      }
      results.append(try await run(step, stub))
    }
    return .success(Array(results.joined(separator: ";").utf8))
  }

  private func program(_ text: String) -> TransactionProgram? {
    world.programs.withLock { programs in
      if let known = programs[text] { return known }
      let program = TransactionProgram(text)
      programs[text] = program
      return program
    }
  }

  private func run(_ step: TransactionProgram.Step, _ stub: ChaincodeStub) async throws -> String {
    switch step {
    case .get(let key): return Self.text(try await stub.getState(key))
    case .put(let key, let value):
      try await stub.putState(key, Array(value.utf8))
      return "ok"
    case .delete(let key):
      try await stub.delState(key)
      return "ok"
    case .add(let key, let amount):
      let old = Self.text(try await stub.getState(key))
      try await stub.putState(key, Array(String((Int(old) ?? 0) + amount).utf8))
      return old
    case .many(let keys): return try await many(keys, stub)
    case .range(let start, let end): return try await range(start, end, stub)
    case .page(let start, let end, let size):
      let page = try await stub.getStateByRange(from: start, to: end, pageSize: Int32(size), bookmark: "")
      return try await read(page.iterator)
    case .call(let name, let channel, let program):
      let response = await stub.invokeChaincode(
        name, args: [Array(program.description.utf8)], channel: channel)
      guard response.status < Response.error else {
        throw CallFailed(
          text: "call of \(name) failed: \(WireString(bytes: response.payload))\(response.message)")
      }
      return "(\(String(decoding: response.payload, as: UTF8.self)))"
    case .wait(let milliseconds):
      try await world.clock.sleep(until: world.clock.now.advanced(by: .milliseconds(milliseconds)))
      return "ok"
    case .fail: throw ProgramFailed()
    }
  }

  private func many(_ keys: [String], _ stub: ChaincodeStub) async throws -> String {
    let values = try await withThrowingTaskGroup(of: (Int, String).self) { group in
      for (index, key) in keys.enumerated() {
        world.simulator.taskStarts("read \(stub.txid)")
        group.addTask(name: "read \(stub.txid)") {
          let value = Self.text(try await stub.getState(key))
          world.simulator.taskEnds()
          return (index, value)
        }
      }
      return try await group.reduce(into: [(Int, String)]()) { $0.append($1) }
    }
    return values.sorted { $0.0 < $1.0 }.map(\.1).joined(separator: ",")
  }

  private func range(_ start: String, _ end: String, _ stub: ChaincodeStub) async throws -> String {
    let iterator = try await stub.getStateByRange(from: start, to: end)
    let state = MachineState(stub.transaction.machineState)
    guard let amount = world.faults.fires(.iteratorAbuse, at: "\(stub.txid)", in: state) else {
      let results = try await read(iterator)
      try await iterator.close()
      return results
    }
    if amount % 3 == 0 {
      // Left open in the middle: another is read instead.
      if iterator.hasNext { _ = try await iterator.next() }
      let other = try await stub.getStateByRange(from: start, to: end)
      return try await read(other)
    }
    let results = try await read(iterator)
    if amount % 3 == 1 { _ = try? await iterator.next() }
    try? await iterator.close()
    try? await iterator.close()
    return results
  }

  private func read(_ iterator: StateQueryIterator) async throws -> String {
    var results: [String] = []
    while iterator.hasNext {
      let result = try await iterator.next()
      results.append("\(result.key)=\(String(decoding: result.value, as: UTF8.self))")
    }
    return results.joined(separator: ",")
  }

  /// Waits until it is cancelled.
  private func hang() async {
    world.hangs.withLock { $0 += 1 }
    _ = await Promise<Void>().value()
    world.hangs.withLock { $0 -= 1 }
  }

  static func text(_ value: [UInt8]?) -> String {
    value.map { String(decoding: $0, as: UTF8.self) } ?? "-"
  }
}

/// A fault that the world has put into a chaincode.
struct ChaincodeFault: Error, CustomStringConvertible {
  static let text = "injected: the chaincode throws"
  var description: String { Self.text }
}

/// The step `fail`.
struct ProgramFailed: Error, CustomStringConvertible {
  static let text = "the program fails"
  var description: String { Self.text }
}

/// A called chaincode has not answered as it should.
struct CallFailed: Error, CustomStringConvertible {
  let text: String
  var description: String { text }
}
