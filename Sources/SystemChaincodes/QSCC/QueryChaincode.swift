public import InprocHost
public import MessageFSM

/// Answers what is in a channel's ledger: `qscc` (Fabric `core/scc/qscc`).
///
/// It reads blocks from the channel's chain, not through the stub, and holds no lock while it does: a chaincode may call it during
/// a commit, and gets the chain of its transaction's snapshot. Fabric, whose qscc asks the ledger itself, refuses such calls from
/// 2.0 on, since they can deadlock its peer; `refusesChaincodes` does as Fabric does.
public struct QueryChaincode: Chaincode {
  /// The name.
  public static let name: WireString = "qscc"

  /// What it can be asked.
  public enum Function: String, Sendable, Hashable, CaseIterable {
    /// Height and hashes of the chain.
    case getChainInfo = "GetChainInfo"
    /// A block by its number.
    case getBlockByNumber = "GetBlockByNumber"
    /// A block by the hash of its header.
    case getBlockByHash = "GetBlockByHash"
    /// A transaction and the verdict on it.
    case getTransactionByID = "GetTransactionByID"
    /// The block with a transaction.
    case getBlockByTxID = "GetBlockByTxID"
  }

  /// The chain of a channel as a transaction sees it.
  public typealias Chain = @Sendable (_ channel: WireString, _ stub: ChaincodeStub) -> (any ChainReader)?

  private let chain: Chain
  private let access: any ACLProvider
  private let version: FabricVersion
  private let refusesChaincodes: Bool

  /// A qscc for these chains.
  ///
  /// - Parameters:
  ///   - access: who may ask; `qscc/FUNCTION` is what it is asked for.
  ///   - version: whose texts it answers with.
  ///   - refusesChaincodes: whether it refuses calls that another chaincode makes, as Fabric 2.0 and later do.
  ///   - chain: the chain of a channel; `nil` if there is no such channel.
  public init(
    access: any ACLProvider, version: FabricVersion, refusesChaincodes: Bool = false, chain: @escaping Chain
  ) {
    self.chain = chain
    self.access = access
    self.version = version
    self.refusesChaincodes = refusesChaincodes
  }

  /// Answers one question; arguments are the function, the channel, and what to look for.
  ///
  /// - Throws: Fabric's text if it cannot be answered.
  public func invoke(_ stub: ChaincodeStub) async throws -> Response {
    let args = stub.args
    guard args.count >= 2 else { throw LedgerError("Incorrect number of arguments, \(args.count)") }
    let name = WireString(bytes: args[0])
    let channel = WireString(bytes: args[1])
    if refusesChaincodes {
      try InvokedChaincode.check(
        Self.name, in: stub.signedProposal, version: version,
        refusal: "Rejecting invoke of QSCC from another chaincode because of potential for deadlocks")
    }
    if name.string != Function.getChainInfo.rawValue && args.count < 3 {
      throw LedgerError(joining: "missing 3rd argument for ", name)
    }
    guard let chain = chain(channel, stub) else {
      throw LedgerError(joining: "Invalid chain ID, ", channel)
    }
    do {
      try await access.checkACL(
        resource: "qscc/\(name.string)", channel: channel, proposal: stub.signedProposal)
    } catch {
      throw LedgerError(joining: "access denied for [", name, "][", channel, "]: [", error.text, "]")
    }
    guard let function = Function(rawValue: name.string) else {
      throw LedgerError(joining: "Requested function ", name, " not found.")
    }
    return .success(try await answer(function, args.count > 2 ? args[2] : [], chain))
  }

  private func answer(_ function: Function, _ key: [UInt8], _ chain: any ChainReader) async throws -> [UInt8]
  {
    let text = WireString(bytes: key)
    switch function {
    case .getChainInfo:
      return try await marshalled("get block info with error ") { try await chain.blockchainInfo() }
    case .getBlockByNumber:
      let number: UInt64
      do throws(LedgerError) {
        number = try GoText.parseUInt64(text)
      } catch {
        throw LedgerError(joining: "Failed to parse block number with error ", error.message)
      }
      return try await marshalled("get block number \(number), error ") {
        try await chain.block(number: number)
      }
    case .getBlockByHash:
      return try await marshalled(WireString(joining: "get block hash ", text, ", error ")) {
        try await chain.block(hash: key)
      }
    case .getTransactionByID:
      return try await marshalled(WireString(joining: "get transaction with id ", text, ", error ")) {
        try await chain.transaction(txid: text)
      }
    case .getBlockByTxID:
      return try await marshalled(WireString(joining: "get block for txID ", text, ", error ")) {
        try await chain.block(txid: text)
      }
    }
  }

  private func marshalled<Message: WireMessage>(
    _ what: WireString, _ look: () async throws -> Message
  ) async throws -> [UInt8] {
    do {
      return try await look().wireBytes()
    } catch {
      throw LedgerError(joining: "Failed to ", what, error.text)
    }
  }
}
