public import MessageFSM

/// Reads the blocks of one channel (Fabric `core/ledger.PeerLedger`, as qscc uses it).
public protocol ChainReader: Sendable {
  /// Height and hashes of the chain.
  ///
  /// - Throws: what hinders it.
  func blockchainInfo() async throws -> BlockchainInfo

  /// The block with this number; `UInt64.max` stands for the last one.
  ///
  /// - Throws: what hinders it, with Fabric's text if there is no such block.
  func block(number: UInt64) async throws -> Block

  /// The block whose header has this hash.
  ///
  /// - Throws: what hinders it, with Fabric's text if there is no such block.
  func block(hash: [UInt8]) async throws -> Block

  /// The block that holds the first transaction with this txid.
  ///
  /// - Throws: what hinders it, with Fabric's text if there is no such transaction.
  func block(txid: WireString) async throws -> Block

  /// The first transaction with this txid, and the verdict on it.
  ///
  /// - Throws: what hinders it, with Fabric's text if there is no such transaction.
  func transaction(txid: WireString) async throws -> ProcessedTransaction
}
