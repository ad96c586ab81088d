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

  /// The states of both ends, by their row.
  private static let rows: [(end: StreamEnd, state: String)] =
    PeerStateMachine.State.allCases.map { (.peer, $0.rawValue) }
    + ShimStateMachine.State.allCases.map { (.chaincode, $0.rawValue) }

  /// For each row a bit for each number of a message, behind that for one without a name.
  ///
  /// Bits and no set, since every message of every run comes here.
  private var bits = [UInt64](repeating: 0, count: rows.count)

  /// Nothing was met.
  public init() {}

  /// The pairs that were met.
  public var met: Set<Pair> {
    var met: Set<Pair> = []
    for (row, mask) in zip(Self.rows, bits) where mask != 0 {
      for bit in 0..<64 where mask & (1 << UInt64(bit)) != 0 {
        met.insert(Pair(end: row.end, state: row.state, type: Int32(bit - 1)))
      }
    }
    return met
  }

  mutating func meet(_ end: StreamEnd, _ state: String, _ type: MessageType) {
    let known = if case .unrecognized = type { 0 } else { Int(type.number) + 1 }
    guard let row = Self.rows.firstIndex(where: { $0.end == end && $0.state == state }), known < 64 else {
      return
    }
    bits[row] |= 1 << UInt64(known)
  }

  /// Takes the pairs of another run in.
  public mutating func merge(_ other: StateCoverage) {
    for row in bits.indices { bits[row] |= other.bits[row] }
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
