/// Writes the fields of a ``WireMessage``.
///
/// golang/protobuf 1.2 writes strings that are not UTF-8, and notes an error. In a message's own fields it goes on after that; a
/// field that is a message with such a string is the last that it writes.
struct WireEncoder: WireCoder {
  private(set) var output: [UInt8] = []
  /// Whether a string of this message, or of one inside, is not UTF-8.
  private var hasInvalidUTF8 = false
  /// Whether a message inside has such a string, so that nothing more is written.
  private var isCutOff = false

  var decodes: Bool { false }

  mutating func string(_ number: Int, _ name: StaticString, _ value: inout WireString) {
    if !value.isEmpty { always(number, value) }
  }

  mutating func bytes(_ number: Int, _ value: inout [UInt8]) {
    if !value.isEmpty { delimited(number, value) }
  }

  mutating func bool(_ number: Int, _ value: inout Bool) {
    scalar(number, value ? 1 : 0)
  }

  mutating func int32(_ number: Int, _ value: inout Int32) {
    scalar(number, UInt64(bitPattern: Int64(value)))
  }

  mutating func int64(_ number: Int, _ value: inout Int64) {
    scalar(number, UInt64(bitPattern: value))
  }

  mutating func uint32(_ number: Int, _ value: inout UInt32) {
    scalar(number, UInt64(value))
  }

  mutating func uint64(_ number: Int, _ value: inout UInt64) {
    scalar(number, value)
  }

  mutating func message<Message: WireMessage>(_ number: Int, _ value: inout Message?) {
    if let value { nested(number, value) }
  }

  mutating func embedded<Message: WireMessage>(_ number: Int, _ value: inout Message?) {
    guard let bytes = value?.wireBytes(), !bytes.isEmpty else { return }
    delimited(number, bytes)
  }

  mutating func messages<Message: WireMessage>(_ number: Int, _ value: inout [Message]) {
    for message in value { nested(number, message) }
  }

  mutating func strings(_ number: Int, _ name: StaticString, _ value: inout [WireString]) {
    for string in value { always(number, string) }
  }

  mutating func bytesList(_ number: Int, _ value: inout [[UInt8]]) {
    for bytes in value { delimited(number, bytes) }
  }

  mutating func map(_ number: Int, _ name: StaticString, _ value: inout [MapEntry]) {
    for entry in value {
      // Go writes both fields of an entry, empty ones too.
      var inner = WireEncoder()
      inner.always(1, entry.key)
      inner.delimited(2, entry.value)
      delimited(number, inner.output)
    }
  }

  mutating func oneofInt32(_ number: Int, _ value: inout Int32?) {
    guard let value, !isCutOff else { return }
    tag(number, .varint)
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func raw(_ number: Int, _ value: inout [UInt8]?) {
    if let value { delimited(number, value) }
  }

  // MARK: The wire

  private mutating func scalar(_ number: Int, _ value: UInt64) {
    guard value != 0, !isCutOff else { return }
    tag(number, .varint)
    varint(value)
  }

  private mutating func nested(_ number: Int, _ message: some WireMessage) {
    var inner = WireEncoder()
    var copy = message
    copy.fields(&inner)
    delimited(number, inner.output)
    isCutOff = isCutOff || inner.hasInvalidUTF8
    hasInvalidUTF8 = hasInvalidUTF8 || inner.hasInvalidUTF8
  }

  private mutating func always(_ number: Int, _ value: WireString) {
    guard !isCutOff else { return }
    hasInvalidUTF8 = hasInvalidUTF8 || !value.isValidUTF8
    tag(number, .delimited)
    varint(UInt64(value.count))
    unsafe value.withBytes { unsafe output.append(contentsOf: $0) }
  }

  private mutating func delimited(_ number: Int, _ bytes: [UInt8]) {
    guard !isCutOff else { return }
    tag(number, .delimited)
    varint(UInt64(bytes.count))
    output.append(contentsOf: bytes)
  }

  private mutating func tag(_ number: Int, _ type: WireType) {
    varint(UInt64(number) << 3 | UInt64(type.rawValue))
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    output.append(UInt8(truncatingIfNeeded: rest))
  }
}

/// Protobuf's wire types.
enum WireType: UInt8 {
  case varint = 0
  case fixed64 = 1
  case delimited = 2
  case startGroup = 3
  case endGroup = 4
  case fixed32 = 5
}
