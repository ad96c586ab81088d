/// A protobuf string: UTF-8 by contract, any bytes in practice, compared byte by byte.
///
/// Go's shim sends a key that is not UTF-8 as it is and lets the peer refuse it (Fabric 1.4), so such a key must be able to
/// travel. And Fabric's keys are bytes: `String` compares by canonical equivalence, by which two different keys
/// ("é" composed and decomposed) would be one.
public struct WireString: Sendable {
  /// The text, so that 16 bytes with one count of references are all there is to copy.
  ///
  /// Bytes that are not UTF-8, and a text that begins with the mark, are written as the mark and a character per byte. So equal
  /// bytes are always stored alike.
  @usableFromInline let storage: String

  /// U+10FFFE, which is no character and stands in no sensible text.
  private static var mark: [UInt8] { [0xF4, 0x8F, 0xBF, 0xBE] }

  /// The empty string, protobuf's default.
  @inlinable public static var empty: WireString { WireString(storage: "") }

  @inlinable
  init(storage: String) {
    self.storage = storage
  }

  /// The UTF-8 bytes of `string`.
  public init(_ string: String) {
    self.storage = Self.isMarked(string) ? Self.marked(string.utf8) : string
  }

  /// These bytes, whether they are UTF-8 or not.
  public init(bytes: some Collection<UInt8>) {
    let string = String(validating: bytes, as: UTF8.self)
    if let string, !Self.isMarked(string) {
      self.storage = string
    } else {
      self.storage = Self.marked(bytes)
    }
  }

  private static func marked(_ bytes: some Sequence<UInt8>) -> String {
    var storage = String(decoding: mark, as: UTF8.self)
    for byte in bytes { storage.unicodeScalars.append(Unicode.Scalar(byte)) }
    return storage
  }

  @inlinable
  static func isMarked(_ string: String) -> Bool {
    // Looked at for every key, so the first byte decides, and in the storage: a collection's `first` costs three times as much.
    let mayBe = unsafe string.utf8.withContiguousStorageIfAvailable { unsafe $0.count > 3 && $0[0] == 0xF4 }
    return mayBe != false && beginsWithMark(string)
  }

  @usableFromInline
  static func beginsWithMark(_ string: String) -> Bool { string.utf8.starts(with: mark) }

  /// The bytes, where they are not those of the storage.
  private var unmarked: [UInt8]? {
    guard Self.isMarked(storage) else { return nil }
    return storage.unicodeScalars.dropFirst().map { UInt8(truncatingIfNeeded: $0.value) }
  }

  /// Whether the bytes are UTF-8, as protobuf asks for.
  @inlinable public var isValidUTF8: Bool {
    !Self.isMarked(storage) || isValidWithoutMark
  }

  @usableFromInline var isValidWithoutMark: Bool {
    guard let unmarked else { return true }
    return String(validating: unmarked, as: UTF8.self) != nil
  }

  /// The text; bytes that are not UTF-8 are shown as U+FFFD.
  public var string: String {
    guard let unmarked else { return storage }
    return String(decoding: unmarked, as: UTF8.self)
  }

  /// The bytes as they go over the wire.
  public var bytes: [UInt8] { unmarked ?? Array(storage.utf8) }

  /// The number of bytes.
  public var count: Int { unmarked?.count ?? storage.utf8.count }

  /// Whether there are no bytes.
  @inlinable public var isEmpty: Bool { storage.utf8.isEmpty }

  /// Calls `body` with the bytes, without copying them; the buffer is valid during the call only.
  @inlinable
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    if !Self.isMarked(storage),
      let result = unsafe storage.utf8.withContiguousStorageIfAvailable({
        unsafe body(UnsafeRawBufferPointer($0))
      })
    {
      return result
    }
    return unsafe bytes.withUnsafeBytes { unsafe body($0) }
  }

  /// Calls `body` with the bytes as they are stored, which are equal where the bytes are; the buffer is valid during the call only.
  @inlinable
  package func withStoredBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    if let result = unsafe storage.utf8.withContiguousStorageIfAvailable({
      unsafe body(UnsafeRawBufferPointer($0))
    }) {
      return result
    }
    return unsafe Array(storage.utf8).withUnsafeBytes { unsafe body($0) }
  }
}

extension WireString: Hashable, Comparable {
  /// Whether both are the same bytes.
  @inlinable
  public static func == (left: Self, right: Self) -> Bool {
    // Mostly it is the same string, or it is short and stored in these words.
    let a = unsafe unsafeBitCast(left.storage, to: (UInt64, UInt64).self)
    let b = unsafe unsafeBitCast(right.storage, to: (UInt64, UInt64).self)
    return a == b || left.hasBytes(of: right)
  }

  @usableFromInline
  func hasBytes(of other: Self) -> Bool {
    guard storage.utf8.count == other.storage.utf8.count else { return false }
    // In place as in `compare`; of the same length, so that eight bytes at a time are only equal or not.
    let isSame = unsafe storage.utf8.withContiguousStorageIfAvailable { a in
      unsafe other.storage.utf8.withContiguousStorageIfAvailable { b in
        let (a, b) = (UnsafeRawBufferPointer(a), UnsafeRawBufferPointer(b))
        var index = 0
        while index &+ 8 <= a.count {
          let x = unsafe a.loadUnaligned(fromByteOffset: index, as: UInt64.self)
          let y = unsafe b.loadUnaligned(fromByteOffset: index, as: UInt64.self)
          if x != y { return false }
          index &+= 8
        }
        while index < a.count {
          if unsafe a[index] != b[index] { return false }
          index &+= 1
        }
        return true
      }
    }
    if let isSame, let isSame { return isSame }
    return Self.compare(self, other) == 0
  }

  /// The order of the bytes, which is the order of Fabric's state database.
  public static func < (left: Self, right: Self) -> Bool {
    if isMarked(left.storage) || isMarked(right.storage) {
      return unsafe left.withBytes { a in unsafe right.withBytes { b in unsafe compare(a, b) < 0 } }
    }
    return compare(left, right) < 0
  }

  /// Negative, zero or positive as what is stored of `left` is before, equal to or behind that of `right`.
  private static func compare(_ left: Self, _ right: Self) -> Int {
    // Both in place, since a function in between is not inlined; it is never the other way in a Swift string.
    let order = unsafe left.storage.utf8.withContiguousStorageIfAvailable { a in
      unsafe right.storage.utf8.withContiguousStorageIfAvailable { b in
        unsafe compare(UnsafeRawBufferPointer(a), UnsafeRawBufferPointer(b))
      }
    }
    if let order, let order { return order }
    return unsafe left.withStoredBytes { a in unsafe right.withStoredBytes { b in unsafe compare(a, b) } }
  }

  /// Negative, zero or positive as `a` is before, equal to or behind `b`: eight bytes at a time, then the rest.
  @inline(__always)
  @unsafe private static func compare(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
    let count = a.count < b.count ? a.count : b.count
    guard count > 0, let a0 = a.baseAddress, let b0 = b.baseAddress else {
      return a.count - b.count
    }
    var index = 0
    while index &+ 8 <= count {
      let x = unsafe a0.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      let y = unsafe b0.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      if x != y { return x.bigEndian < y.bigEndian ? -1 : 1 }
      index &+= 8
    }
    while index < count {
      let x = unsafe a0.load(fromByteOffset: index, as: UInt8.self)
      let y = unsafe b0.load(fromByteOffset: index, as: UInt8.self)
      if x != y { return x < y ? -1 : 1 }
      index &+= 1
    }
    return a.count - b.count
  }

  /// Feeds the bytes to `hasher`.
  public func hash(into hasher: inout Hasher) {
    unsafe withStoredBytes { unsafe hasher.combine(bytes: $0) }
  }
}

extension WireString: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, CustomStringConvertible {
  /// The UTF-8 bytes of the literal.
  public init(stringLiteral value: String) {
    self.init(value)
  }

  /// The text; bytes that are not UTF-8 are shown as U+FFFD.
  public var description: String { string }
}

/// What can stand where Fabric has a protobuf string: a `String`, or bytes that may not be UTF-8.
public protocol WireStringConvertible: Sendable {
  /// The bytes that are sent.
  var wireString: WireString { get }

  /// The bytes of several values; by default ``wireString`` of each.
  static func wireStrings(_ values: [Self]) -> [WireString]
}

extension WireStringConvertible {
  /// The bytes of each.
  public static func wireStrings(_ values: [Self]) -> [WireString] { values.map { $0.wireString } }
}

extension WireString: WireStringConvertible {
  /// Itself.
  @inlinable public var wireString: WireString { self }

  /// Themselves.
  public static func wireStrings(_ values: [Self]) -> [WireString] { values }
}

extension String: WireStringConvertible {
  /// Its UTF-8 bytes.
  public var wireString: WireString { WireString(self) }
}
