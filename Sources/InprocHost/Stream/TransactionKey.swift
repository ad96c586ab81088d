import MessageFSM

/// Channel and txid as a pair.
///
/// Fabric runs them together into one string, in which (ch1, 1x) is (ch11, x).
struct TransactionKey: Sendable, Hashable {
  let txid: WireString
  let channelID: WireString
  /// Made once: a key is looked up when its transaction begins and when it ends.
  let hash: Int

  init(txid: WireString, channelID: WireString) {
    self.txid = txid
    self.channelID = channelID
    self.hash = Self.hash(txid)
  }

  /// That of the key of a txid, on whatever channel: the same on two channels at once is rare.
  static func hash(_ txid: WireString) -> Int {
    Int(truncatingIfNeeded: txid.foldedHash(seed: HashIndex.seed))
  }

  init(_ message: ChaincodeMessage) {
    self.init(txid: message.txid, channelID: message.channelID)
  }

  static func == (left: Self, right: Self) -> Bool {
    left.hash == right.hash && left.txid == right.txid && left.channelID == right.channelID
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(hash)
  }
}
