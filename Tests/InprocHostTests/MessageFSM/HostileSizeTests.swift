import MessageFSM
import Testing

/// Messages of a size that a client may send, made so that work which grows with the square of it would take minutes.
@Suite("Hostile sizes on the wire", .timeLimit(.minutes(1)))
struct HostileSizeTests {
  private static let count = 120_000

  /// A field with these bytes.
  private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    precondition(bytes.count < 128)
    return [number << 3 | 2, UInt8(bytes.count)] + bytes
  }

  private static func key(_ ordinal: Int) -> [UInt8] {
    let text = Array(String(ordinal).utf8)
    return Array(repeating: UInt8(ascii: "0"), count: 6 - text.count) + text
  }

  @Test("a map with 120,000 keys is read, and of a key that comes again the last value counts")
  func map() throws {
    var bytes: [UInt8] = []
    for ordinal in 0..<Self.count {
      bytes += Self.field(2, Self.field(1, Self.key(ordinal)))
    }
    for ordinal in [0, 17, Self.count - 1] {
      bytes += Self.field(2, Self.field(1, Self.key(ordinal)) + Self.field(2, [9]))
    }
    let map = try ChaincodeProposalPayload(wireBytes: bytes).transientMap
    #expect(map.count == Self.count)
    #expect(map.indices.filter { map[$0].value == [9] } == [0, 17, Self.count - 1])
    #expect(map[17].key.bytes == Self.key(17))
  }

  @Test("a message that comes 120,000 times, each time with another key, is merged")
  func merged() throws {
    var bytes: [UInt8] = []
    for ordinal in 0..<Self.count {
      bytes += Self.field(3, Self.field(2, Self.field(1, Self.key(ordinal))))
    }
    let spec = try ChaincodeSpec(wireBytes: bytes)
    #expect(spec.input?.decorations.count == Self.count)
    #expect(spec.input?.decorations.last?.key.bytes == Self.key(Self.count - 1))
  }

  @Test("a message with a list that comes 120,000 times is merged")
  func lists() throws {
    var bytes: [UInt8] = []
    for ordinal in 0..<Self.count { bytes += Self.field(3, Self.field(1, Self.key(ordinal))) }
    let spec = try ChaincodeSpec(wireBytes: bytes)
    #expect(spec.input?.args.count == Self.count)
    #expect(spec.input?.args.first == Self.key(0))
  }

  @Test("a batch of 120,000 results is read")
  func results() throws {
    var bytes: [UInt8] = []
    for ordinal in 0..<Self.count { bytes += Self.field(1, Self.field(1, Self.key(ordinal))) }
    let response = try QueryResponse(wireBytes: bytes)
    #expect(response.results.count == Self.count)
    #expect(response.results.last == .bytes(Self.key(Self.count - 1)))
  }

  @Test("120,000 values are read")
  func values() throws {
    var bytes: [UInt8] = []
    for ordinal in 0..<Self.count { bytes += Self.field(1, Self.key(ordinal)) }
    let result = try GetStateMultipleResult(wireBytes: bytes)
    #expect(result.values.count == Self.count)
    #expect(result.values.last == Self.key(Self.count - 1))
  }
}
