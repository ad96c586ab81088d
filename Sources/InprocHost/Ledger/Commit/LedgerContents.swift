internal import MessageFSM

/// Everything a ledger holds, as one value: a commit makes a new one, and whoever has the old one keeps it.
struct LedgerContents: Sendable {
  /// One write of a key.
  ///
  /// Fabric 3.1 lists the newest first, so its order is turned round.
  struct HistoryKey: Sendable, Hashable, Comparable {
    var key: WireString
    private var block: UInt64
    private var transaction: UInt64
    private let isNewestFirst: Bool

    init(_ key: WireString, _ height: Height, newestFirst: Bool) {
      self.key = key
      self.isNewestFirst = newestFirst
      self.block = newestFirst ? ~height.block : height.block
      self.transaction = newestFirst ? ~height.transaction : height.transaction
    }

    /// Before all writes of the key.
    init(before key: WireString) {
      self.key = key
      self.isNewestFirst = false
      self.block = 0
      self.transaction = 0
    }

    var height: Height {
      isNewestFirst
        ? Height(block: ~block, transaction: ~transaction) : Height(block: block, transaction: transaction)
    }

    static func < (left: Self, right: Self) -> Bool {
      if left.key != right.key { return left.key < right.key }
      return (left.block, left.transaction) < (right.block, right.transaction)
    }
  }

  typealias History = SortedMap<HistoryKey, Bool>

  var database = StateDatabase()
  var history = SortedMap<WireString, History>()
  var blocks = SortedMap<UInt64, Block>()
  var numbersByHash = SortedMap<WireString, UInt64>()
  var heightsByTxid = SortedMap<WireString, Height>()
  var expiry = ExpirySchedule()
  var info = BlockchainInfo()
  var commitHash: [UInt8] = []
}
