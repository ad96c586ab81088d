// What an endorsed transaction holds (Fabric `peer/transaction.proto`, `proposal.proto`, `proposal_response.proto`).

public import MessageFSM

/// An endorsed transaction.
public struct Transaction: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.Transaction"
  /// The actions; Fabric looks at the first.
  public var actions: [TransactionAction]

  /// The message with every field at its default.
  public init() {
    self.actions = []
  }

  /// The message with these fields.
  public init(actions: [TransactionAction]) {
    self.actions = actions
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.messages(1, &actions)
  }
}

/// A proposal and what became of it.
public struct TransactionAction: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.TransactionAction"
  /// The marshalled ``SignatureHeader`` of the proposal.
  public var header: [UInt8]
  /// A marshalled ``ChaincodeActionPayload``.
  public var payload: [UInt8]

  /// The message with every field at its default.
  public init() {
    self.header = []
    self.payload = []
  }

  /// The message with these fields.
  public init(header: [UInt8] = [], payload: [UInt8] = []) {
    self.header = header
    self.payload = payload
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &header)
    coder.bytes(2, &payload)
  }
}

/// A proposal's payload and what the endorsers signed.
public struct ChaincodeActionPayload: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ChaincodeActionPayload"
  /// The marshalled ``ChaincodeProposalPayload`` without its transient map.
  public var proposalPayload: [UInt8]
  /// What the endorsers signed.
  public var action: ChaincodeEndorsedAction?

  /// The message with every field at its default.
  public init() {
    self.proposalPayload = []
    self.action = nil
  }

  /// The message with these fields.
  public init(proposalPayload: [UInt8] = [], action: ChaincodeEndorsedAction? = nil) {
    self.proposalPayload = proposalPayload
    self.action = action
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &proposalPayload)
    coder.message(2, &action)
  }
}

/// A result with the endorsements of it.
public struct ChaincodeEndorsedAction: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ChaincodeEndorsedAction"
  /// A marshalled ``ProposalResponsePayload``.
  public var responsePayload: [UInt8]
  /// The endorsements.
  public var endorsements: [Endorsement]

  /// The message with every field at its default.
  public init() {
    self.responsePayload = []
    self.endorsements = []
  }

  /// The message with these fields.
  public init(responsePayload: [UInt8], endorsements: [Endorsement] = []) {
    self.responsePayload = responsePayload
    self.endorsements = endorsements
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &responsePayload)
    coder.messages(2, &endorsements)
  }
}

/// An endorser's signature of a result.
public struct Endorsement: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.Endorsement"
  /// The marshalled identity.
  public var endorser: [UInt8]
  /// The signature.
  public var signature: [UInt8]

  /// The message with every field at its default.
  public init() {
    self.endorser = []
    self.signature = []
  }

  /// The message with these fields.
  public init(endorser: [UInt8], signature: [UInt8] = []) {
    self.endorser = endorser
    self.signature = signature
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &endorser)
    coder.bytes(2, &signature)
  }
}

/// What an endorser signs.
public struct ProposalResponsePayload: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ProposalResponsePayload"
  /// The hash of the proposal.
  public var proposalHash: [UInt8]
  /// A marshalled ``ChaincodeAction``.
  public var extension_: [UInt8]

  /// The message with every field at its default.
  public init() {
    self.proposalHash = []
    self.extension_ = []
  }

  /// The message with these fields.
  public init(proposalHash: [UInt8] = [], extension_: [UInt8] = []) {
    self.proposalHash = proposalHash
    self.extension_ = extension_
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &proposalHash)
    coder.bytes(2, &extension_)
  }
}

/// What running the chaincode gave.
public struct ChaincodeAction: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ChaincodeAction"
  /// A marshalled ``TxReadWriteSet``.
  public var results: [UInt8]
  /// A marshalled ``ChaincodeEvent``.
  public var events: [UInt8]
  /// What the chaincode answered.
  public var response: Response?
  /// The chaincode.
  public var chaincodeID: ChaincodeID?

  /// The message with every field at its default.
  public init() {
    self.results = []
    self.events = []
    self.response = nil
    self.chaincodeID = nil
  }

  /// The message with these fields.
  public init(
    results: [UInt8], events: [UInt8] = [], response: Response? = nil, chaincodeID: ChaincodeID? = nil
  ) {
    self.results = results
    self.events = events
    self.response = response
    self.chaincodeID = chaincodeID
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &results)
    coder.bytes(2, &events)
    coder.message(3, &response)
    coder.message(4, &chaincodeID)
  }
}

/// A committed envelope with the verdict on it.
public struct ProcessedTransaction: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ProcessedTransaction"
  /// The envelope.
  public var envelope: Envelope?
  /// The ``TxValidationCode``.
  public var validationCode: Int32

  /// The message with every field at its default.
  public init() {
    self.envelope = nil
    self.validationCode = 0
  }

  /// The message with these fields.
  public init(envelope: Envelope?, validationCode: Int32 = 0) {
    self.envelope = envelope
    self.validationCode = validationCode
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.message(1, &envelope)
    coder.int32(2, &validationCode)
  }
}
