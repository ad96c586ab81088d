public import MessageFSM

/// What a transaction runs with (Fabric `ccprovider.TransactionParams`).
public struct TransactionParams: Sendable {
  /// The channel; empty for a transaction without one.
  public var channelID: WireString
  /// The transaction's id, unique on the channel while it runs.
  public var txid: WireString
  /// The proposal with its signature.
  public var signedProposal: SignedProposal?
  /// The proposal; the chaincode sees the signed one only if this is there too, as in Fabric.
  public var proposal: Proposal?
  /// Where reads and writes go; without one, every request for state is refused.
  public var simulator: (any TxSimulator)?
  /// Where the history is read.
  public var historyQueryExecutor: (any HistoryQueryExecutor)?
  /// What the peer's decorators add to the input, in the order of the keys.
  public var decorations: [MapEntry]
  /// How long the transaction may take; `nil` is the host's `executeTimeout`.
  public var timeout: Duration?

  /// A transaction.
  @inlinable public init(
    channelID: WireString, txid: WireString, signedProposal: SignedProposal? = nil,
    proposal: Proposal? = nil, simulator: (any TxSimulator)? = nil,
    historyQueryExecutor: (any HistoryQueryExecutor)? = nil, decorations: [MapEntry] = [],
    timeout: Duration? = nil
  ) {
    self.channelID = channelID
    self.txid = txid
    self.signedProposal = signedProposal
    self.proposal = proposal
    self.simulator = simulator
    self.historyQueryExecutor = historyQueryExecutor
    self.decorations = decorations
    self.timeout = timeout
  }
}

/// What a transaction ended with.
public struct ExecuteResult: Sendable, Hashable {
  /// The chaincode's answer; a status of 400 or more is not endorsed.
  public var response: Response
  /// The event, with chaincode and txid filled in.
  public var event: ChaincodeEvent?

  /// A result.
  @inlinable public init(response: Response, event: ChaincodeEvent?) {
    self.response = response
    self.event = event
  }
}
