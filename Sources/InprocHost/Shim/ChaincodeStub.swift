public import MessageFSM

/// What a chaincode reaches the peer through, for one transaction (Fabric `shim.ChaincodeStubInterface`).
///
/// Keys, collections and queries are `String`s (or ``MessageFSM/WireString``, which may hold bytes that are not UTF-8). Every call
/// that asks the peer throws ``TransactionError``: with the peer's text if it refuses, at once when the stream ends or nobody
/// waits for the transaction any more. Calls made at the same time are sent one after another, in the order in which they were
/// made. The stub is of no use after `invoke` has returned.
public final class ChaincodeStub: Sendable {
  struct State {
    var event: ChaincodeEvent?
    var batch: WriteBatch?
  }

  let transaction: ShimTransaction
  let version: FabricVersion
  /// What the peer offered in READY.
  let offer: PeerOffer
  let state = Locked(State())

  /// The input, where the message does not hold it in its type.
  private let decoded: ChaincodeInput?
  private let proposal: SignedProposal?
  private let context: ProposalContext?

  init(
    transaction: ShimTransaction, decoded: ChaincodeInput?, proposal: SignedProposal?,
    version: FabricVersion, offer: PeerOffer
  ) throws(TransactionError) {
    self.transaction = transaction
    self.decoded = decoded
    self.version = version
    self.offer = offer
    self.proposal = proposal
    if let proposal {
      self.context = try ProposalContext(proposal, version: version)
    } else {
      self.context = nil
    }
  }

  // MARK: Arguments

  /// Not copied out of the message: few chaincodes look at all of it.
  private var input: ChaincodeInput { decoded ?? transaction.message.input ?? ChaincodeInput() }

  /// The arguments (`GetArgs`).
  public var args: [[UInt8]] { input.args }

  /// The arguments as text (`GetStringArgs`); bytes that are not UTF-8 are kept.
  public var stringArgs: [WireString] { input.args.map { WireString(bytes: $0) } }

  /// The first argument as the function's name, the others as its parameters (`GetFunctionAndParameters`).
  public var functionAndParameters: (function: WireString, parameters: [WireString]) {
    let all = stringArgs
    return (all.first ?? .empty, Array(all.dropFirst()))
  }

  /// All arguments, one behind the other (`GetArgsSlice`).
  public var argsSlice: [UInt8] { Array(input.args.joined()) }

  // MARK: The transaction

  /// The transaction's id (`GetTxID`).
  public var txid: WireString { transaction.txid }

  /// The channel; empty in a transaction without one (`GetChannelID`).
  public var channelID: WireString { transaction.channelID }

  /// What the peer's decorators added, in the order of the keys (`GetDecorations`).
  public var decorations: [MapEntry] { input.decorations }

  /// The proposal as the client signed it; `nil` in a transaction of the peer's own (`GetSignedProposal`).
  public var signedProposal: SignedProposal? { proposal }

  /// The identity that made the proposal; empty without one (`GetCreator`).
  public var creator: [UInt8] { context?.creator ?? [] }

  /// The data of the proposal that does not go into the block, in the order of the keys (`GetTransient`).
  public var transient: [MapEntry] { context?.transient ?? [] }

  /// The hash that binds the proposal's creator and nonce; empty without a proposal (`GetBinding`).
  public var binding: [UInt8] { context?.binding ?? [] }

  /// When the client made the proposal (`GetTxTimestamp`).
  ///
  /// - Throws: ``TransactionError/Code/noProposal`` without a proposal (Fabric crashes there).
  public func txTimestamp() throws(TransactionError) -> Timestamp {
    guard let context else {
      throw TransactionError(.noProposal, "the transaction has no proposal, so it has no timestamp")
    }
    return context.timestamp ?? Timestamp()
  }

  // MARK: Event

  /// Sets the transaction's event; a later one replaces it (`SetEvent`).
  ///
  /// - Throws: ``TransactionError/Code/invalidArgument`` if the name is empty.
  public func setEvent(_ name: some WireStringConvertible, payload: [UInt8]) throws(TransactionError) {
    let name = name.wireString
    if name.isEmpty {
      switch version {
      case .v1_4: throw TransactionError(.invalidArgument, "event name can not be nil string")
      case .v3_1: throw TransactionError(.invalidArgument, "event name can not be empty string")
      }
    }
    state.withLock { $0.event = ChaincodeEvent(eventName: name, payload: payload) }
  }

  /// The event that was set last.
  var event: ChaincodeEvent? { state.withLock { $0.event } }

  // MARK: Chaincode to chaincode

  /// Calls another chaincode in this transaction (`InvokeChaincode`).
  ///
  /// On the same channel its writes become part of this transaction; on another channel only its answer counts.
  /// Never throws: a call that cannot be made is a response with status 500 whose payload is the reason, as in Fabric.
  ///
  /// - Parameters:
  ///   - name: the chaincode, in the form `name[:version][/channel]`.
  ///   - args: the arguments.
  ///   - channel: the channel; empty is this one.
  /// - Returns: the response of the chaincode that was called, or why it was not.
  public func invokeChaincode(
    _ name: some WireStringConvertible, args: [[UInt8]], channel: some WireStringConvertible = ""
  ) async -> Response {
    let channel = channel.wireString
    var target = name.wireString
    if !channel.isEmpty { target = WireString(bytes: target.bytes + [UInt8(ascii: "/")] + channel.bytes) }
    let spec = ChaincodeSpec(chaincodeID: ChaincodeID(name: target), input: ChaincodeInput(args: args))
    let answer: Answer
    do throws(TransactionError) {
      answer = try await transaction.call(.invokeChaincode(spec))
    } catch {
      return Response(status: Response.error, payload: error.message.bytes)
    }
    let message: ChaincodeMessage
    do throws(WireError) {
      switch answer {
      case .message(let called): message = called
      case .bytes, .query, .metadata, .multiple: message = try ChaincodeMessage(wireBytes: answer.wireBytes())
      }
      if case .completed(let response) = try message.payload.typed() { return response }
    } catch {
      return Response(status: Response.error, payload: Array(error.text(version).utf8))
    }
    // An ERROR of the callee is handed on whole, as the message that it is.
    return Response(status: Response.error, payload: answer.wireBytes())
  }
}
