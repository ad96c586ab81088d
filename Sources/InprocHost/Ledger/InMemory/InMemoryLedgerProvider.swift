public import MessageFSM

/// Ledgers in memory, by channel.
public final class InMemoryLedgerProvider: LedgerProvider {
  private let ledgers = Locked(SortedMap<WireString, InMemoryLedger>())
  private let options: InMemoryLedger.Options

  /// A provider without ledgers; new ones get these options.
  public init(options: InMemoryLedger.Options = InMemoryLedger.Options()) {
    self.options = options
  }

  /// The ledger of the channel; `nil` if there is none.
  public func ledger(channel: WireString) -> (any PeerLedger)? {
    ledgers.withLock { $0[channel] }
  }

  /// The ledger of the channel, made if it is not there yet; `options` are for a new one.
  @discardableResult
  public func makeLedger(channel: WireString, options: InMemoryLedger.Options? = nil) -> InMemoryLedger {
    ledgers.withLock { ledgers in
      if let known = ledgers[channel] { return known }
      let ledger = InMemoryLedger(channel: channel, options: options ?? self.options)
      ledgers[channel] = ledger
      return ledger
    }
  }

  /// Adds a ledger that was made elsewhere, such as one with a store; false, and nothing changes, if its channel has one.
  public func add(_ ledger: InMemoryLedger) -> Bool {
    ledgers.withLock { ledgers in
      guard ledgers[ledger.channel] == nil else { return false }
      ledgers[ledger.channel] = ledger
      return true
    }
  }

  /// The channels that have a ledger, in the order of their names.
  public var channels: [WireString] { ledgers.withLock { $0.map(\.key) } }
}
