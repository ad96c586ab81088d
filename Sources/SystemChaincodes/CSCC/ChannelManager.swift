public import InprocHost
public import MessageFSM

/// Which channels the peer has joined, and how it joins another; what cscc needs of an embedder (Fabric `core/peer.Peer`).
public protocol ChannelManager: Sendable {
  /// The channels with a ledger, in the order of their names.
  var channels: [WireString] { get }

  /// Makes the channel's ledger and commits its first block. The system chaincodes are deployed afterwards, by the host.
  ///
  /// - Parameters:
  ///   - channel: the channel's name, as it is in the block.
  ///   - genesis: a configuration block that cscc has checked, with a verdict for its transaction.
  /// - Throws: what hinders it, such as that there is such a ledger; nothing has changed then.
  func join(channel: WireString, genesis: Block) async throws
}

/// Channels whose ledgers are in memory.
public struct InMemoryChannels: ChannelManager {
  private let ledgers: InMemoryLedgerProvider
  private let options: InMemoryLedger.Options

  /// The channels of `ledgers`; a joined one gets these options.
  public init(_ ledgers: InMemoryLedgerProvider, options: InMemoryLedger.Options) {
    self.ledgers = ledgers
    self.options = options
  }

  /// The channels with a ledger, in the order of their names.
  public var channels: [WireString] { ledgers.channels }

  /// Makes the channel's ledger with this block as its first.
  ///
  /// - Throws: Fabric's text if the channel was joined before, and whatever the ledger refuses the block for.
  public func join(channel: WireString, genesis: Block) async throws {
    let ledger = InMemoryLedger(channel: channel, options: options)
    do {
      if ledgers.ledger(channel: channel) != nil { throw exists(channel) }
      try ledger.commit(genesis)
      // Somebody may have joined it meanwhile; the ledger that is there stays.
      guard ledgers.add(ledger) else { throw exists(channel) }
    } catch {
      throw LedgerError(joining: "cannot create ledger from genesis block: ", error.text)
    }
  }

  private func exists(_ channel: WireString) -> LedgerError {
    switch options.fabricVersion {
    case .v1_4: LedgerError("LedgerID already exists")
    case .v3_1: LedgerError(joining: "ledger [", channel, "] already exists with state [ACTIVE]")
    }
  }
}
