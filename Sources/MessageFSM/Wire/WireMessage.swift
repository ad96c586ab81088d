/// A protobuf message whose fields are declared once, for reading and for writing.
///
/// `fields` names every field in the order of its number; a ``WireCoder`` that writes reads the values, one that reads sets them.
///
/// ```swift
/// public mutating func fields(_ coder: inout some WireCoder) {
///   coder.string(1, "key", &key)
///   coder.string(2, "collection", &collection)
/// }
/// ```
public protocol WireMessage: Sendable, Hashable {
  /// The message with all fields at their defaults.
  init()
  /// The full name of the message in Fabric's schema, `protos.GetState`.
  static var protoName: String { get }
  /// Shows each field to `coder`, in the order of the numbers.
  mutating func fields<Coder: WireCoder>(_ coder: inout Coder)
}

/// One entry of a protobuf `map<string, bytes>`.
public struct MapEntry: Sendable, Hashable {
  /// The key.
  public var key: WireString
  /// The value.
  public var value: [UInt8]

  /// An entry with this key and value.
  public init(key: WireString, value: [UInt8]) {
    self.key = key
    self.value = value
  }
}

/// What visits the fields of a ``WireMessage``: the encoder, the decoder, the check for UTF-8.
///
/// Each method is one of protobuf's field types; scalars at their default are not written (proto3).
public protocol WireCoder {
  /// Whether it sets fields, one at a time, so that a message need not show it what it holds.
  var decodes: Bool { get }
  /// A `string`.
  mutating func string(_ number: Int, _ name: StaticString, _ value: inout WireString)
  /// A `bytes`.
  mutating func bytes(_ number: Int, _ value: inout [UInt8])
  /// A `bool`.
  mutating func bool(_ number: Int, _ value: inout Bool)
  /// An `int32` or an `enum`.
  mutating func int32(_ number: Int, _ value: inout Int32)
  /// An `int64`.
  mutating func int64(_ number: Int, _ value: inout Int64)
  /// A `uint32`.
  mutating func uint32(_ number: Int, _ value: inout UInt32)
  /// A `uint64`.
  mutating func uint64(_ number: Int, _ value: inout UInt64)
  /// A message; `nil` is absent, an empty message is written with length 0.
  mutating func message<Message: WireMessage>(_ number: Int, _ value: inout Message?)
  /// A `bytes` field that holds a message: absent when the message is `nil` or has no bytes.
  mutating func embedded<Message: WireMessage>(_ number: Int, _ value: inout Message?)
  /// A `repeated` message.
  mutating func messages<Message: WireMessage>(_ number: Int, _ value: inout [Message])
  /// A `repeated string`.
  mutating func strings(_ number: Int, _ name: StaticString, _ value: inout [WireString])
  /// A `repeated bytes`.
  mutating func bytesList(_ number: Int, _ value: inout [[UInt8]])
  /// A `map<string, bytes>`, written in the order of the entries.
  mutating func map(_ number: Int, _ name: StaticString, _ value: inout [MapEntry])
  /// An `int32` that is a member of a `oneof`: written when set, 0 too.
  mutating func oneofInt32(_ number: Int, _ value: inout Int32?)
  /// A message kept as its bytes, where its content does not matter; `nil` is absent.
  mutating func raw(_ number: Int, _ value: inout [UInt8]?)
}

extension WireMessage {
  /// The bytes that Go's protobuf writes for this message: fields in the order of their numbers, defaults left out.
  ///
  /// Strings that are not UTF-8 are written as they are, as golang/protobuf does besides returning an error; a message inside with
  /// such a string is the last field that is written, as there.
  public func wireBytes() -> [UInt8] {
    var encoder = WireEncoder()
    var copy = self
    copy.fields(&encoder)
    return encoder.output
  }

  /// The message that these bytes hold.
  ///
  /// Unknown fields are skipped; a field with another wire type is one.
  ///
  /// - Throws: ``WireError`` if the bytes end early, hold an unknown wire type, or a string that is not UTF-8.
  public init(wireBytes: [UInt8]) throws(WireError) {
    self = try Self(wireBytes: wireBytes, depth: 0)
  }

  /// Checks that every string in the message is UTF-8, without writing it.
  ///
  /// - Throws: ``WireError`` that names the first string field which is not.
  public func checkUTF8() throws(WireError) {
    var check = UTF8Check(message: Self.protoName)
    var copy = self
    copy.fields(&check)
    if let error = check.error { throw error }
  }
}
