/// How a chaincode is.
public struct ChaincodeStatus: Sendable {
  /// Where it is in its life.
  public enum State: String, Sendable, Hashable {
    /// It was not deployed, or it was stopped.
    case stopped
    /// It is deployed and has ended by itself; the next call starts it.
    case waitingForCall
    /// It runs.
    case ready
    /// It has ended by itself too often; calls are refused until it is deployed again.
    case failed
  }

  /// Where it is in its life.
  public let state: State
  /// How many transactions run.
  public let openTransactions: Int
  /// How often it has ended by itself since a transaction last completed.
  public let consecutiveFailures: Int
  /// Why it ended the last time.
  public let lastError: HostError?
}

/// What is open in a host at one moment.
public struct OpenWork: Sendable, Hashable {
  /// Chaincodes that are connected.
  public let chaincodes: Int
  /// Transactions without an answer.
  public let transactions: Int
  /// Iterators that are not closed.
  public let iterators: Int
  /// Tasks of chaincodes and ledgers, those that were left behind among them.
  public let tasks: Int
  /// Deadlines that are set.
  public let timers: Int

  /// Whether nothing is open.
  public var isNothing: Bool {
    chaincodes == 0 && transactions == 0 && iterators == 0 && tasks == 0 && timers == 0
  }
}
