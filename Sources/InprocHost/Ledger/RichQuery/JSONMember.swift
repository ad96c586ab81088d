package import MessageFSM

/// A name and a value of a JSON object.
package struct JSONMember: Sendable {
  /// The name.
  package var name: WireString
  /// The value.
  package var value: JSONValue

  /// A member.
  package init(name: WireString, value: JSONValue) {
    self.name = name
    self.value = value
  }
}
