import MessageFSM

/// The fields that a query asks for, as a tree of names.
///
/// What Fabric takes away from every result (`_id`, `_rev`, `~version`) is not in it, even if asked for; a field
/// that a document lacks is left out; an element of an array becomes a member with its index as the name, as in
/// CouchDB. An empty list asks for nothing: CouchDB takes it for all fields, but Fabric adds its own two to it.
struct MangoProjection: Sendable {
  private static let removed: [WireString] = ["_id", "_rev", "~version"]

  private var isWhole = false
  private var children: [(name: WireString, projection: MangoProjection)] = []
  private var places: [WireString: Int] = [:]

  private init() {}

  /// Reads the value of a query's `fields`.
  init(parsing value: JSONValue) throws(LedgerError) {
    guard case .array(let entries) = value else { throw LedgerError("fields definition must be an array") }
    for entry in entries {
      guard case .string(let name) = entry else {
        throw MangoRefusal.couch(
          "invalid_field", "Invalid JSON for field spec: \(MangoRefusal.excerpt(entry)) (must be a string)")
      }
      let parts = try MangoField(parsing: name).parts
      if let first = parts.first, !Self.removed.contains(first) { insert(parts[...]) }
    }
  }

  private mutating func insert(_ parts: ArraySlice<WireString>) {
    guard let name = parts.first else {
      isWhole = true
      return
    }
    let place = places[name] ?? children.count
    if place == children.count {
      children.append((name, MangoProjection()))
      places[name] = place
    }
    children[place].projection.insert(parts.dropFirst())
  }

  /// The members of a document that are asked for, in the order of the document.
  func object(of document: JSONValue) -> JSONValue {
    part(of: document) ?? .object([])
  }

  private func part(of value: JSONValue) -> JSONValue? {
    if isWhole { return value }
    var members: [JSONMember] = []
    switch value {
    case .object(let all):
      for member in all {
        guard let place = places[member.name] else { continue }
        guard let part = children[place].projection.part(of: member.value) else { continue }
        members.append(JSONMember(name: member.name, value: part))
      }
    case .array(let elements):
      let chosen = children.compactMap { child in Int(child.name.string).map { (index: $0, child: child) } }
      for (index, child) in chosen.sorted(by: { $0.index < $1.index }) where elements.indices.contains(index)
      {
        guard let part = child.projection.part(of: elements[index]) else { continue }
        members.append(JSONMember(name: child.name, value: part))
      }
    case .null, .bool, .number, .string:
      return nil
    }
    return members.isEmpty ? nil : .object(members)
  }
}
