/// One call that a client makes: a transaction from its beginning to the answer.
public struct SimulatedCall: Sendable, Hashable, CustomStringConvertible {
  /// Which call of the run it is.
  public let number: Int
  /// The transaction's id.
  public let txid: String
  /// The channel.
  public let channel: String

  /// A call.
  public init(number: Int, txid: String, channel: String) {
    self.number = number
    self.txid = txid
    self.channel = channel
  }

  /// Id and channel.
  public var description: String { "\(txid) on \(channel)" }
}
