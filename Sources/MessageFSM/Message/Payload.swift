/// What a ``ChaincodeMessage`` carries: its type and its typed content, which in process is never marshalled.
public enum Payload: Sendable, Hashable {
  case undefined
  indirect case register(ChaincodeID)
  case registered
  case initialize(ChaincodeInput)
  case ready(ChaincodeAdditionalParams?)
  case transaction(ChaincodeInput)
  case completed(Response)
  /// The text of a failure, in both directions.
  case error(WireString)
  case getState(GetState)
  case putState(PutState)
  case delState(DelState)
  indirect case invokeChaincode(ChaincodeSpec)
  case response(Answer)
  indirect case getStateByRange(GetStateByRange)
  indirect case getQueryResult(GetQueryResult)
  case queryStateNext(QueryStateNext)
  case queryStateClose(QueryStateClose)
  case keepalive
  case getHistoryForKey(GetHistoryForKey)
  case getStateMetadata(GetStateMetadata)
  indirect case putStateMetadata(PutStateMetadata)
  case getPrivateDataHash(GetState)
  case purgePrivateData(PurgePrivateState)
  case writeBatchState(WriteBatchState)
  case getStateMultiple(GetStateMultiple)
  /// Bytes that came over a wire and are not this type's payload exactly as Fabric writes it, or a type without a name.
  case raw(MessageType, [UInt8])

  /// The type of the message.
  public var type: MessageType {
    switch self {
    case .undefined: .undefined
    case .register: .register
    case .registered: .registered
    case .initialize: .initialize
    case .ready: .ready
    case .transaction: .transaction
    case .completed: .completed
    case .error: .error
    case .getState: .getState
    case .putState: .putState
    case .delState: .delState
    case .invokeChaincode: .invokeChaincode
    case .response: .response
    case .getStateByRange: .getStateByRange
    case .getQueryResult: .getQueryResult
    case .queryStateNext: .queryStateNext
    case .queryStateClose: .queryStateClose
    case .keepalive: .keepalive
    case .getHistoryForKey: .getHistoryForKey
    case .getStateMetadata: .getStateMetadata
    case .putStateMetadata: .putStateMetadata
    case .getPrivateDataHash: .getPrivateDataHash
    case .purgePrivateData: .purgePrivateData
    case .writeBatchState: .writeBatchState
    case .getStateMultiple: .getStateMultiple
    case .raw(let type, _): type
    }
  }
}

/// What a RESPONSE carries; which of them follows from the request that it answers.
public enum Answer: Sendable, Hashable {
  /// A value, a hash, nothing, or bytes that came over a wire.
  case bytes([UInt8])
  /// A batch of query results.
  indirect case query(QueryResponse)
  /// The metadata of a key.
  case metadata(StateMetadataResult)
  /// The values of several keys.
  case multiple(GetStateMultipleResult)
  /// The last message of a called chaincode, COMPLETED or ERROR.
  indirect case message(ChaincodeMessage)

  /// The bytes of the RESPONSE's payload.
  public func wireBytes() -> [UInt8] {
    switch self {
    case .bytes(let bytes): bytes
    case .query(let response): response.wireBytes()
    case .metadata(let result): result.wireBytes()
    case .multiple(let result): result.wireBytes()
    case .message(let message): message.wireBytes()
    }
  }
}
