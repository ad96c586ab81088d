/// Hands one field that was read from the wire to the field of a ``WireMessage`` that has its number.
///
/// The bytes are walked by `WireMessage.init(wireBytes:depth:)`; for each field on the wire the message shows all its fields,
/// and the one with that number and a fitting wire type takes it. A field that nobody takes is unknown and dropped.
struct WireDecoder: WireCoder {
  /// One field as it was found on the wire.
  enum Field {
    case varint(UInt64)
    case delimited(ArraySlice<UInt8>)
    case other
  }

  /// Deeper nesting is refused, so that hostile bytes cannot exhaust the stack.
  ///
  /// Fabric's own messages stay below 20.
  static let depthMax = 64

  let message: String
  let depth: Int
  var number = 0
  var field = Field.other
  var error: WireError?

  mutating func string(_ number: Int, _ name: StaticString, _ value: inout WireString) {
    guard let bytes = delimited(number) else { return }
    value = checked(WireString(bytes: bytes), name)
  }

  mutating func bytes(_ number: Int, _ value: inout [UInt8]) {
    guard let bytes = delimited(number) else { return }
    value = Array(bytes)
  }

  mutating func bool(_ number: Int, _ value: inout Bool) {
    if let varint = varint(number) { value = varint != 0 }
  }

  mutating func int32(_ number: Int, _ value: inout Int32) {
    if let varint = varint(number) { value = Int32(truncatingIfNeeded: varint) }
  }

  mutating func int64(_ number: Int, _ value: inout Int64) {
    if let varint = varint(number) { value = Int64(bitPattern: varint) }
  }

  mutating func uint32(_ number: Int, _ value: inout UInt32) {
    if let varint = varint(number) { value = UInt32(truncatingIfNeeded: varint) }
  }

  mutating func uint64(_ number: Int, _ value: inout UInt64) {
    if let varint = varint(number) { value = varint }
  }

  mutating func message<Message: WireMessage>(_ number: Int, _ value: inout Message?) {
    guard let bytes = delimited(number) else { return }
    // A message that comes twice is merged, as protobuf prescribes.
    var merged = value ?? Message()
    merge(bytes, into: &merged)
    value = merged
  }

  mutating func embedded<Message: WireMessage>(_ number: Int, _ value: inout Message?) {
    guard let bytes = delimited(number), !bytes.isEmpty else { return }
    var fresh = Message()
    merge(bytes, into: &fresh)
    value = fresh
  }

  mutating func messages<Message: WireMessage>(_ number: Int, _ value: inout [Message]) {
    guard let bytes = delimited(number) else { return }
    var fresh = Message()
    merge(bytes, into: &fresh)
    value.append(fresh)
  }

  mutating func strings(_ number: Int, _ name: StaticString, _ value: inout [WireString]) {
    guard let bytes = delimited(number) else { return }
    value.append(checked(WireString(bytes: bytes), name))
  }

  mutating func bytesList(_ number: Int, _ value: inout [[UInt8]]) {
    guard let bytes = delimited(number) else { return }
    value.append(Array(bytes))
  }

  mutating func map(_ number: Int, _ name: StaticString, _ value: inout [MapEntry]) {
    guard let bytes = delimited(number) else { return }
    var entry = WireMapEntry()
    merge(bytes, into: &entry)
    let key = checked(entry.key, name)
    if let known = value.firstIndex(where: { $0.key == key }) {
      value[known].value = entry.value
    } else {
      value.append(MapEntry(key: key, value: entry.value))
    }
  }

  mutating func oneofInt32(_ number: Int, _ value: inout Int32?) {
    if let varint = varint(number) { value = Int32(truncatingIfNeeded: varint) }
  }

  mutating func raw(_ number: Int, _ value: inout [UInt8]?) {
    guard let bytes = delimited(number) else { return }
    // Bytes of a message that comes twice, one after the other, are the merged message.
    value = (value ?? []) + bytes
  }

  // MARK: The field at hand

  private func delimited(_ number: Int) -> ArraySlice<UInt8>? {
    guard number == self.number, case .delimited(let bytes) = field else { return nil }
    return bytes
  }

  private func varint(_ number: Int) -> UInt64? {
    guard number == self.number, case .varint(let value) = field else { return nil }
    return value
  }

  private mutating func checked(_ string: WireString, _ name: StaticString) -> WireString {
    if !string.isValidUTF8 { note(WireError(.invalidUTF8(field: "\(message).\(name)"))) }
    return string
  }

  private mutating func merge<Message: WireMessage>(_ bytes: ArraySlice<UInt8>, into message: inout Message) {
    guard depth < Self.depthMax else { return note(WireError(.tooDeep)) }
    do throws(WireError) {
      try message.merge(wireBytes: bytes, depth: depth + 1)
    } catch {
      note(error)
    }
  }

  /// Keeps the error that Go reports: a fatal one at once, else the first string that is not UTF-8.
  mutating func note(_ new: WireError) {
    guard let old = error else {
      error = new
      return
    }
    if old.isSurvivable && !new.isSurvivable { error = new }
  }
}

/// The entry message that protobuf makes of a `map<string, bytes>`.
private struct WireMapEntry: WireMessage {
  static let protoName = "map entry"
  var key = WireString.empty
  var value: [UInt8] = []

  mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    // The owner of the map checks the key, under the map's name.
    var raw = key.bytes
    coder.bytes(1, &raw)
    key = WireString(bytes: raw)
    coder.bytes(2, &value)
  }
}

extension WireError {
  /// Whether Go goes on reading after this error and returns it at the end.
  fileprivate var isSurvivable: Bool {
    if case .invalidUTF8 = reason { true } else { false }
  }
}

extension WireMessage {
  init(wireBytes: ArraySlice<UInt8>, depth: Int) throws(WireError) {
    self.init()
    try merge(wireBytes: wireBytes, depth: depth)
  }

  fileprivate mutating func merge(wireBytes: ArraySlice<UInt8>, depth: Int) throws(WireError) {
    var reader = WireReader(rest: wireBytes)
    var decoder = WireDecoder(message: Self.protoName, depth: depth)
    while !reader.rest.isEmpty {
      (decoder.number, decoder.field) = try reader.field()
      fields(&decoder)
      if let error = decoder.error, !error.isSurvivable { throw error }
    }
    if let error = decoder.error { throw error }
  }
}

/// Cuts bytes into protobuf fields.
struct WireReader {
  var rest: ArraySlice<UInt8>

  mutating func field() throws(WireError) -> (number: Int, field: WireDecoder.Field) {
    let tag = try varint()
    let number = Int(truncatingIfNeeded: tag >> 3)
    guard let type = WireType(rawValue: UInt8(tag & 7)) else {
      throw WireError(.unknownWireType(Int(tag & 7)))
    }
    switch type {
    case .varint: return (number, .varint(try varint()))
    case .delimited: return (number, .delimited(try take(try varint())))
    case .fixed64: _ = try take(8)
    case .fixed32: _ = try take(4)
    case .startGroup: try skipGroup()
    case .endGroup: throw WireError(.unknownWireType(Int(type.rawValue)))
    }
    return (number, .other)
  }

  private mutating func varint() throws(WireError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { throw WireError(.truncated) }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    throw WireError(.truncated)
  }

  private mutating func take(_ count: UInt64) throws(WireError) -> ArraySlice<UInt8> {
    guard count <= UInt64(rest.count) else { throw WireError(.truncated) }
    let taken = rest.prefix(Int(count))
    rest = rest.dropFirst(Int(count))
    return taken
  }

  private mutating func skipGroup() throws(WireError) {
    var open = 1
    while open > 0 {
      let tag = try varint()
      switch WireType(rawValue: UInt8(tag & 7)) {
      case .varint: _ = try varint()
      case .fixed64: _ = try take(8)
      case .delimited: _ = try take(try varint())
      case .startGroup: open += 1
      case .endGroup: open -= 1
      case .fixed32: _ = try take(4)
      case nil: throw WireError(.unknownWireType(Int(tag & 7)))
      }
    }
  }
}
