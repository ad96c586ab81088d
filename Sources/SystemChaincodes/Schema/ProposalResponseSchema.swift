// The answer to a proposal (Fabric `peer/proposal_response.proto`).

public import InprocHost
public import MessageFSM

/// What an endorser answers to a proposal.
public struct ProposalResponse: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ProposalResponse"
  /// The version of the message protocol: 1 if it is endorsed.
  public var version: Int32 = 0
  /// When it was made; Fabric leaves it out.
  public var timestamp: Timestamp? = nil
  /// What the chaincode answered.
  public var response: Response? = nil
  /// A marshalled `ProposalResponsePayload`, which is what is signed.
  public var payload: [UInt8] = []
  /// The endorser's signature; without it there is nothing to commit.
  public var endorsement: Endorsement? = nil

  /// The message with every field at its default.
  public init() {}

  /// Shows each field to the coder.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int32(1, &version)
    coder.message(2, &timestamp)
    coder.message(4, &response)
    coder.bytes(5, &payload)
    coder.message(6, &endorsement)
  }
}
