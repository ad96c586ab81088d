/// CRC-32C (Castagnoli), the checksum of iSCSI, ext4 and many logs: it finds every error of up to 32 bits in a row.
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ 0x82f6_3b78 : rest >> 1 }
  }

  /// The checksum of the bytes.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe table.withUnsafeBufferPointer { table in
        var rest = UInt32.max
        var index = 0
        while index < bytes.count {
          // The index into the table is one byte, and the table has 256 entries.
          unsafe rest = rest &>> 8 ^ table[Int((rest ^ UInt32(bytes[index])) & 0xff)]
          index &+= 1
        }
        return ~rest
      }
    }
  }
}
