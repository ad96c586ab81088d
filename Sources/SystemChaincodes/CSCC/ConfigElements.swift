internal import InprocHost
internal import MessageFSM

/// A configuration, or a part of one, laid out flat: each element under its kind and path (Fabric `configtx.mapConfig`).
struct ConfigElements {
  /// One group, value or policy.
  struct Element {
    /// The groups above, from the root.
    let path: [WireString]
    let name: WireString
    let version: UInt64
    let modPolicy: WireString
    let isGroup: Bool

    /// The path of the policy that a change needs; `nil` if there is none.
    var policyPath: WireString? {
      guard let first = modPolicy.bytes.first else { return nil }
      if first == UInt8(ascii: "/") { return modPolicy }
      // A relative name is looked up in the group itself, or in the one that a value or policy is in.
      let group = isGroup ? path + [name] : path
      return "/\(WireString(group.map(\.string).joined(separator: "/")))/\(modPolicy)"
    }
  }

  /// Real configurations are four groups deep; the codec reads every level by itself, so it does not bound this.
  private static let depthMax = 16

  /// In the order of the keys, so that the first fault is always the same one.
  private(set) var byKey = SortedMap<WireString, Element>()

  /// The elements of a tree whose root is the channel; none if there is no root.
  ///
  /// - Throws: Fabric's text if a name in it is none.
  init(_ root: ConfigGroup?) throws {
    if let root { try add(root, name: "Channel", path: []) }
  }

  private mutating func add(_ group: ConfigGroup, name: WireString, path: [WireString]) throws {
    guard path.count < Self.depthMax else { throw LedgerError("the configuration is nested too deep") }
    try add(
      "[Group]  ",
      Element(
        path: path, name: name, version: group.version, modPolicy: group.modPolicy, isGroup: true))
    let inner = path + [name]
    for entry in group.groups {
      try add(ConfigGroup(wireBytes: entry.value), name: entry.key, path: inner)
    }
    for entry in group.values {
      let value = try ConfigValue(wireBytes: entry.value)
      try add(
        "[Value]  ",
        Element(
          path: inner, name: entry.key, version: value.version, modPolicy: value.modPolicy, isGroup: false))
    }
    for entry in group.policies {
      let policy = try ConfigPolicy(wireBytes: entry.value)
      try add(
        "[Policy] ",
        Element(
          path: inner, name: entry.key, version: policy.version, modPolicy: policy.modPolicy, isGroup: false))
    }
  }

  private mutating func add(_ kind: String, _ element: Element) throws(LedgerError) {
    let path = WireString((element.path + [element.name]).map { "/\($0)" }.joined())
    do throws(LedgerError) {
      try Self.checkName(element.name)
    } catch {
      throw LedgerError("illegal characters in key: \(path): \(error.message)")
    }
    byKey[WireString(joining: kind, path)] = element
  }

  /// Returns if the name can be one of a group, value or policy.
  ///
  /// - Throws: Fabric's text if it cannot.
  static func checkName(_ name: WireString) throws(LedgerError) {
    if name.isEmpty { throw LedgerError("config ID illegal, cannot be empty") }
    if name.count > 249 { throw LedgerError("config ID illegal, cannot be longer than 249") }
    if name == "." || name == ".." {
      throw LedgerError(joining: "name '", name, "' for config ID is not allowed")
    }
    let isAllowed = name.bytes.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "-"):
        true
      case _: false
      }
    }
    if !isAllowed { throw LedgerError(joining: "config ID '", name, "' contains illegal characters") }
  }

  /// Returns if the text can be the path of a policy.
  ///
  /// - Throws: Fabric's text if it cannot.
  static func checkModPolicy(_ policy: WireString) throws(LedgerError) {
    if policy.isEmpty { throw LedgerError("mod_policy not set") }
    let bytes = policy.bytes.first == UInt8(ascii: "/") ? policy.bytes.dropFirst() : policy.bytes[...]
    let elements = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    for (index, element) in elements.enumerated() {
      do throws(LedgerError) {
        try checkName(WireString(bytes: element))
      } catch {
        throw LedgerError(joining: "path element at \(index) is invalid: ", error.message)
      }
    }
  }
}
