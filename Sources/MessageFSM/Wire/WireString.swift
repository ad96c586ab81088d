/// A protobuf string: UTF-8 by contract, any bytes in practice, compared byte by byte.
///
/// Go's shim sends a key that is not UTF-8 as it is and lets the peer refuse it (Fabric 1.4), so such a key must be able to
/// travel. And Fabric's keys are bytes: `String` compares by canonical equivalence, by which two different keys
/// ("é" composed and decomposed) would be one.
public struct WireString: Sendable {
  private enum Storage: Sendable {
    case utf8(String)
    case bytes([UInt8])
  }

  private let storage: Storage

  /// The empty string, protobuf's default.
  public static let empty = WireString("")

  /// The UTF-8 bytes of `string`.
  public init(_ string: String) {
    self.storage = .utf8(string)
  }

  /// These bytes, whether they are UTF-8 or not.
  public init(bytes: some Collection<UInt8>) {
    if let string = String(validating: bytes, as: UTF8.self) {
      self.storage = .utf8(string)
    } else {
      self.storage = .bytes(Array(bytes))
    }
  }

  /// Whether the bytes are UTF-8, as protobuf asks for.
  public var isValidUTF8: Bool {
    switch storage {
    case .utf8: true
    case .bytes: false
    }
  }

  /// The text; bytes that are not UTF-8 are shown as U+FFFD.
  public var string: String {
    switch storage {
    case .utf8(let string): string
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    }
  }

  /// The bytes as they go over the wire.
  public var bytes: [UInt8] {
    switch storage {
    case .utf8(let string): Array(string.utf8)
    case .bytes(let bytes): bytes
    }
  }

  /// The number of bytes.
  public var count: Int {
    switch storage {
    case .utf8(let string): string.utf8.count
    case .bytes(let bytes): bytes.count
    }
  }

  /// Whether there are no bytes.
  public var isEmpty: Bool {
    switch storage {
    case .utf8(let string): string.utf8.isEmpty
    case .bytes(let bytes): bytes.isEmpty
    }
  }

  /// Calls `body` with the bytes, without copying them; the buffer is valid during the call only.
  @inline(__always)
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    switch storage {
    case .utf8(let string):
      if let result = unsafe string.utf8.withContiguousStorageIfAvailable({
        unsafe body(UnsafeRawBufferPointer($0))
      }) {
        return result
      }
      return unsafe Array(string.utf8).withUnsafeBytes { unsafe body($0) }
    case .bytes(let bytes):
      return unsafe bytes.withUnsafeBytes { unsafe body($0) }
    }
  }
}

extension WireString: Hashable, Comparable {
  /// Whether both are the same bytes.
  public static func == (left: Self, right: Self) -> Bool {
    unsafe left.withBytes { a in
      unsafe right.withBytes { b in unsafe a.count == b.count && compare(a, b) == 0 }
    }
  }

  /// The order of the bytes, which is the order of Fabric's state database.
  public static func < (left: Self, right: Self) -> Bool {
    unsafe left.withBytes { a in unsafe right.withBytes { b in unsafe compare(a, b) < 0 } }
  }

  /// Negative, zero or positive as `a` is before, equal to or behind `b`: eight bytes at a time, then the rest.
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
    unsafe withBytes { unsafe hasher.combine(bytes: $0) }
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
}

extension WireString: WireStringConvertible {
  /// Itself.
  public var wireString: WireString { self }
}

extension String: WireStringConvertible {
  /// Its UTF-8 bytes.
  public var wireString: WireString { WireString(self) }
}
