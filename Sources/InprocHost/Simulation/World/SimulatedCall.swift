/// One call that a client makes: a transaction from its beginning to the answer.
public struct SimulatedCall: Sendable, Hashable, CustomStringConvertible {
  /// Which call of the run it is.
  public let number: Int
  /// The transaction's id.
  public let txid: String
  /// The channel.
  public let channel: String

  /// Id and channel.
  public var description: String { "\(txid) on \(channel)" }
}
