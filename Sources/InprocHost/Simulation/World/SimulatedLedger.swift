import MessageFSM

/// The ledgers of a world: those in memory, with faults in front of them.
final class SimulatedLedgers: LedgerProvider {
  private let base: InMemoryLedgerProvider
  /// Owns this.
  private unowned let world: SimulationWorld

  init(_ base: InMemoryLedgerProvider, world: SimulationWorld) {
    self.base = base
    self.world = world
  }

  func ledger(channel: WireString) -> (any PeerLedger)? {
    base.ledger(channel: channel).map { SimulatedLedger($0, channel: "\(channel)", world: world) }
  }
}

/// One channel's ledger with faults in front of it; also tells the model at which height a transaction began.
final class SimulatedLedger: PeerLedger {
  let world: SimulationWorld
  private let base: any PeerLedger
  private let channel: String
  /// Whether it answers in its own time, so that the host asks it outside of its message loop.
  let isSlow: Bool
  /// For how many steps of others every read takes its time, cancelled or not.
  private let readingSteps: Int

  init(_ base: any PeerLedger, channel: String, world: SimulationWorld) {
    self.base = base
    self.channel = channel
    self.world = world
    // By the seed alone: which faults are left must not change who serves a request.
    var draw = world.draw("ledger \(channel)")
    self.isSlow = draw.chance(1, in: 2)
    self.readingSteps = isSlow && draw.chance(1, in: 4) ? 1 + draw.below(64) : 0
  }

  var answersAtOnce: Bool { !isSlow }

  func newTxSimulator(txid: WireString) async throws -> any TxSimulator {
    try await disturb(txid, mayWait: isSlow, isRead: false)
    let height = try await base.blockchainInfo().height
    let simulator = try await base.newTxSimulator(txid: txid)
    world.noteHeight(Int(height), txid: "\(txid)", channel: channel)
    return SimulatedSimulator(simulator, ledger: self, txid: txid)
  }

  func newQueryExecutor() async throws -> any QueryExecutor { try await base.newQueryExecutor() }
  func newHistoryQueryExecutor() async throws -> any HistoryQueryExecutor {
    try await base.newHistoryQueryExecutor()
  }
  func blockchainInfo() async throws -> BlockchainInfo { try await base.blockchainInfo() }
  func block(number: UInt64) async throws -> Block { try await base.block(number: number) }
  func block(hash: [UInt8]) async throws -> Block { try await base.block(hash: hash) }
  func block(txid: WireString) async throws -> Block { try await base.block(txid: txid) }
  func transaction(txid: WireString) async throws -> ProcessedTransaction {
    try await base.transaction(txid: txid)
  }

  @discardableResult
  func commit(
    _ block: Block, privateData: [PrivateWriteSet], missing: [MissingPrivateData]
  ) async throws -> Block {
    try await base.commit(block, privateData: privateData, missing: missing)
  }

  // MARK: Faults

  /// Waits or throws if a fault says so; a read of a ledger that answers at once does not wait.
  func disturb(_ txid: WireString) async throws {
    if readingSteps > 0 { await world.simulator.pause(steps: readingSteps) }
    try await disturb(txid, mayWait: isSlow, isRead: true)
  }

  private func disturb(_ txid: WireString, mayWait: Bool, isRead: Bool) async throws {
    /// A read is part of a request, which may outlive its transaction; a simulator is made before that begins.
    var state: MachineState {
      guard isRead else { return .outside }
      return world.state(of: txid, channel: channel) == .peerServing ? .peerServing : .peerOver
    }
    if mayWait, let amount = world.faults.fires(.slowLedger, at: "ledger \(txid)", in: state) {
      if amount % 4 == 0 {
        await world.simulator.pause(steps: 1 + amount / 32)
      } else {
        // Half of the waits end in the same instants, which is where races are.
        let milliseconds = amount % 2 == 0 ? 1 + amount % 5 : 5
        try await world.clock.sleep(until: world.clock.now.advanced(by: .milliseconds(milliseconds)))
      }
    }
    if world.faults.fires(.ledgerError, at: "ledger \(txid)", in: state) != nil {
      throw LedgerError("injected: the ledger throws")
    }
  }

  /// What a read gives if a bug is planted.
  func betrayed(
    _ value: [UInt8]?, namespace: WireString, key: WireString, txid: WireString
  ) async throws -> [UInt8]? {
    switch world.planted {
    case .readNewest:
      return try await base.newQueryExecutor().getState(namespace: namespace, key: key)
    case .wrongKey where Draw.hash("\(txid)") % 8 == 0:
      return try await base.newQueryExecutor().getState(namespace: namespace, key: "k0")
    case .leakBetweenTransactions:
      return world.lastRead.withLock { last in
        defer { last = ("\(txid)", value) }
        return last.0 != "\(txid)" && Draw.hash("\(txid)") % 4 == 0 ? last.1 : value
      }
    case .loseWrite, .skipReadCheck, .shortRange, .wrongKey, .without, nil: return value
    }
  }

  /// Whether a write of this key is lost.
  func loses(_ key: WireString) -> Bool {
    world.planted == .loseWrite && Draw.hash("\(key)") % 4 == 0
  }
}
