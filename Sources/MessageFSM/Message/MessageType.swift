/// The type of a ``ChaincodeMessage``, with Fabric's numbers (`ChaincodeMessage.Type`).
public enum MessageType: Sendable, Hashable {
  /// 0, no type.
  case undefined
  /// 1, chaincode → peer: I am this chaincode.
  case register
  /// 2, peer → chaincode: the registration is accepted.
  case registered
  /// 3, peer → chaincode: run `Init`.
  case initialize
  /// 4, peer → chaincode: transactions may come.
  case ready
  /// 5, peer → chaincode: run `Invoke`.
  case transaction
  /// 6, chaincode → peer: the end of a transaction.
  case completed
  /// 7, both ways: a request or a transaction failed.
  case error
  /// 8, chaincode → peer.
  case getState
  /// 9, chaincode → peer.
  case putState
  /// 10, chaincode → peer.
  case delState
  /// 11, chaincode → peer: call another chaincode.
  case invokeChaincode
  /// 13, peer → chaincode: the answer to a request.
  case response
  /// 14, chaincode → peer.
  case getStateByRange
  /// 15, chaincode → peer.
  case getQueryResult
  /// 16, chaincode → peer: the next batch of an iterator.
  case queryStateNext
  /// 17, chaincode → peer: close an iterator.
  case queryStateClose
  /// 18, both ways.
  case keepalive
  /// 19, chaincode → peer.
  case getHistoryForKey
  /// 20, chaincode → peer (Fabric 1.3).
  case getStateMetadata
  /// 21, chaincode → peer (Fabric 1.3).
  case putStateMetadata
  /// 22, chaincode → peer (Fabric 1.4.1).
  case getPrivateDataHash
  /// 23, chaincode → peer (Fabric 2.5).
  case purgePrivateData
  /// 24, chaincode → peer (Fabric 3.1).
  case writeBatchState
  /// 25, chaincode → peer (Fabric 3.1).
  case getStateMultiple
  /// A number that Fabric gave no meaning (12 and everything from 26).
  case unrecognized(Int32)

  /// All types that Fabric knows, by number.
  public static let known: [MessageType] = [
    .undefined, .register, .registered, .initialize, .ready, .transaction, .completed, .error, .getState,
    .putState, .delState, .invokeChaincode, .response, .getStateByRange, .getQueryResult, .queryStateNext,
    .queryStateClose, .keepalive, .getHistoryForKey, .getStateMetadata, .putStateMetadata,
    .getPrivateDataHash, .purgePrivateData, .writeBatchState, .getStateMultiple,
  ]

  /// The number on the wire.
  public var number: Int32 {
    switch self {
    case .undefined: 0
    case .register: 1
    case .registered: 2
    case .initialize: 3
    case .ready: 4
    case .transaction: 5
    case .completed: 6
    case .error: 7
    case .getState: 8
    case .putState: 9
    case .delState: 10
    case .invokeChaincode: 11
    case .response: 13
    case .getStateByRange: 14
    case .getQueryResult: 15
    case .queryStateNext: 16
    case .queryStateClose: 17
    case .keepalive: 18
    case .getHistoryForKey: 19
    case .getStateMetadata: 20
    case .putStateMetadata: 21
    case .getPrivateDataHash: 22
    case .purgePrivateData: 23
    case .writeBatchState: 24
    case .getStateMultiple: 25
    case .unrecognized(let number): number
    }
  }

  /// Fabric's name of the type; the number of a type without a name.
  public var name: String {
    switch self {
    case .undefined: "UNDEFINED"
    case .register: "REGISTER"
    case .registered: "REGISTERED"
    case .initialize: "INIT"
    case .ready: "READY"
    case .transaction: "TRANSACTION"
    case .completed: "COMPLETED"
    case .error: "ERROR"
    case .getState: "GET_STATE"
    case .putState: "PUT_STATE"
    case .delState: "DEL_STATE"
    case .invokeChaincode: "INVOKE_CHAINCODE"
    case .response: "RESPONSE"
    case .getStateByRange: "GET_STATE_BY_RANGE"
    case .getQueryResult: "GET_QUERY_RESULT"
    case .queryStateNext: "QUERY_STATE_NEXT"
    case .queryStateClose: "QUERY_STATE_CLOSE"
    case .keepalive: "KEEPALIVE"
    case .getHistoryForKey: "GET_HISTORY_FOR_KEY"
    case .getStateMetadata: "GET_STATE_METADATA"
    case .putStateMetadata: "PUT_STATE_METADATA"
    case .getPrivateDataHash: "GET_PRIVATE_DATA_HASH"
    case .purgePrivateData: "PURGE_PRIVATE_DATA"
    case .writeBatchState: "WRITE_BATCH_STATE"
    case .getStateMultiple: "GET_STATE_MULTIPLE"
    case .unrecognized(let number): String(number)
    }
  }

  /// The type with this number.
  public init(number: Int32) {
    let isKnown = number >= 0 && number < Int32(Self.byNumber.count)
    self = isKnown ? Self.byNumber[Int(number)] : .unrecognized(number)
  }

  /// The type with Fabric's name for it (`GET_STATE`), or with the number as text.
  public init?(name: String) {
    if let known = Self.known.first(where: { $0.name == name }) {
      self = known
    } else if let number = Int32(name) {
      self.init(number: number)
    } else {
      return nil
    }
  }

  /// The types at the places of their numbers.
  private static let byNumber: [MessageType] = {
    var types = (0...(known.map(\.number).max() ?? 0)).map(MessageType.unrecognized)
    for type in known { types[Int(type.number)] = type }
    return types
  }()
}

extension MessageType: CustomStringConvertible {
  /// Fabric's name of the type.
  public var description: String { name }
}
