// The versions of values (Fabric `core/ledger/internal/version`).

/// Which transaction of which block wrote something; a value's version is the height of its last writer.
public struct Height: Sendable, Hashable, Comparable {
  /// The block.
  public var block: UInt64
  /// The place in the block.
  public var transaction: UInt64

  /// The transaction at this place of this block.
  public init(block: UInt64, transaction: UInt64) {
    self.block = block
    self.transaction = transaction
  }

  /// The order of commits.
  public static func < (left: Self, right: Self) -> Bool {
    (left.block, left.transaction) < (right.block, right.transaction)
  }

  /// The height that a read set holds.
  init(_ version: Version) {
    self.init(block: version.blockNumber, transaction: version.txNumber)
  }

  /// As a read set holds it.
  var version: Version { Version(blockNumber: block, txNumber: transaction) }

  /// As Fabric's commit hash takes it: both numbers, each as a count of bytes and the bytes, the highest first.
  var bytes: [UInt8] { Self.ordered(block) + Self.ordered(transaction) }

  private static func ordered(_ number: UInt64) -> [UInt8] {
    let zeros = number.leadingZeroBitCount / 8
    var bytes = [UInt8(8 - zeros)]
    for index in zeros..<8 {
      bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * (7 - index))))
    }
    return bytes
  }
}

extension Height: CustomStringConvertible {
  /// Fabric's form in error texts.
  public var description: String { "{BlockNum: \(block), TxNum: \(transaction)}" }
}
