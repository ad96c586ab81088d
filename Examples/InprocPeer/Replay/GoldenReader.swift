import InprocHost
import MessageFSM

/// Why a golden file cannot be used, and where in it.
package struct GoldenError: Error, Sendable, CustomStringConvertible {
  let place: String
  let reason: String

  package var description: String { place.isEmpty ? reason : "\(place): \(reason)" }
}

/// Reads a part of a golden file; knows where in the file it is.
struct GoldenReader: Sendable {
  let value: JSONValue
  let place: String

  init(_ value: JSONValue, place: String = "") {
    self.value = value
    self.place = place
  }

  func error(_ reason: String) -> GoldenError {
    GoldenError(place: place, reason: reason)
  }

  // MARK: Members

  /// The member with this name; absent and null are alike.
  func optional(_ name: String) -> GoldenReader? {
    guard let member = value.member(WireString(name)) else { return nil }
    if case .null = member { return nil }
    return GoldenReader(member, place: place.isEmpty ? name : "\(place).\(name)")
  }

  func required(_ name: String) throws(GoldenError) -> GoldenReader {
    guard let member = optional(name) else { throw error("has no \(name)") }
    return member
  }

  /// The members of an object in the order of their names' bytes.
  func members() throws(GoldenError) -> [(name: String, value: GoldenReader)] {
    guard case .object(let members) = value else { throw error("is no object") }
    return members.sorted { $0.name < $1.name }.map { member in
      (member.name.string, GoldenReader(member.value, place: "\(place).\(member.name)"))
    }
  }

  // MARK: Values

  func string() throws(GoldenError) -> String {
    guard case .string(let text) = value else { throw error("is no text") }
    return text.string
  }

  /// A text in which `hex:` and `rep:` stand for other texts.
  func expanded() throws(GoldenError) -> WireString {
    ScriptedChaincode.expanded(try string())
  }

  func bytes() throws(GoldenError) -> [UInt8] {
    guard let bytes = [UInt8](hex: try string()) else { throw error("is not hexadecimal") }
    return bytes
  }

  func int() throws(GoldenError) -> Int {
    guard case .number(let number) = value, let int = number.int64 else {
      throw error("is no whole number")
    }
    return Int(int)
  }

  func bool() throws(GoldenError) -> Bool {
    guard case .bool(let bool) = value else { throw error("is neither true nor false") }
    return bool
  }

  func array() throws(GoldenError) -> [GoldenReader] {
    guard case .array(let elements) = value else { throw error("is no list") }
    return elements.enumerated().map { GoldenReader($1, place: "\(place)[\($0)]") }
  }

  // MARK: Members that may be absent

  func string(_ name: String) throws(GoldenError) -> String? { try optional(name)?.string() }
  func wireString(_ name: String) throws(GoldenError) -> WireString? {
    try optional(name)?.string().wireString
  }
  func bytes(_ name: String) throws(GoldenError) -> [UInt8]? { try optional(name)?.bytes() }
  func int(_ name: String) throws(GoldenError) -> Int? { try optional(name)?.int() }
  func bool(_ name: String) throws(GoldenError) -> Bool? { try optional(name)?.bool() }
  func array(_ name: String) throws(GoldenError) -> [GoldenReader] { try optional(name)?.array() ?? [] }
  func members(_ name: String) throws(GoldenError) -> [(name: String, value: GoldenReader)] {
    try optional(name)?.members() ?? []
  }
}

extension Array {
  /// As `map`, with the error's type kept.
  func mapping<Result>(
    _ transform: (Element) throws(GoldenError) -> Result
  ) throws(GoldenError) -> [Result] {
    var results: [Result] = []
    results.reserveCapacity(count)
    for element in self { results.append(try transform(element)) }
    return results
  }
}
