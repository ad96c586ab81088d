import MessageFSM

// Ranges, queries, history, and every way to use an iterator.
extension ScriptOperation {
  static let queryOperations: [String: Execute] = [
    "range": { script, op in try await op.range(script).drained() },
    "rangeLimit": { script, op in try await op.range(script).drained(limit: op.int(2)) },
    "rangeOpen": { script, op in .text(try await op.range(script).results(limit: op.int(2))) },
    "rangeOver": { script, op in
      let iterator = try await op.range(script)
      var text = await iterator.results()
      text += Array(";over".utf8)
      do {
        text += try await iterator.entry()
      } catch {
        text += ScriptedChaincode.shown(error)
      }
      return .text(await iterator.closed(text))
    },
    "rangeCloseTwice": { script, op in
      let iterator = try await op.range(script)
      let text = await iterator.closed(await iterator.results(limit: op.int(2)))
      return .text(text + Array(";again:".utf8) + (await iterator.closing()))
    },
    "rangeUseAfterClose": { script, op in
      let iterator = try await op.range(script)
      let text = await iterator.closed(await iterator.results(limit: op.int(2)))
      return .text(text + Array(";after:".utf8) + (await iterator.results()))
    },
    "rangeInterleave": { script, op in
      let first = try await script.stub.getStateByRange(from: op.string(0), to: op.string(1))
      let second = try await script.stub.getStateByRange(from: op.string(2), to: op.string(3))
      return .text(await interleaved([first, second]))
    },
    "query": { script, op in try await script.stub.getQueryResult(op.string(0)).drained() },
    "history": { script, op in try await script.stub.getHistoryForKey(op.string(0)).drained() },
    "privateRange": { script, op in
      try await script.stub.getPrivateDataByRange(op.string(0), from: op.string(1), to: op.string(2))
        .drained()
    },
    "privateQuery": { script, op in
      try await script.stub.getPrivateDataQueryResult(op.string(0), op.string(1)).drained()
    },
  ]

  static let pageOperations: [String: Execute] = [
    "rangePage": { script, op in
      try await script.stub.getStateByRange(
        from: op.string(0), to: op.string(1), pageSize: op.int32(2), bookmark: op.string(3)
      ).drained()
    },
    "partialPage": { script, op in
      try await script.stub.getStateByPartialCompositeKey(
        op.string(0), op.strings(1), pageSize: op.int32(2), bookmark: op.string(3)
      ).drained()
    },
    "queryPage": { script, op in
      try await script.stub.getQueryResult(op.string(0), pageSize: op.int32(1), bookmark: op.string(2))
        .drained()
    },
    "allCompositePage": { script, op in
      try await script.stub.getAllStatesCompositeKey(pageSize: op.int32(0), bookmark: op.string(1)).drained()
    },
  ]

  static let compositeOperations: [String: Execute] = [
    "compositeKey": { script, op in
      .value(try script.stub.createCompositeKey(op.string(0), op.strings(1)).bytes)
    },
    "splitComposite": { script, op in
      let parts = try script.stub.splitCompositeKey(op.string(0))
      let all = [parts.objectType] + parts.attributes
      return .text(Array(all.map(\.bytes.hexBytes).joined(separator: comma)))
    },
    "putComposite": { script, op in
      let key = try script.stub.createCompositeKey(op.string(0), op.strings(1))
      try await script.stub.putState(key, op.bytes(2))
      return .ok
    },
    "putPrivateComposite": { script, op in
      let key = try script.stub.createCompositeKey(op.string(1), op.strings(2))
      try await script.stub.putPrivateData(op.string(0), key, op.bytes(3))
      return .ok
    },
    "partial": { script, op in
      try await script.stub.getStateByPartialCompositeKey(op.string(0), op.strings(1)).drained()
    },
    "privatePartial": { script, op in
      try await script.stub.getPrivateDataByPartialCompositeKey(op.string(0), op.string(1), op.strings(2))
        .drained()
    },
  ]

  private func range(_ script: ScriptContext) async throws -> StateQueryIterator {
    try await script.stub.getStateByRange(from: string(0), to: string(1))
  }

  /// One result of each iterator in turn while there is any, then both are closed.
  private static func interleaved(_ iterators: [StateQueryIterator]) async -> [UInt8] {
    var entries: [[UInt8]] = []
    var failure: [UInt8] = []
    rounds: while iterators.contains(where: \.hasNext) {
      for (index, iterator) in iterators.enumerated() where iterator.hasNext {
        do {
          entries.append(Array("\(index + 1).".utf8) + (try await iterator.entry()))
        } catch {
          failure = [UInt8(ascii: ";")] + ScriptedChaincode.shown(error)
          break rounds
        }
      }
    }
    var text = Array(entries.joined(separator: comma)) + failure
    for iterator in iterators { text += [UInt8(ascii: ";")] + (await iterator.closing()) }
    return text
  }
}

private let comma = [UInt8(ascii: ",")]

/// What a script does with the iterators of states and of history alike.
private protocol ScriptIterator: Sendable {
  var hasNext: Bool { get }
  func entry() async throws -> [UInt8]
  func close() async throws(TransactionError)
}

extension ScriptIterator {
  /// The results up to the end, or to the first error, or so many.
  fileprivate func results(limit: Int = .max) async -> [UInt8] {
    var entries: [[UInt8]] = []
    var failure: [UInt8] = []
    while entries.count < limit, hasNext {
      do {
        entries.append(try await entry())
      } catch {
        failure = [UInt8(ascii: ";")] + ScriptedChaincode.shown(error)
        break
      }
    }
    return entries.joined(separator: comma) + failure
  }

  /// Closes the iterator; an error is put behind `text`.
  fileprivate func closed(_ text: [UInt8]) async -> [UInt8] {
    do {
      try await close()
      return text
    } catch {
      return text + Array(";close".utf8) + ScriptedChaincode.shown(error)
    }
  }

  /// Closes the iterator and says how that went.
  fileprivate func closing() async -> [UInt8] {
    do {
      try await close()
      return Array("ok".utf8)
    } catch {
      return ScriptedChaincode.shown(error)
    }
  }

  fileprivate func drained(limit: Int = .max) async -> ScriptResult {
    .text(await closed(await results(limit: limit)))
  }
}

extension StateQueryIterator: ScriptIterator {
  fileprivate func entry() async throws -> [UInt8] {
    let kv = try await next()
    return kv.key.bytes.hexBytes + [UInt8(ascii: ":")] + kv.value.hexBytes
  }
}

extension HistoryQueryIterator: ScriptIterator {
  fileprivate func entry() async throws -> [UInt8] {
    let entry = try await next()
    let place = "@\((entry.timestamp ?? Timestamp()).shown):\(entry.isDelete):"
    return entry.txid.bytes + Array(place.utf8) + entry.value.hexBytes
  }
}

extension StateQueryPage {
  fileprivate func drained() async -> ScriptResult {
    let head = Array("\(fetchedRecordsCount)|".utf8) + bookmark.bytes.hexBytes + [UInt8(ascii: "|")]
    return .text(head + (await iterator.closed(await iterator.results())))
  }
}

extension Timestamp {
  /// Seconds, a point, and nine digits.
  var shown: String {
    let digits = String(nanos)
    return "\(seconds)." + String(repeating: "0", count: max(0, 9 - digits.utf8.count)) + digits
  }
}
