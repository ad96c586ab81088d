import MessageFSM

// Single keys, several keys, batches; in the public state and in collections.
extension ScriptOperation {
  static let stateOperations: [String: Execute] = [
    "get": { script, op in .value(try await script.stub.getState(op.string(0))) },
    "put": { script, op in
      try await script.stub.putState(op.string(0), op.bytes(1))
      return .ok
    },
    "del": { script, op in
      try await script.stub.delState(op.string(0))
      return .ok
    },
    "getMeta": { script, op in .value(try await script.stub.getStateValidationParameter(op.string(0))) },
    "putMeta": { script, op in
      try await script.stub.setStateValidationParameter(op.string(0), op.bytes(1))
      return .ok
    },
  ]

  static let batchOperations: [String: Execute] = [
    "getMultiple": { script, op in
      try await several(op.strings(0)) { try await script.stub.getMultipleStates($0) }
    },
    "getMultipleN": { script, op in
      try await several(Array(op.numbered(op.int(1)))) { try await script.stub.getMultipleStates($0) }
    },
    "getMultiplePrivate": { script, op in
      try await several(op.strings(1)) { try await script.stub.getMultiplePrivateData(op.string(0), $0) }
    },
    "putN": { script, op in
      let value = op.bytes(2)
      for key in op.numbered(op.int(1)) { try await script.stub.putState(key, value) }
      return .ok
    },
    "startBatch": { script, _ in
      script.stub.startWriteBatch()
      return .ok
    },
    "finishBatch": { script, _ in
      try await script.stub.finishWriteBatch()
      return .ok
    },
  ]

  static let privateOperations: [String: Execute] = [
    "getPrivate": { script, op in .value(try await script.stub.getPrivateData(op.string(0), op.string(1))) },
    "privateHash": { script, op in
      .value(try await script.stub.getPrivateDataHash(op.string(0), op.string(1)))
    },
    "putPrivate": { script, op in
      try await script.stub.putPrivateData(op.string(0), op.string(1), op.bytes(2))
      return .ok
    },
    "delPrivate": { script, op in
      try await script.stub.delPrivateData(op.string(0), op.string(1))
      return .ok
    },
    "purgePrivate": { script, op in
      try await script.stub.purgePrivateData(op.string(0), op.string(1))
      return .ok
    },
    "getPrivateMeta": { script, op in
      .value(try await script.stub.getPrivateDataValidationParameter(op.string(0), op.string(1)))
    },
    "putPrivateMeta": { script, op in
      try await script.stub.setPrivateDataValidationParameter(op.string(0), op.string(1), op.bytes(2))
      return .ok
    },
  ]

  /// The keys `prefix000`, `prefix001` and so on.
  private func numbered(_ count: Int) -> some Sequence<WireString> {
    let prefix = string(0)
    return (0..<min(max(0, count), Self.numberedMax)).lazy.map { number in
      let digits = String(number)
      let zeros = String(repeating: "0", count: max(0, 3 - digits.utf8.count))
      return WireString(bytes: prefix.bytes + Array((zeros + digits).utf8))
    }
  }

  /// More keys are not made, so that a script cannot exhaust the memory.
  private static let numberedMax = 1 << 20

  /// The number of values and the values; none were asked for without keys.
  private static func several(
    _ keys: [WireString], _ get: ([WireString]) async throws -> [[UInt8]?]
  ) async throws -> ScriptResult {
    let values = try await get(keys)
    guard !keys.isEmpty else { return .value(nil) }
    let shown = values.map(\.shown).joined(separator: [UInt8(ascii: ",")])
    return .text(Array("\(values.count)|".utf8) + shown)
  }
}
