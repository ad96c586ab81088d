/// Why bytes are not the protobuf message they should be.
public struct WireError: Error, Sendable, Hashable {
  /// The kinds of failure that Go's protobuf libraries tell apart.
  public enum Reason: Sendable, Hashable {
    /// A field, or a varint, goes beyond the end of the bytes (or a varint has more than ten bytes).
    case truncated
    /// A field has a wire type that protobuf does not know.
    case unknownWireType(Int)
    /// A string field holds bytes that are not UTF-8; the name is the field's full name, `protos.GetState.key`.
    case invalidUTF8(field: String)
    /// Groups or messages are nested deeper than the decoder follows.
    case tooDeep
  }

  /// What is wrong.
  public let reason: Reason

  /// An error with this reason.
  public init(_ reason: Reason) {
    self.reason = reason
  }

  /// The text that Fabric's protobuf library of that version gives for the failure to read.
  ///
  /// 1.4 uses golang/protobuf 1.2 (`table_unmarshal.go`), 3.1 google.golang.org/protobuf 1.36.
  public func text(_ version: FabricVersion) -> String {
    switch (reason, version) {
    case (.invalidUTF8(let field), .v1_4): "proto: field \"\(field)\" contains invalid UTF-8"
    case (.invalidUTF8, .v3_1): "string field contains invalid UTF-8"
    case (.unknownWireType(let type), .v1_4): "proto: can't skip unknown wire type \(type)"
    case (.truncated, .v1_4), (.tooDeep, .v1_4): "unexpected EOF"
    case (_, .v3_1): "proto: cannot parse invalid wire-format data"
    }
  }
}

extension WireError: CustomStringConvertible {
  /// The text of Fabric 1.4.
  public var description: String { text(.v1_4) }
}
