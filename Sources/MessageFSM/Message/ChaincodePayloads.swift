// Identity, input and result of a chaincode (Fabric `peer/chaincode.proto`, `chaincode_event.proto`, `proposal_response.proto`).

/// Which chaincode (`ChaincodeID`); REGISTER uses the name alone.
public struct ChaincodeID: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ChaincodeID"
  /// Where the source is.
  public var path: WireString
  /// The name.
  public var name: WireString
  /// The version.
  public var version: WireString

  /// No chaincode.
  public init() { self.init(name: .empty) }

  /// A chaincode.
  public init(name: WireString, version: WireString = .empty, path: WireString = .empty) {
    self.path = path
    self.name = name
    self.version = version
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "path", &path)
    coder.string(2, "name", &name)
    coder.string(3, "version", &version)
  }
}

/// INIT and TRANSACTION: what a chaincode is called with.
public struct ChaincodeInput: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ChaincodeInput"
  /// The arguments; by convention the first is a function's name.
  public var args: [[UInt8]]
  /// What the peer's decorators added, in the order of the keys.
  public var decorations: [MapEntry]
  /// Whether this call initializes the chaincode (Fabric 2.0).
  public var isInit: Bool

  /// No arguments.
  public init() { self.init(args: []) }

  /// These arguments.
  public init(args: [[UInt8]], decorations: [MapEntry] = [], isInit: Bool = false) {
    self.args = args
    self.decorations = decorations
    self.isInit = isInit
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytesList(1, &args)
    coder.map(2, "decorations", &decorations)
    coder.bool(3, &isInit)
  }
}

/// INVOKE_CHAINCODE: which chaincode to call, and with what.
public struct ChaincodeSpec: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ChaincodeSpec"
  /// The language: 0 undefined, 1 Go, 2 Node, 3 car, 4 Java.
  public var type: Int32
  /// The chaincode, its name in the form `name[:version][/channel]`.
  public var chaincodeID: ChaincodeID?
  /// The arguments.
  public var input: ChaincodeInput?
  /// Unused by Fabric.
  public var timeout: Int32

  /// An empty specification.
  public init() { self.init(chaincodeID: nil, input: nil) }

  /// A call.
  public init(chaincodeID: ChaincodeID?, input: ChaincodeInput?, type: Int32 = 0, timeout: Int32 = 0) {
    self.type = type
    self.chaincodeID = chaincodeID
    self.input = input
    self.timeout = timeout
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int32(1, &type)
    coder.message(2, &chaincodeID)
    coder.message(3, &input)
    coder.int32(4, &timeout)
  }
}

/// What a chaincode answers; the payload of COMPLETED (`protos.Response`).
public struct Response: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.Response"
  /// Success (`shim.OK`).
  public static let ok: Int32 = 200
  /// From here on a response is an error that is not endorsed (`shim.ERRORTHRESHOLD`).
  public static let errorThreshold: Int32 = 400
  /// Failure (`shim.ERROR`).
  public static let error: Int32 = 500

  /// An HTTP-like status; any number can occur.
  public var status: Int32
  /// What went wrong.
  public var message: WireString
  /// The result.
  public var payload: [UInt8]

  /// A response without a status.
  public init() { self.init(status: 0) }

  /// A response.
  public init(status: Int32, message: WireString = .empty, payload: [UInt8] = []) {
    self.status = status
    self.message = message
    self.payload = payload
  }

  /// Status 200 with this result (`shim.Success`).
  public static func success(_ payload: [UInt8] = []) -> Response {
    Response(status: ok, payload: payload)
  }

  /// Status 500 with this message (`shim.Error`).
  public static func failure(_ message: WireString) -> Response {
    Response(status: error, message: message)
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int32(1, &status)
    coder.string(2, "message", &message)
    coder.bytes(3, &payload)
  }
}

/// What a transaction tells the applications that listen; it goes into the block.
public struct ChaincodeEvent: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ChaincodeEvent"
  /// The chaincode that set the event; the peer fills it in.
  public var chaincodeID: WireString
  /// The transaction; the peer fills it in.
  public var txid: WireString
  /// The event's name.
  public var eventName: WireString
  /// The event's content.
  public var payload: [UInt8]

  /// An event without a name.
  public init() { self.init(eventName: .empty, payload: []) }

  /// An event.
  public init(
    eventName: WireString, payload: [UInt8], chaincodeID: WireString = .empty, txid: WireString = .empty
  ) {
    self.chaincodeID = chaincodeID
    self.txid = txid
    self.eventName = eventName
    self.payload = payload
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "chaincode_id", &chaincodeID)
    coder.string(2, "tx_id", &txid)
    coder.string(3, "event_name", &eventName)
    coder.bytes(4, &payload)
  }
}

/// READY from Fabric 3.1 on: what the peer offers the shim (`ChaincodeAdditionalParams`).
public struct ChaincodeAdditionalParams: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ChaincodeAdditionalParams"
  /// Whether the peer takes WRITE_BATCH_STATE.
  public var useWriteBatch: Bool
  /// The most records of one WRITE_BATCH_STATE.
  public var maxSizeWriteBatch: UInt32
  /// Whether the peer takes GET_STATE_MULTIPLE.
  public var useGetMultipleKeys: Bool
  /// The most keys of one GET_STATE_MULTIPLE.
  public var maxSizeGetMultipleKeys: UInt32

  /// Nothing is offered.
  public init() {
    self.init(
      useWriteBatch: false, maxSizeWriteBatch: 0, useGetMultipleKeys: false, maxSizeGetMultipleKeys: 0)
  }

  /// An offer.
  public init(
    useWriteBatch: Bool, maxSizeWriteBatch: UInt32, useGetMultipleKeys: Bool,
    maxSizeGetMultipleKeys: UInt32
  ) {
    self.useWriteBatch = useWriteBatch
    self.maxSizeWriteBatch = maxSizeWriteBatch
    self.useGetMultipleKeys = useGetMultipleKeys
    self.maxSizeGetMultipleKeys = maxSizeGetMultipleKeys
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bool(1, &useWriteBatch)
    coder.uint32(2, &maxSizeWriteBatch)
    coder.bool(3, &useGetMultipleKeys)
    coder.uint32(4, &maxSizeGetMultipleKeys)
  }
}

/// A point in time (`google.protobuf.Timestamp`).
public struct Timestamp: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "google.protobuf.Timestamp"
  /// Seconds since 1970-01-01 00:00:00 UTC.
  public var seconds: Int64
  /// Nanoseconds within the second.
  public var nanos: Int32

  /// 1970-01-01.
  public init() { self.init(seconds: 0, nanos: 0) }

  /// This point in time.
  public init(seconds: Int64, nanos: Int32) {
    self.seconds = seconds
    self.nanos = nanos
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int64(1, &seconds)
    coder.int32(2, &nanos)
  }
}
