/// Finds the first string of a ``WireMessage`` that is not UTF-8, without writing anything.
struct UTF8Check: WireCoder {
  let message: String
  var error: WireError?

  var decodes: Bool { false }

  mutating func string(_ number: Int, _ name: StaticString, _ value: inout WireString) {
    if !value.isValidUTF8 { note(name) }
  }

  mutating func message<Message: WireMessage>(_ number: Int, _ value: inout Message?) {
    if var inner = value { descend(&inner) }
  }

  mutating func embedded<Message: WireMessage>(_ number: Int, _ value: inout Message?) {
    if var inner = value { descend(&inner) }
  }

  mutating func messages<Message: WireMessage>(_ number: Int, _ value: inout [Message]) {
    for message in value where error == nil {
      // A change in place would copy the whole array.
      var inner = message
      descend(&inner)
    }
  }

  mutating func strings(_ number: Int, _ name: StaticString, _ value: inout [WireString]) {
    if value.contains(where: { !$0.isValidUTF8 }) { note(name) }
  }

  mutating func map(_ number: Int, _ name: StaticString, _ value: inout [MapEntry]) {
    if value.contains(where: { !$0.key.isValidUTF8 }) { note(name) }
  }

  mutating func bytes(_ number: Int, _ value: inout [UInt8]) {}
  mutating func bool(_ number: Int, _ value: inout Bool) {}
  mutating func int32(_ number: Int, _ value: inout Int32) {}
  mutating func int64(_ number: Int, _ value: inout Int64) {}
  mutating func uint32(_ number: Int, _ value: inout UInt32) {}
  mutating func uint64(_ number: Int, _ value: inout UInt64) {}
  mutating func bytesList(_ number: Int, _ value: inout [[UInt8]]) {}
  mutating func oneofInt32(_ number: Int, _ value: inout Int32?) {}
  mutating func raw(_ number: Int, _ value: inout [UInt8]?) {}

  private mutating func descend<Message: WireMessage>(_ inner: inout Message) {
    guard error == nil else { return }
    var check = UTF8Check(message: Message.protoName)
    inner.fields(&check)
    error = check.error
  }

  private mutating func note(_ name: StaticString) {
    if error == nil { error = WireError(.invalidUTF8(field: "\(message).\(name)")) }
  }
}
