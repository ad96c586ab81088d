/// Hands one field that was read from the wire to the field of a ``WireMessage`` that has its number.
///
/// The bytes are walked by `WireMessage.init(wireBytes:depth:)`; for each field on the wire the message shows all its fields,
/// and the one with that number and a fitting wire type takes it. A field that nobody takes is unknown and dropped.
struct WireDecoder: WireCoder {
  /// One field as it was found on the wire.
  enum Field {
    case varint(UInt64)
    /// The places in the decoder's bytes where the content begins and ends.
    case delimited(start: Int, end: Int)
    case other
  }

  /// Deeper nesting is refused, so that hostile bytes cannot exhaust the stack.
  ///
  /// Fabric's own messages stay below 20.
  static let depthMax = 64

  /// Up to how many entries a map is searched; a longer one is indexed, so that hostile bytes do not cost the square of their count.
  private static let searchedMax = 16

  let message: String
  let source: [UInt8]
  let depth: Int
  var number = 0
  var field = Field.other
  var error: WireError?
  fileprivate var memory: FieldMemory?

  var decodes: Bool { true }

  mutating func string(_ number: Int, _ name: StaticString, _ value: inout WireString) {
    guard let bytes = delimited(number) else { return }
    value = checked(WireString(bytes: bytes), name)
  }

  mutating func bytes(_ number: Int, _ value: inout [UInt8]) {
    guard let bytes = delimited(number) else { return }
    value = bytes
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
    guard let place = place(number) else { return }
    // A message that comes twice is merged, as protobuf prescribes; taken out, so that its arrays are not copied each time.
    let memory = value == nil ? nil : remembered().inside(number)
    var merged = value.take() ?? Message()
    merge(place, into: &merged, memory)
    value = merged
  }

  mutating func embedded<Message: WireMessage>(_ number: Int, _ value: inout Message?) {
    guard let place = place(number), place.start < place.end else { return }
    var fresh = Message()
    merge(place, into: &fresh)
    value = fresh
  }

  mutating func messages<Message: WireMessage>(_ number: Int, _ value: inout [Message]) {
    guard let place = place(number) else { return }
    var fresh = Message()
    merge(place, into: &fresh)
    value.append(fresh)
  }

  mutating func strings(_ number: Int, _ name: StaticString, _ value: inout [WireString]) {
    guard let bytes = delimited(number) else { return }
    value.append(checked(WireString(bytes: bytes), name))
  }

  mutating func bytesList(_ number: Int, _ value: inout [[UInt8]]) {
    guard let bytes = delimited(number) else { return }
    value.append(bytes)
  }

  mutating func map(_ number: Int, _ name: StaticString, _ value: inout [MapEntry]) {
    guard let place = place(number) else { return }
    var entry = WireMapEntry()
    merge(place, into: &entry)
    let key = checked(entry.key, name)
    if let known = index(of: key, in: value) {
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
    var merged = value.take() ?? []
    merged += bytes
    value = merged
  }

  // MARK: The field at hand

  private func place(_ number: Int) -> (start: Int, end: Int)? {
    guard number == self.number, case .delimited(let start, let end) = field else { return nil }
    return (start, end)
  }

  private func delimited(_ number: Int) -> [UInt8]? {
    guard let place = place(number) else { return nil }
    return Array(source[place.start..<place.end])
  }

  private func varint(_ number: Int) -> UInt64? {
    guard number == self.number, case .varint(let value) = field else { return nil }
    return value
  }

  private mutating func checked(_ string: WireString, _ name: StaticString) -> WireString {
    if !string.isValidUTF8 { note(WireError(.invalidUTF8(field: "\(message).\(name)"))) }
    return string
  }

  /// Where the map of the field at hand has the key.
  private mutating func index(of key: WireString, in map: [MapEntry]) -> Int? {
    guard map.count > Self.searchedMax else { return map.firstIndex { $0.key == key } }
    return remembered().index(of: key, in: map, number)
  }

  private mutating func remembered() -> FieldMemory {
    if let memory { return memory }
    let memory = FieldMemory()
    self.memory = memory
    return memory
  }

  private mutating func merge<Message: WireMessage>(
    _ place: (start: Int, end: Int), into message: inout Message, _ memory: FieldMemory? = nil
  ) {
    guard depth < Self.depthMax else { return note(WireError(.tooDeep)) }
    do throws(WireError) {
      try message.merge(
        WireReader(bytes: source, start: place.start, end: place.end), depth: depth + 1, memory: memory)
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

/// What is known of the fields of one message, however often it comes to be merged.
private final class FieldMemory {
  /// Where the long maps have their keys, by field.
  private var indexes: [Int: [WireString: Int]] = [:]
  /// What is known of the messages inside, by field.
  private var messages: [Int: FieldMemory] = [:]

  /// Where the map of this field has the key, which is noted for the next place otherwise.
  func index(of key: WireString, in map: [MapEntry], _ number: Int) -> Int? {
    if indexes[number]?.count != map.count {
      indexes[number] = Dictionary(
        map.indices.map { (map[$0].key, $0) }, uniquingKeysWith: { first, _ in first })
    }
    if let known = indexes[number]?[key], known < map.count, map[known].key == key { return known }
    indexes[number]?[key] = map.count
    return nil
  }

  /// What is known of the message in this field.
  func inside(_ number: Int) -> FieldMemory {
    if let known = messages[number] { return known }
    let new = FieldMemory()
    messages[number] = new
    return new
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
  init(wireBytes: [UInt8], depth: Int) throws(WireError) {
    self.init()
    try merge(WireReader(bytes: wireBytes, start: 0, end: wireBytes.count), depth: depth)
  }

  fileprivate mutating func merge(
    _ start: WireReader, depth: Int, memory: FieldMemory? = nil
  ) throws(WireError) {
    var reader = start
    var decoder = WireDecoder(message: Self.protoName, source: reader.bytes, depth: depth, memory: memory)
    while !reader.isAtEnd {
      (decoder.number, decoder.field) = try reader.field()
      fields(&decoder)
      if let error = decoder.error, !error.isSurvivable { throw error }
    }
    if let error = decoder.error { throw error }
  }
}

/// Cuts a part of an array of bytes into protobuf fields.
///
/// It walks the array by index rather than a slice of it: unoptimised builds are many times faster so.
struct WireReader {
  let bytes: [UInt8]
  private var position: Int
  private let end: Int

  /// The bytes from `start` up to, but without, `end`, which are places in the array.
  init(bytes: [UInt8], start: Int, end: Int) {
    self.bytes = bytes
    self.position = start
    self.end = end
  }

  var isAtEnd: Bool { position >= end }

  mutating func field() throws(WireError) -> (number: Int, field: WireDecoder.Field) {
    let tag = try varint()
    let number = Int(truncatingIfNeeded: tag >> 3)
    guard let type = WireType(rawValue: UInt8(tag & 7)) else {
      throw WireError(.unknownWireType(Int(tag & 7)))
    }
    switch type {
    case .varint: return (number, .varint(try varint()))
    case .delimited:
      let count = try varint()
      let start = position
      try skip(count)
      return (number, .delimited(start: start, end: position))
    case .fixed64: try skip(8)
    case .fixed32: try skip(4)
    case .startGroup: try skipGroup()
    case .endGroup: throw WireError(.unknownWireType(Int(type.rawValue)))
    }
    return (number, .other)
  }

  private mutating func varint() throws(WireError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 70 {
      guard position < end else { throw WireError(.truncated) }
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw WireError(.truncated)
  }

  private mutating func skip(_ count: UInt64) throws(WireError) {
    guard count <= UInt64(end - position) else { throw WireError(.truncated) }
    position += Int(count)
  }

  private mutating func skipGroup() throws(WireError) {
    var open = 1
    while open > 0 {
      let tag = try varint()
      switch WireType(rawValue: UInt8(tag & 7)) {
      case .varint: _ = try varint()
      case .fixed64: try skip(8)
      case .delimited: try skip(try varint())
      case .startGroup: open += 1
      case .endGroup: open -= 1
      case .fixed32: try skip(4)
      case nil: throw WireError(.unknownWireType(Int(tag & 7)))
      }
    }
  }
}
