import MessageFSM

/// Channel and txid as a pair.
///
/// Fabric runs them together into one string, in which (ch1, 1x) is (ch11, x).
struct TransactionKey: Sendable, Hashable {
  let txid: WireString
  let channelID: WireString

  init(txid: WireString, channelID: WireString) {
    self.txid = txid
    self.channelID = channelID
  }

  init(_ message: ChaincodeMessage) {
    self.init(txid: message.txid, channelID: message.channelID)
  }
}
