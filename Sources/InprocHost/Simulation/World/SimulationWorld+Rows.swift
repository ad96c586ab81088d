import MessageFSM

extension SimulationWorld {
  /// Commits a block that gives each chaincode so many keys.
  func fill(_ channel: String, chaincodes: [String], rows: Int) async throws {
    let ledger = ledgers.makeLedger(channel: WireString(channel))
    let simulator = ledger.newTxSimulator(txid: "rows")
    defer { simulator.done() }
    var writes: [LedgerModel.Write] = []
    for chaincode in chaincodes {
      for row in 0..<rows {
        let digits = String(row)
        let key = "m" + String(repeating: "0", count: max(0, 3 - digits.count)) + digits
        try await simulator.setState(
          namespace: WireString(chaincode), key: WireString(key), value: Array(digits.utf8))
        writes.append(LedgerModel.Write(key: LedgerModel.Key(namespace: chaincode, key: key), value: digits))
      }
    }
    let transaction = EndorsedTransaction(
      channelID: WireString(channel), txid: "rows",
      chaincode: ChaincodeVersion(name: WireString(chaincodes.first ?? "none"), version: "latest"), args: [],
      response: .success(), results: try await simulator.simulationResults())
    try await ledger.commit([transaction])
    let all = writes
    record.withLock { $0.model.commit(channel, [all]) }
  }
}
