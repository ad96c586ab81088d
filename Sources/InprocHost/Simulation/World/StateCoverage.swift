import MessageFSM

/// Which pairs of state and message the two ends have met.
public struct StateCoverage: Sendable, Hashable {
  /// One pair.
  public struct Pair: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Which end.
    public let end: StreamEnd
    /// The state.
    public let state: String
    /// The message's number, -1 for one without a name.
    public let type: Int32

    /// By end, state and number.
    public static func < (left: Pair, right: Pair) -> Bool {
      (left.end.rawValue, left.state, left.type) < (right.end.rawValue, right.state, right.type)
    }

    /// `peer ready GET_STATE`.
    public var description: String {
      let name = type < 0 ? "(unknown)" : MessageType(number: type).name
      return "\(end.rawValue) \(state) \(name)"
    }
  }

  /// The pairs that were met.
  public private(set) var met: Set<Pair> = []

  /// Nothing was met.
  public init() {}

  mutating func meet(_ end: StreamEnd, _ state: String, _ type: MessageType) {
    let known = if case .unrecognized = type { Int32(-1) } else { type.number }
    met.insert(Pair(end: end, state: state, type: known))
  }

  /// Takes the pairs of another run in.
  public mutating func merge(_ other: StateCoverage) {
    met.formUnion(other.met)
  }

  /// Every pair that can be met.
  ///
  /// After its end nobody receives, and the peer is established only while it handles the REGISTER.
  public static let all: Set<Pair> = {
    var all: Set<Pair> = []
    for type in MessageType.known + [.unrecognized(99)] {
      let number = if case .unrecognized = type { Int32(-1) } else { type.number }
      for state in PeerStateMachine.State.allCases where state != .ended && state != .established {
        all.insert(Pair(end: .peer, state: state.rawValue, type: number))
      }
      for state in ShimStateMachine.State.allCases where state != .ended {
        all.insert(Pair(end: .chaincode, state: state.rawValue, type: number))
      }
    }
    return all
  }()

  /// The pairs that can be met and were not, in order.
  public var missing: [Pair] { Self.all.subtracting(met).sorted() }
}
