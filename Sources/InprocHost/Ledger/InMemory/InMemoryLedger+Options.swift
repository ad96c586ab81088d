public import MessageFSM

extension InMemoryLedger {
  /// Which component defines private collections, which decides what a transaction with private data reads besides.
  public enum CollectionProvider: Sendable, Hashable {
    /// The namespace `lscc` alone (Fabric `lscc.DeployedCCInfoProvider`).
    case lscc
    /// `_lifecycle`, and `lscc` where a chaincode is not defined there (Fabric 2.0 `lifecycle.ValidatorCommitter`).
    case lifecycle
  }

  /// How a ledger behaves.
  public struct Options: Sendable {
    /// Whose texts, orders and stored forms it has.
    public var fabricVersion: FabricVersion
    /// Who defines private collections.
    public var collectionProvider: CollectionProvider
    /// Whether `getHistoryForKey` works.
    public var historyEnabled: Bool
    /// Whether the state answers CouchDB's selectors; otherwise such queries are refused as LevelDB refuses them.
    public var richQueries: Bool
    /// The most results that a rich query gives (Fabric `ledger.state.totalQueryLimit`); ranges are limited by the peer's handler.
    public var totalQueryLimit: Int32
    /// The organizations of the channel, which have implicit collections in Fabric 2.0 and later.
    public var organizations: [WireString]

    /// These options; by default a peer of that version with the history on.
    public init(
      fabricVersion: FabricVersion = .v1_4, collectionProvider: CollectionProvider? = nil,
      historyEnabled: Bool = true, richQueries: Bool = false, totalQueryLimit: Int32 = 10_000,
      organizations: [WireString] = []
    ) {
      self.fabricVersion = fabricVersion
      self.collectionProvider = collectionProvider ?? (fabricVersion == .v1_4 ? .lscc : .lifecycle)
      self.historyEnabled = historyEnabled
      self.richQueries = richQueries
      self.totalQueryLimit = totalQueryLimit
      self.organizations = organizations
    }
  }
}
