import MessageFSM

/// Collects the members of an object: the first appearance of a name gives the place, the last one the value.
struct JSONMemberList {
  /// The members so far.
  private(set) var members: [JSONMember] = []
  private var places: [WireString: Int] = [:]

  /// Below this size searching is faster than hashing.
  private static let searched = 16

  /// Sets the value of a name.
  mutating func set(_ name: WireString, to value: JSONValue) {
    if let place = place(of: name) {
      members[place].value = value
      return
    }
    members.append(JSONMember(name: name, value: value))
    if members.count == Self.searched {
      for (place, member) in members.enumerated() { places[member.name] = place }
    } else if members.count > Self.searched {
      places[name] = members.count - 1
    }
  }

  private func place(of name: WireString) -> Int? {
    members.count < Self.searched ? members.firstIndex { $0.name == name } : places[name]
  }
}
