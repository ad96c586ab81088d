internal import MessageFSM

/// The chain of a ledger at one moment; nothing it does waits for anybody.
struct InMemoryChain: ChainReader {
  let contents: LedgerContents
  let version: FabricVersion

  func blockchainInfo() -> BlockchainInfo { contents.info }

  func block(number: UInt64) throws -> Block {
    let found = number == .max ? contents.blocks.last?.value : contents.blocks[number]
    guard let found else { throw notFound("no such block number [\(number)] in index") }
    return found
  }

  func block(hash: [UInt8]) throws -> Block {
    guard let number = contents.numbersByHash[WireString(bytes: hash)], let found = contents.blocks[number]
    else { throw notFound("no such block hash [\(WireString(hash.hex))] in index") }
    return found
  }

  func block(txid: WireString) throws -> Block {
    guard let height = contents.heightsByTxid[txid], let found = contents.blocks[height.block]
    else { throw notFound("no such transaction ID [\(txid)] in index") }
    return found
  }

  func transaction(txid: WireString) throws -> ProcessedTransaction {
    guard let height = contents.heightsByTxid[txid], let block = contents.blocks[height.block],
      let envelopes = block.data?.envelopes, height.transaction < UInt64(envelopes.count),
      let filter = block.metadata?.metadata[BlockMetadataIndex.transactionsFilter],
      height.transaction < UInt64(filter.count)
    else { throw notFound("no such transaction ID [\(txid)] in index") }
    let envelope = try Envelope(wireBytes: envelopes[Int(height.transaction)])
    return ProcessedTransaction(
      envelope: envelope, validationCode: Int32(filter[Int(height.transaction)]))
  }

  private func notFound(_ text: WireString) -> LedgerError {
    LedgerError(version == .v1_4 ? "Entry not found in index" : text)
  }
}
