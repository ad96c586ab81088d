// SHA-256 as FIPS 180-4 defines it. The project uses no packages, and Foundation on Linux has no hash.

/// A running SHA-256; ``hash(_:)`` is the form for bytes that are all there.
package struct SHA256: Sendable {
  private static let rounds: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
  ]

  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  private var schedule = [UInt32](repeating: 0, count: 64)
  private var pending: [UInt8] = []
  private var length: UInt64 = 0

  /// A hash over nothing yet.
  package init() {
    pending.reserveCapacity(64)
  }

  /// The 32 bytes of the hash of `bytes`.
  package static func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finalize()
  }

  /// Adds `bytes`.
  package mutating func update(_ bytes: some Sequence<UInt8>) {
    update(bytes as? [UInt8] ?? Array(bytes))
  }

  private mutating func update(_ bytes: [UInt8]) {
    length &+= UInt64(bytes.count)
    var start = 0
    if !pending.isEmpty {
      while pending.count < 64 && start < bytes.count {
        pending.append(bytes[start])
        start += 1
      }
      guard pending.count == 64 else { return }
      compress(pending)
      pending.removeAll(keepingCapacity: true)
    }
    compress(bytes, from: start)
    start += (bytes.count - start) & ~63
    while start < bytes.count {
      pending.append(bytes[start])
      start += 1
    }
  }

  /// The 32 bytes of the hash of all that was added.
  package consuming func finalize() -> [UInt8] {
    let bits = length &<< 3
    pending.append(0x80)
    while pending.count & 63 != 56 { pending.append(0) }
    var shift: UInt64 = 64
    while shift > 0 {
      shift &-= 8
      pending.append(UInt8(truncatingIfNeeded: bits &>> shift))
    }
    compress(pending)
    var output: [UInt8] = []
    output.reserveCapacity(32)
    for word in state {
      output.append(UInt8(truncatingIfNeeded: word &>> 24))
      output.append(UInt8(truncatingIfNeeded: word &>> 16))
      output.append(UInt8(truncatingIfNeeded: word &>> 8))
      output.append(UInt8(truncatingIfNeeded: word))
    }
    return output
  }

  /// Takes the blocks of 64 bytes that are complete, from `start` on.
  private mutating func compress(_ bytes: [UInt8], from start: Int = 0) {
    guard bytes.count - start >= 64 else { return }
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe schedule.withUnsafeMutableBufferPointer { w in
        unsafe state.withUnsafeMutableBufferPointer { h in
          unsafe Self.rounds.withUnsafeBufferPointer { k in
            var start = start
            while bytes.count - start >= 64 {
              let block = unsafe UnsafeBufferPointer(rebasing: bytes[start..<start + 64])
              unsafe Self.compress(block, w, h, k)
              start += 64
            }
          }
        }
      }
    }
  }

  /// One block of 64 bytes; the sizes of the buffers are those of the arrays above.
  @unsafe private static func compress(
    _ bytes: UnsafeBufferPointer<UInt8>, _ w: UnsafeMutableBufferPointer<UInt32>,
    _ h: UnsafeMutableBufferPointer<UInt32>, _ k: UnsafeBufferPointer<UInt32>
  ) {
    var index = 0
    while index < 16 {
      let at = index &* 4
      let high = unsafe UInt32(bytes[at]) &<< 24 | UInt32(bytes[at &+ 1]) &<< 16
      let low = unsafe UInt32(bytes[at &+ 2]) &<< 8 | UInt32(bytes[at &+ 3])
      unsafe w[index] = high | low
      index &+= 1
    }
    while index < 64 {
      let a = unsafe w[index &- 15]
      let b = unsafe w[index &- 2]
      let s0 = (a &>> 7 | a &<< 25) ^ (a &>> 18 | a &<< 14) ^ (a &>> 3)
      let s1 = (b &>> 17 | b &<< 15) ^ (b &>> 19 | b &<< 13) ^ (b &>> 10)
      unsafe w[index] = w[index &- 16] &+ s0 &+ w[index &- 7] &+ s1
      index &+= 1
    }
    var (a, b, c, d) = unsafe (h[0], h[1], h[2], h[3])
    var (e, f, g, j) = unsafe (h[4], h[5], h[6], h[7])
    index = 0
    while index < 64 {
      let s1 = (e &>> 6 | e &<< 26) ^ (e &>> 11 | e &<< 21) ^ (e &>> 25 | e &<< 7)
      let choice = (e & f) ^ (~e & g)
      let t1 = unsafe j &+ s1 &+ choice &+ k[index] &+ w[index]
      let s0 = (a &>> 2 | a &<< 30) ^ (a &>> 13 | a &<< 19) ^ (a &>> 22 | a &<< 10)
      let majority = (a & b) ^ (a & c) ^ (b & c)
      let t2 = s0 &+ majority
      (j, g, f, e, d, c, b, a) = (g, f, e, d &+ t1, c, b, a, t1 &+ t2)
      index &+= 1
    }
    unsafe h[0] &+= a
    unsafe h[1] &+= b
    unsafe h[2] &+= c
    unsafe h[3] &+= d
    unsafe h[4] &+= e
    unsafe h[5] &+= f
    unsafe h[6] &+= g
    unsafe h[7] &+= j
  }
}
