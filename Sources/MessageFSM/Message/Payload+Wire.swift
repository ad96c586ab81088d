extension Payload {
  /// The bytes of `ChaincodeMessage.payload`.
  public func wireBytes() -> [UInt8] {
    switch self {
    case .undefined, .registered, .keepalive: []
    case .register(let id): id.wireBytes()
    case .initialize(let input), .transaction(let input): input.wireBytes()
    case .ready(let params): params?.wireBytes() ?? []
    case .completed(let response): response.wireBytes()
    case .error(let text): text.bytes
    case .getState(let get), .getPrivateDataHash(let get): get.wireBytes()
    case .putState(let put): put.wireBytes()
    case .delState(let del): del.wireBytes()
    case .invokeChaincode(let spec): spec.wireBytes()
    case .response(let answer): answer.wireBytes()
    case .getStateByRange(let range): range.wireBytes()
    case .getQueryResult(let query): query.wireBytes()
    case .queryStateNext(let next): next.wireBytes()
    case .queryStateClose(let close): close.wireBytes()
    case .getHistoryForKey(let history): history.wireBytes()
    case .getStateMetadata(let get): get.wireBytes()
    case .putStateMetadata(let put): put.wireBytes()
    case .purgePrivateData(let purge): purge.wireBytes()
    case .writeBatchState(let batch): batch.wireBytes()
    case .getStateMultiple(let get): get.wireBytes()
    case .raw(_, let bytes): bytes
    }
  }

  /// The payload of a message that came over a wire.
  ///
  /// Bytes that cannot be read, or that are not what Fabric would write for the same content, are kept as ``raw(_:_:)``, so
  /// that ``wireBytes()`` gives them back exactly; ``typed()`` says what they mean or why they cannot be read.
  public init(type: MessageType, wireBytes: [UInt8]) {
    let raw = Payload.raw(type, wireBytes)
    guard let typed = try? raw.typed(), typed.wireBytes() == wireBytes else {
      self = raw
      return
    }
    self = typed
  }

  /// This payload with its bytes read, if they were kept as they came.
  ///
  /// A type without a payload ignores its bytes, as Fabric does; a type without a name stays as it is.
  ///
  /// - Throws: ``WireError`` if the bytes are not the payload of the type.
  public func typed() throws(WireError) -> Payload {
    guard case .raw(let type, let bytes) = self else { return self }
    switch type {
    case .undefined: return .undefined
    case .register: return .register(try ChaincodeID(wireBytes: bytes))
    case .registered: return .registered
    case .initialize: return .initialize(try ChaincodeInput(wireBytes: bytes))
    case .ready: return .ready(bytes.isEmpty ? nil : try ChaincodeAdditionalParams(wireBytes: bytes))
    case .transaction: return .transaction(try ChaincodeInput(wireBytes: bytes))
    case .completed: return .completed(try Response(wireBytes: bytes))
    case .error: return .error(WireString(bytes: bytes))
    case .getState: return .getState(try GetState(wireBytes: bytes))
    case .putState: return .putState(try PutState(wireBytes: bytes))
    case .delState: return .delState(try DelState(wireBytes: bytes))
    case .invokeChaincode: return .invokeChaincode(try ChaincodeSpec(wireBytes: bytes))
    case .response: return .response(.bytes(bytes))
    case .getStateByRange: return .getStateByRange(try GetStateByRange(wireBytes: bytes))
    case .getQueryResult: return .getQueryResult(try GetQueryResult(wireBytes: bytes))
    case .queryStateNext: return .queryStateNext(try QueryStateNext(wireBytes: bytes))
    case .queryStateClose: return .queryStateClose(try QueryStateClose(wireBytes: bytes))
    case .keepalive: return .keepalive
    case .getHistoryForKey: return .getHistoryForKey(try GetHistoryForKey(wireBytes: bytes))
    case .getStateMetadata: return .getStateMetadata(try GetStateMetadata(wireBytes: bytes))
    case .putStateMetadata: return .putStateMetadata(try PutStateMetadata(wireBytes: bytes))
    case .getPrivateDataHash: return .getPrivateDataHash(try GetState(wireBytes: bytes))
    case .purgePrivateData: return .purgePrivateData(try PurgePrivateState(wireBytes: bytes))
    case .writeBatchState: return .writeBatchState(try WriteBatchState(wireBytes: bytes))
    case .getStateMultiple: return .getStateMultiple(try GetStateMultiple(wireBytes: bytes))
    case .unrecognized: return self
    }
  }
}
