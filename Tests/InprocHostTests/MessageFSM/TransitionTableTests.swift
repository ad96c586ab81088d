import MessageFSM
import Testing

@testable import InprocHost

/// What each machine has to do with each message, read from Fabric's loop tables and DESIGN §4, not from the machines.
private enum Expected {
  static let types =
    MessageType.known + [.unrecognized(12), .unrecognized(26), .unrecognized(99), .unrecognized(-1)]

  /// The row of the 1.4 table that tells of a type: its own, or that of an unknown one.
  private static func row(_ type: MessageType) -> String {
    switch type {
    case .purgePrivateData, .writeBatchState, .getStateMultiple, .unrecognized: "99"
    case _: type.name
    }
  }

  private static func find(_ side: String, _ state: String, _ name: String) -> LoopCase? {
    LoopCase.v1_4.first { $0.side == side && $0.state == state && $0.name == name }
  }

  /// Types of 3.1 have rows of their own in its table.
  private static func find3_1(_ state: PeerStateMachine.State, _ type: MessageType) -> LoopCase? {
    switch type {
    case .purgePrivateData, .writeBatchState, .getStateMultiple: break
    case _: return nil
    }
    let name = state == .ready ? "\(type) without a transaction" : "\(type) before REGISTER"
    return LoopCase.v3_1.cases.first { $0.side == "peer" && $0.state == state.rawValue && $0.name == name }
  }

  static func peer(
    _ state: PeerStateMachine.State, _ type: MessageType, _ version: FabricVersion
  ) throws -> PeerStateMachine.Reaction {
    switch state {
    case .ended: return .ignore
    case .created, .established:
      let loop =
        version == .v3_1 && state == .created
        ? find3_1(state, type) ?? find("peer", state.rawValue, row(type))
        : find("peer", state.rawValue, row(type))
      let found = try #require(loop)
      if found.streamEnds { return .refuseAndEnd }
      return found.replies.map(\.type) == ["REGISTERED", "READY"] ? .register : .ignore
    case .ready:
      if version == .v3_1, let loop = find3_1(state, type) {
        return loop.replies.first?.type == "ERROR" ? .serve : .ignore
      }
      let alone = try #require(find("peer", "ready", "\(row(type)), no such transaction"))
      if alone.streamEnds { return .refuse }
      if alone.replies.first?.type == "ERROR" { return .serve }
      let running = try #require(find("peer", "ready", "\(row(type)), transaction running"))
      return running.notes.contains { $0.contains("Execute returned") } ? .complete : .ignore
    }
  }

  static func shim(_ state: ShimStateMachine.State, _ type: MessageType) throws -> ShimStateMachine.Reaction {
    if state == .ended { return .ignore }
    let loop = try #require(find("shim", state.rawValue, row(type)))
    if loop.replies.first?.type == "KEEPALIVE" { return .echo }
    switch state {
    case .created: return loop.streamEnds ? .refuseAndEnd : .establish
    case .established: return loop.streamEnds ? .refuseAndEnd : .becomeReady
    case .ready, .ended:
      // An answer that nobody waits for is no violation (DESIGN §4).
      if type == .response || !loop.streamEnds && loop.replies.isEmpty { return .answer }
      if loop.streamEnds { return .refuse }
      return type == .initialize ? .initialize : .invoke
    }
  }
}

@Suite("The tables of the machines")
struct TransitionTableTests {
  struct PeerCell: Sendable, CustomTestStringConvertible {
    let state: PeerStateMachine.State
    let version: FabricVersion
    var testDescription: String { "\(state.rawValue), \(version)" }
  }

  struct ShimCell: Sendable, CustomTestStringConvertible {
    let state: ShimStateMachine.State
    let version: FabricVersion
    var testDescription: String { "\(state.rawValue), \(version)" }
  }

  static let peerCells = PeerStateMachine.State.allCases.flatMap { state in
    [FabricVersion.v1_4, .v3_1].map { PeerCell(state: state, version: $0) }
  }

  static let shimCells = ShimStateMachine.State.allCases.flatMap { state in
    [FabricVersion.v1_4, .v3_1].map { ShimCell(state: state, version: $0) }
  }

  @Test("the tests know every message type and two versions")
  func complete() {
    #expect(Expected.types.count == 29)
    #expect(Set(Expected.types).count == 29)
    #expect(Self.peerCells.count == 8 && Self.shimCells.count == 8)
    #expect(MessageType.known.map(\.number) == Array(0...11) + Array(13...25))
  }

  // MARK: the peer

  /// A machine in that state.
  private static func peer(_ cell: PeerCell) -> PeerStateMachine {
    var machine = PeerStateMachine(version: cell.version)
    switch cell.state {
    case .created: break
    case .established: _ = machine.registered()
    case .ready:
      _ = machine.registered()
      _ = machine.becameReady()
    case .ended: _ = machine.end()
    }
    return machine
  }

  @Test("the peer does with every message what the table says", arguments: peerCells)
  func peer(_ cell: PeerCell) throws {
    for type in Expected.types {
      let expected = try Expected.peer(cell.state, type, cell.version)
      #expect(
        PeerStateMachine.reaction(in: cell.state, to: type, version: cell.version) == expected, "\(type)")
      var machine = Self.peer(cell)
      try #require(machine.state == cell.state)
      let action = machine.received(type, txid: "tx1")
      let next = expected == .refuseAndEnd ? PeerStateMachine.State.ended : cell.state
      #expect(machine.state == next, "\(type)")
      let name = type.name(in: cell.version)
      switch (expected, action) {
      case (.register, .register), (.serve, .serve), (.complete, .complete), (.ignore, .ignore): break
      case (.refuse, .refuse(let violation)):
        #expect(
          violation.description
            == "[tx1] Fabric side handler cannot handle message (\(name)) while in ready state")
        #expect(violation.type == type && violation.txid == "tx1" && violation.receiver == .peer)
      case (.refuseAndEnd, .refuseAndEnd(let violation)):
        let text =
          cell.state == .created
          ? "[tx1] Fabric side handler cannot handle message (\(name)) while in created state"
          : "handle message: invalid state established for transaction tx1"
        #expect(violation.description == text)
        #expect(violation.state == cell.state.rawValue)
      case _: Issue.record("\(type): \(action) instead of \(expected)")
      }
    }
  }

  @Test("what the peer's handler reports counts in one state only", arguments: peerCells)
  func peerReports(_ cell: PeerCell) {
    var machine = Self.peer(cell)
    let registered = machine.registered()
    #expect(registered == (cell.state == .created))
    #expect(machine.state == (registered ? .established : cell.state))
    machine = Self.peer(cell)
    let ready = machine.becameReady()
    #expect(ready == (cell.state == .established))
    #expect(machine.state == (ready ? .ready : cell.state))
    machine = Self.peer(cell)
    let ended = machine.end()
    #expect(ended == (cell.state != .ended))
    #expect(machine.state == .ended)
    let again = machine.end()
    #expect(!again)
  }

  // MARK: the shim

  private static func shim(_ cell: ShimCell) -> ShimStateMachine {
    var machine = ShimStateMachine(version: cell.version)
    switch cell.state {
    case .created: break
    case .established: _ = machine.received(.registered, txid: "", payloadSize: 0)
    case .ready:
      _ = machine.received(.registered, txid: "", payloadSize: 0)
      _ = machine.received(.ready, txid: "", payloadSize: 0)
    case .ended: _ = machine.end()
    }
    return machine
  }

  @Test("the shim does with every message what the table says", arguments: shimCells)
  func shim(_ cell: ShimCell) throws {
    for type in Expected.types {
      let expected = try Expected.shim(cell.state, type)
      #expect(ShimStateMachine.reaction(in: cell.state, to: type) == expected, "\(type)")
      var machine = Self.shim(cell)
      try #require(machine.state == cell.state)
      let action = machine.received(type, txid: "tx1", payloadSize: 7)
      let next: ShimStateMachine.State =
        switch expected {
        case .establish: .established
        case .becomeReady: .ready
        case .refuseAndEnd: .ended
        case _: cell.state
        }
      #expect(machine.state == next, "\(type)")
      let name = type.name(in: cell.version)
      let text =
        switch cell.version {
        case .v1_4:
          "[tx1] Chaincode handler cannot handle message (\(name)) with payload size (7)"
            + " while in state: \(cell.state.rawValue)"
        case .v3_1: "[tx1] Chaincode h cannot handle message (\(name)) while in state: \(cell.state.rawValue)"
        }
      switch (expected, action) {
      case (.establish, .established), (.becomeReady, .becameReady), (.initialize, .initialize),
        (.invoke, .invoke), (.answer, .answer), (.echo, .echo), (.ignore, .ignore):
        break
      case (.refuse, .refuse(let violation)), (.refuseAndEnd, .refuseAndEnd(let violation)):
        #expect(violation.description == text)
        #expect(violation.receiver == .shim && violation.type == type)
      case _: Issue.record("\(type): \(action) instead of \(expected)")
      }
    }
  }

  @Test("the size of a payload is asked for only when the message is refused")
  func sizeIsLazy() {
    var asked = 0
    func size() -> Int {
      asked += 1
      return 0
    }
    var machine = Self.shim(ShimCell(state: .ready, version: .v1_4))
    for type in [MessageType.response, .error, .transaction, .initialize, .keepalive] {
      _ = machine.received(type, txid: "", payloadSize: size())
    }
    #expect(asked == 0)
    _ = machine.received(.register, txid: "", payloadSize: size())
    #expect(asked == 1)
  }

  @Test("the end is reported once", arguments: shimCells)
  func shimEnd(_ cell: ShimCell) {
    var machine = Self.shim(cell)
    let first = machine.end()
    let second = machine.end()
    #expect(first == (cell.state != .ended))
    #expect(!second)
  }

  // MARK: pictures

  @Test("the data of the tables has a row for every cell", arguments: [FabricVersion.v1_4, .v3_1])
  func rows(_ version: FabricVersion) throws {
    let peer = PeerStateMachine.transitions(version: version)
    for state in PeerStateMachine.State.allCases {
      for type in MessageType.known {
        let found = peer.filter { $0.state == state.rawValue && $0.event == type.name }
        #expect(found.map(\.action) == [try Expected.peer(state, type, version).rawValue])
      }
    }
    let shim = ShimStateMachine.transitions()
    for state in ShimStateMachine.State.allCases {
      for type in MessageType.known {
        let found = shim.filter { $0.state == state.rawValue && $0.event == type.name }
        #expect(found.map(\.action) == [try Expected.shim(state, type).rawValue])
      }
    }
  }

  @Test(
    "pictures are the same each time, and name every state and every event",
    arguments: [FabricVersion.v1_4, .v3_1])
  func pictures(_ version: FabricVersion) {
    let again = StateDiagram.all(version: version)
    #expect(again.count == 4)
    for (diagram, second) in zip(StateDiagram.all(version: version), again) {
      #expect(diagram.mermaid == second.mermaid && diagram.dot == second.dot && diagram.table == second.table)
      #expect(diagram.mermaid.hasPrefix("stateDiagram-v2\n  [*] --> \(diagram.transitions[0].state)\n"))
      #expect(diagram.dot.hasPrefix("digraph \(diagram.name) {\n") && diagram.dot.hasSuffix("\n}\n"))
      for row in diagram.transitions {
        #expect(diagram.dot.contains("  \(row.state) -> \(row.next) [label="))
        for picture in [diagram.mermaid, diagram.dot, diagram.table] {
          #expect(picture.contains(row.event) && picture.contains(row.action))
        }
      }
      #expect(diagram.table.split(separator: "\n").count == diagram.transitions.count + 1)
    }
  }
}
