/// One row of a machine's table: in this state, on this event, this is done and that is the state afterwards.
public struct Transition: Sendable, Hashable {
  /// The state before.
  public let state: String
  /// The event: a message type's name, or what the handler reports.
  public let event: String
  /// What the machine asks for.
  public let action: String
  /// The state afterwards.
  public let next: String
}

extension PeerStateMachine {
  /// Every state with every message type (and one without a name), and the events that the handler reports.
  public static func transitions(version: FabricVersion) -> [Transition] {
    var rows: [Transition] = []
    for state in State.allCases {
      for type in MessageType.known + [.unrecognized(99)] {
        let reaction = reaction(in: state, to: type, version: version)
        let next = reaction == .refuseAndEnd ? State.ended : state
        rows.append(
          Transition(
            state: state.rawValue, event: type.name, action: reaction.rawValue, next: next.rawValue))
      }
    }
    let reports: [(State, String, State)] = [
      (.created, "REGISTERED sent", .established), (.established, "READY sent", .ready),
      (.created, "stream ended", .ended), (.established, "stream ended", .ended),
      (.ready, "stream ended", .ended),
    ]
    return rows
      + reports.map {
        Transition(
          state: $0.rawValue, event: $1, action: $2 == .ended ? "release" : "send", next: $2.rawValue)
      }
  }
}

extension ShimStateMachine {
  /// Every state with every message type (and one without a name), and the events that the handler reports.
  public static func transitions() -> [Transition] {
    var rows: [Transition] = []
    for state in State.allCases {
      for type in MessageType.known + [.unrecognized(99)] {
        let reaction = reaction(in: state, to: type)
        let next: State =
          switch reaction {
          case .establish: .established
          case .becomeReady: .ready
          case .refuseAndEnd: .ended
          case .initialize, .invoke, .answer, .echo, .ignore, .refuse: state
          }
        rows.append(
          Transition(
            state: state.rawValue, event: type.name, action: reaction.rawValue, next: next.rawValue))
      }
    }
    return rows
      + [State.created, .established, .ready].map {
        Transition(state: $0.rawValue, event: "stream ended", action: "release", next: State.ended.rawValue)
      }
  }
}

extension PeerTransactionMachine {
  /// The table of the machine, with one request waiting where that makes a difference.
  public static let transitions: [Transition] = [
    Transition(state: "computing", event: "request", action: "serve", next: "serving"),
    Transition(state: "computing", event: "end", action: "close", next: "ended"),
    Transition(state: "serving", event: "request", action: "wait", next: "serving"),
    Transition(state: "serving", event: "served", action: "nothing", next: "computing"),
    Transition(state: "serving", event: "served, one waits", action: "serve", next: "serving"),
    Transition(state: "serving", event: "end", action: "closeLater", next: "ended"),
    Transition(state: "ended", event: "request", action: "refuse", next: "ended"),
    Transition(state: "ended", event: "served", action: "close", next: "ended"),
    Transition(state: "ended", event: "end", action: "nothing", next: "ended"),
  ]
}

extension ShimTransactionMachine {
  /// The table of the machine, with one call waiting where that makes a difference.
  public static let transitions: [Transition] = [
    Transition(state: "computing", event: "call", action: "send", next: "calling"),
    Transition(state: "computing", event: "answer", action: "surplus", next: "computing"),
    Transition(state: "computing", event: "end", action: "release", next: "ended"),
    Transition(state: "calling", event: "call", action: "wait", next: "calling"),
    Transition(state: "calling", event: "answer", action: "deliver", next: "computing"),
    Transition(state: "calling", event: "answer, one waits", action: "deliverAndSendNext", next: "calling"),
    Transition(state: "calling", event: "end", action: "release", next: "ended"),
    Transition(state: "ended", event: "call", action: "refuse", next: "ended"),
    Transition(state: "ended", event: "answer", action: "surplus", next: "ended"),
    Transition(state: "ended", event: "end", action: "nothing", next: "ended"),
  ]
}
