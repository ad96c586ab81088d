/// The verdict on a transaction, one byte per transaction in a block's metadata (Fabric `peer.TxValidationCode`).
public struct TxValidationCode: Sendable, Hashable, RawRepresentable {
  /// The number on the wire; any can occur.
  public var rawValue: UInt8

  /// The code with this number.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// The transaction changes the state.
  public static let valid = Self(rawValue: 0)
  /// There is no envelope.
  public static let nilEnvelope = Self(rawValue: 1)
  /// The payload cannot be read.
  public static let badPayload = Self(rawValue: 2)
  /// The txid was committed before.
  public static let duplicateTxid = Self(rawValue: 9)
  /// A key that was read has another version by now.
  public static let mvccReadConflict = Self(rawValue: 11)
  /// A range that was read has other keys by now.
  public static let phantomReadConflict = Self(rawValue: 12)
  /// There is no action, or none that can be read.
  public static let nilTxAction = Self(rawValue: 16)
  /// The write set holds what the state database cannot keep.
  public static let invalidWriteset = Self(rawValue: 24)
  /// Nobody has looked at it.
  public static let notValidated = Self(rawValue: 254)
  /// Something else is wrong, such as results that cannot be read.
  public static let invalidOtherReason = Self(rawValue: 255)

  private static let names: [String] = [
    "VALID", "NIL_ENVELOPE", "BAD_PAYLOAD", "BAD_COMMON_HEADER", "BAD_CREATOR_SIGNATURE",
    "INVALID_ENDORSER_TRANSACTION", "INVALID_CONFIG_TRANSACTION", "UNSUPPORTED_TX_PAYLOAD",
    "BAD_PROPOSAL_TXID", "DUPLICATE_TXID", "ENDORSEMENT_POLICY_FAILURE", "MVCC_READ_CONFLICT",
    "PHANTOM_READ_CONFLICT", "UNKNOWN_TX_TYPE", "TARGET_CHAIN_NOT_FOUND", "MARSHAL_TX_ERROR", "NIL_TXACTION",
    "EXPIRED_CHAINCODE", "CHAINCODE_VERSION_CONFLICT", "BAD_HEADER_EXTENSION", "BAD_CHANNEL_HEADER",
    "BAD_RESPONSE_PAYLOAD", "BAD_RWSET", "ILLEGAL_WRITESET", "INVALID_WRITESET", "INVALID_CHAINCODE",
  ]

  /// Fabric's name of the code; the number of a code without a name.
  public var name: String {
    switch rawValue {
    case 254: "NOT_VALIDATED"
    case 255: "INVALID_OTHER_REASON"
    default: Int(rawValue) < Self.names.count ? Self.names[Int(rawValue)] : String(rawValue)
    }
  }

  /// The code with Fabric's name `name`, if there is one.
  public init?(name: String) {
    if let index = Self.names.firstIndex(of: name) {
      self.init(rawValue: UInt8(index))
    } else if name == "NOT_VALIDATED" {
      self = .notValidated
    } else if name == "INVALID_OTHER_REASON" {
      self = .invalidOtherReason
    } else {
      return nil
    }
  }
}

extension TxValidationCode: CustomStringConvertible {
  /// Fabric's name.
  public var description: String { name }
}
