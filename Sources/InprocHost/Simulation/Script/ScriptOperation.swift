package import MessageFSM

/// One operation of a script: its name and its operands.
struct ScriptOperation: Sendable {
  typealias Execute = @Sendable (ScriptContext, ScriptOperation) async throws -> ScriptResult

  /// Every operation by its name.
  static let all: [String: Execute] = [
    stateOperations, batchOperations, privateOperations, queryOperations, pageOperations, compositeOperations,
    contextOperations, callOperations, rawOperations,
  ].reduce(into: [:]) { all, some in all.merge(some) { first, _ in first } }

  let name: String
  private let operands: ArraySlice<JSONValue>

  /// The operations of a JSON text; `nil` if it is no list of operations.
  static func parse(_ text: [UInt8]) -> [ScriptOperation]? {
    switch try? JSONValue(parsing: text, repairingUTF8: true) {
    case .array(let lists): lists.mapAll { ScriptOperation($0) }
    case .null: []
    case .bool, .number, .string, .object, nil: nil
    }
  }

  private init?(_ value: JSONValue) {
    guard case .array(let list) = value, case .string(let name) = list.first else { return nil }
    self.name = name.string
    self.operands = list.dropFirst()
  }

  // MARK: Operands

  /// The text or bytes of an operand, `hex:` and `rep:` expanded.
  func string(_ index: Int) -> WireString {
    operand(index).map(Self.expanded) ?? .empty
  }

  /// The bytes of an operand, `hex:` and `rep:` expanded.
  func bytes(_ index: Int) -> [UInt8] {
    string(index).bytes
  }

  /// The text of an operand as it stands there.
  func verbatim(_ index: Int) -> String {
    guard case .string(let text) = operand(index) else { return "" }
    return text.string
  }

  /// A list of texts, each expanded.
  func strings(_ index: Int) -> [WireString] {
    guard case .array(let values) = operand(index) else { return [] }
    return values.map(Self.expanded)
  }

  /// A number without its fraction.
  func int(_ index: Int) -> Int {
    operand(index).map(Self.int) ?? 0
  }

  /// A number of 32 bits; higher bits are dropped, as Go's conversion does.
  func int32(_ index: Int) -> Int32 {
    Int32(truncatingIfNeeded: int(index))
  }

  /// The writes of a raw batch: type, collection, key, and optional value, name and value of metadata.
  func records(_ index: Int) -> [WriteRecord] {
    guard case .array(let lists) = operand(index) else { return [] }
    return lists.map { list in
      guard case .array(let fields) = list else { return WriteRecord() }
      let texts = fields.map(Self.expanded)
      func text(_ index: Int) -> WireString { index < texts.count ? texts[index] : .empty }
      let metadata =
        texts.count > 4 ? StateMetadata(metakey: text(4), value: text(5).bytes) : nil
      return WriteRecord(
        type: fields.first.map { Int32(truncatingIfNeeded: Self.int($0)) } ?? 0, key: text(2),
        value: text(3).bytes, collection: text(1), metadata: metadata)
    }
  }

  private func operand(_ index: Int) -> JSONValue? {
    operands.dropFirst(index).first
  }

  private static func int(_ value: JSONValue) -> Int {
    guard case .number(let number) = value else { return 0 }
    return Int(exactly: (Double(number.text) ?? 0).rounded(.towardZero)) ?? 0
  }

  private static func expanded(_ value: JSONValue) -> WireString {
    guard case .string(let text) = value else { return .empty }
    return ScriptedChaincode.expanded(text.string)
  }
}

extension Array {
  /// What `transform` makes of all elements; `nil` if it fails for one.
  fileprivate func mapAll<Result>(_ transform: (Element) -> Result?) -> [Result]? {
    var results: [Result] = []
    for element in self {
      guard let result = transform(element) else { return nil }
      results.append(result)
    }
    return results
  }
}

extension ScriptedChaincode {
  /// The text or bytes that a text of a scenario stands for.
  package static func expanded(_ text: String) -> WireString {
    if text.hasPrefix("hex:"), let bytes = [UInt8](hex: String(text.dropFirst(4))) {
      return WireString(bytes: bytes)
    }
    let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    if parts.count == 3, parts[0] == "rep", let count = Int(parts[1]),
      (0...expandedMax / max(1, parts[2].utf8.count)).contains(count)
    {
      return WireString(String(repeating: String(parts[2]), count: count))
    }
    return WireString(text)
  }

  /// What would be longer is not expanded, so that a script cannot exhaust the memory.
  private static let expandedMax = 1 << 28
}
