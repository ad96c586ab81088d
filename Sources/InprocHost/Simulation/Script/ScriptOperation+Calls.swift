import MessageFSM

// The transaction itself, other chaincodes, the end, and messages that no stub would send.
extension ScriptOperation {
  static let contextOperations: [String: Execute] = [
    "txid": { script, _ in .text(script.stub.txid.bytes) },
    "channel": { script, _ in .text(script.stub.channelID.bytes) },
    "args": { script, _ in list(script.stub.args) },
    "stringArgs": { script, _ in list(script.stub.stringArgs.map(\.bytes)) },
    "function": { script, _ in
      let (function, parameters) = script.stub.functionAndParameters
      return .text(function.bytes + [UInt8(ascii: "|")] + hexList(parameters.map(\.bytes)))
    },
    "argsSlice": { script, _ in .value(script.stub.argsSlice) },
    "creator": { script, _ in .nonEmpty(script.stub.creator) },
    "binding": { script, _ in .nonEmpty(script.stub.binding) },
    "transient": { script, _ in entries(script.stub.transient) },
    "decorations": { script, _ in entries(script.stub.decorations) },
    "timestamp": { script, _ in .text(try script.stub.txTimestamp().shown) },
    "signedProposalHash": { script, _ in
      .value(script.stub.signedProposal.map { SHA256.hash($0.wireBytes()) })
    },
  ]

  static let callOperations: [String: Execute] = [
    "call": { script, op in
      let args = ScriptedChaincode.input(op.verbatim(2)).args
      return called(await script.stub.invokeChaincode(op.string(0), args: args, channel: op.string(1)))
    },
    "callArgs": { script, op in
      let args = op.strings(2).map(\.bytes)
      return called(await script.stub.invokeChaincode(op.string(0), args: args, channel: op.string(1)))
    },
    "event": { script, op in
      try script.stub.setEvent(op.string(0), payload: op.bytes(1))
      return .ok
    },
    "sleep": { script, op in
      try await script.clock.sleep(for: .milliseconds(op.int(0)))
      return .ok
    },
    "return": { _, op in .end(.success(op.bytes(0))) },
    "fail": { _, op in .end(.failure(op.string(0))) },
    "status": { _, op in
      .end(Response(status: op.int32(0), message: op.string(1), payload: op.bytes(2)))
    },
  ]

  static let rawOperations: [String: Execute] = [
    "rawPut": { script, op in
      await sent(
        script, .putState(PutState(key: op.string(1), value: op.bytes(2), collection: op.string(0))))
    },
    "rawDel": { script, op in
      await sent(script, .delState(DelState(key: op.string(1), collection: op.string(0))))
    },
    "rawPurge": { script, op in
      let purge = PurgePrivateState(key: op.string(1), collection: op.string(0))
      return await sent(script, .purgePrivateData(purge))
    },
    "rawMultiple": { script, op in
      let get = GetStateMultiple(keys: op.strings(1), collection: op.string(0))
      return await sent(script, .getStateMultiple(get))
    },
    "rawBatch": { script, op in
      await sent(script, .writeBatchState(WriteBatchState(records: op.records(0))))
    },
    "rawSend": { script, op in
      guard let type = MessageType(name: op.verbatim(0)) else {
        return .text("!unknown message type \(op.verbatim(0))")
      }
      return await sent(script, Payload(type: type, wireBytes: op.bytes(1)))
    },
  ]

  private static func list(_ values: [[UInt8]]) -> ScriptResult {
    .text(hexList(values))
  }

  private static func hexList(_ values: [[UInt8]]) -> [UInt8] {
    Array(values.map(\.hexBytes).joined(separator: [UInt8(ascii: ",")]))
  }

  private static func entries(_ entries: [MapEntry]) -> ScriptResult {
    let shown = entries.sorted { $0.key < $1.key }.map { entry in
      entry.key.bytes.hexBytes + [UInt8(ascii: ":")] + entry.value.hexBytes
    }
    return .text(Array(shown.joined(separator: [UInt8(ascii: ",")])))
  }

  private static func called(_ response: Response) -> ScriptResult {
    let payload: [UInt8]? = response.payload.isEmpty ? nil : response.payload
    return .text(
      Array("\(response.status)|".utf8) + response.message.bytes + [UInt8(ascii: "|")] + payload.shown)
  }

  /// Sends a message past the checks of the stub and shows what came back.
  private static func sent(_ script: ScriptContext, _ payload: Payload) async -> ScriptResult {
    do throws(TransactionError) {
      let answer = try await script.stub.transaction.call(payload)
      let bytes: [UInt8]? =
        switch answer {
        case .bytes(let bytes): bytes.isEmpty ? nil : bytes
        case .query, .metadata, .multiple, .message: answer.wireBytes()
        }
      return .text(Array("RESPONSE|".utf8) + bytes.shown)
    } catch {
      guard error.code == .refused else { return .text(ScriptedChaincode.shown(error)) }
      return .text(Array("ERROR|".utf8) + error.message.bytes)
    }
  }
}
