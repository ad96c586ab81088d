extension WireString {
  /// A hash of the bytes under a secret seed, a fifth as dear as `Hasher`'s: for tables of what is open at one time, where those who could
  /// wish for collisions see neither seed nor order.
  @inlinable
  package func foldedHash(seed: UInt64) -> UInt64 {
    unsafe withStoredBytes { unsafe Self.foldedHash($0, seed: seed) }
  }

  /// Eight bytes at a time are multiplied into the hash, and both halves of the product folded (as wyhash does).
  @inlinable
  @unsafe package static func foldedHash(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
    var hash = seed
    var index = 0
    while index &+ 8 <= bytes.count {
      let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      hash = folded(hash ^ word, 0xA076_1D64_78BD_642F)
      index &+= 8
    }
    var rest = UInt64(truncatingIfNeeded: bytes.count)
    while index < bytes.count {
      rest = rest << 8 | UInt64(unsafe bytes[index])
      index &+= 1
    }
    return folded(hash ^ rest, 0xE703_7ED1_A0B4_28DB)
  }

  @inlinable
  static func folded(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}
