/// In which states each kind of fault has happened, and how often.
public struct FaultCoverage: Sendable, Hashable {
  /// A fault and the state in which it happens.
  public struct Pair: Sendable, Hashable, CustomStringConvertible {
    /// The fault.
    public let fault: FaultKind
    /// The state.
    public let state: MachineState

    /// `clog in peerReady`.
    public var description: String { "\(fault) in \(state)" }
  }

  /// Where some kinds can happen, and why nowhere else.
  private struct Rule: Sendable {
    let faults: [FaultKind]
    let states: [MachineState]
    let reason: String
  }

  private static let rules: [Rule] = [
    Rule(
      faults: [.delayedDelivery, .clog, .slowConsumer, .chaincodeExits],
      states: [.peerCreated, .peerReady, .chaincodeCreated, .chaincodeEstablished, .chaincodeReady],
      reason: """
        it happens to a message that an end is about to take: one that has ended takes none, and the peer's is established \
        only while it handles REGISTER
        """),
    Rule(
      faults: [.chaincodeThrows, .chaincodeHangs, .chaincodeIgnoresCancellation, .iteratorAbuse],
      states: [.chaincodeComputing, .chaincodeOver],
      reason: "it happens in the chaincode's own code, which does not run while its call waits for an answer"),
    Rule(
      faults: [.ledgerError, .slowLedger], states: [.outside, .peerServing, .peerOver],
      reason: """
        the ledger is asked for a simulator before the transaction begins, and otherwise by a request that is served, which \
        may outlive the transaction
        """),
    Rule(
      faults: [.timeoutRace, .clientCancelled, .duplicateTxid],
      states: [.outside, .peerComputing, .peerServing, .peerOver],
      reason: "the client acts on its transaction at the peer; it knows no ends and no chaincode"),
    Rule(
      faults: [.stopAtAnyStep, .relaunchRace], states: [.outside, .peerReady],
      reason: "a chaincode is stopped by its name, under which an end is found only while it is ready"),
    Rule(
      faults: [.reentrantCall, .burst, .stopDuringStop, .smallLimits], states: [.outside],
      reason:
        "it belongs to the script or to the host as a whole, and is decided before there is a transaction"),
    Rule(
      faults: [.sectionSplit], states: [.outside, .peerReady, .peerServing, .peerOver],
      reason: """
        the host is divided where it launches, where it has found an end that is ready, and where an answer to a request is \
        ready
        """),
    Rule(
      faults: [.replyTwice, .sendAfterFinish], states: [.peerCreated, .peerReady, .peerEnded],
      reason: """
        a chaincode end does it to the peer's, which is established only while it handles REGISTER; a peer has nothing to \
        reply to
        """),
    Rule(
      faults: [.garbage, .illegalMessage, .strayResponse],
      states: [
        .peerCreated, .peerReady, .peerEnded, .chaincodeCreated, .chaincodeEstablished, .chaincodeReady,
        .chaincodeEnded,
      ],
      reason: """
        it is sent to an end, whatever its transactions do; the peer's end is established only while it handles REGISTER
        """),
  ]

  private static let width = MachineState.allCases.count

  /// The pairs that can happen.
  public static let possible: [Pair] = rules.flatMap { rule in
    rule.faults.flatMap { fault in rule.states.map { Pair(fault: fault, state: $0) } }
  }

  /// The pairs that cannot happen, each with the reason.
  public static let impossible: [(pair: Pair, reason: String)] = rules.flatMap { rule in
    rule.faults.flatMap { fault in
      MachineState.allCases.filter { !rule.states.contains($0) }
        .map { (Pair(fault: fault, state: $0), rule.reason) }
    }
  }

  private var counts = [UInt32](repeating: 0, count: (FaultKind.allCases.count + 1) * width)

  /// Nothing was met.
  public init() {}

  /// How often a pair was met.
  public func count(_ pair: Pair) -> Int {
    Int(counts[pair.fault.rawValue * Self.width + pair.state.rawValue])
  }

  mutating func meet(_ fault: FaultKind, in state: MachineState) {
    counts[fault.rawValue * Self.width + state.rawValue] &+= 1
  }

  /// Takes the pairs of another run in.
  public mutating func merge(_ other: FaultCoverage) {
    for index in counts.indices where other.counts[index] > 0 { counts[index] &+= other.counts[index] }
  }

  /// The pairs that can happen and have.
  public var met: [Pair] { Self.possible.filter { count($0) > 0 } }

  /// The pairs that can happen and have not.
  public var missing: [Pair] { Self.possible.filter { count($0) == 0 } }

  /// The pairs that have happened although the table says that they cannot; then the table is wrong.
  public var unexpected: [Pair] { Self.impossible.map(\.pair).filter { count($0) > 0 } }
}
