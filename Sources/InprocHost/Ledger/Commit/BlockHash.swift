// The hashes of a block (Fabric `protoutil/blockutils.go`).

extension BlockHeader {
  /// SHA-256 of the header as an ASN.1 SEQUENCE of the number and the two hashes, in DER.
  public var hash: [UInt8] {
    let content =
      Self.element(0x02, Self.integer(number)) + Self.element(0x04, previousHash)
      + Self.element(0x04, dataHash)
    return SHA256.hash(Self.element(0x30, content))
  }

  private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    let count = content.count
    guard count >= 0x80 else { return [tag, UInt8(count)] + content }
    var length: [UInt8] = []
    var rest = count
    while rest > 0 {
      length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
      rest >>= 8
    }
    return [tag, 0x80 | UInt8(length.count)] + length + content
  }

  /// The fewest bytes that hold the number and do not look negative.
  private static func integer(_ number: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      let byte = UInt8(truncatingIfNeeded: number >> shift)
      if byte != 0 || !bytes.isEmpty || shift == 0 { bytes.append(byte) }
    }
    if let first = bytes.first, first >= 0x80 { bytes.insert(0, at: 0) }
    return bytes
  }
}

extension BlockData {
  /// SHA-256 of the envelopes, one after the other.
  public var hash: [UInt8] {
    var hash = SHA256()
    for envelope in envelopes { hash.update(envelope) }
    return hash.finalize()
  }
}

/// Places in the metadata of a block (Fabric `common.BlockMetadataIndex`).
public enum BlockMetadataIndex: Sendable {
  /// The orderer's signatures.
  public static let signatures = 0
  /// The number of the last configuration block.
  public static let lastConfig = 1
  /// A ``TxValidationCode`` per transaction.
  public static let transactionsFilter = 2
  /// The orderer's own.
  public static let orderer = 3
  /// The commit hash, a ``SignedMetadata``.
  public static let commitHash = 4
  /// How many places there are.
  public static let count = 5
}
