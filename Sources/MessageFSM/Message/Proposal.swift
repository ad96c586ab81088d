// What a client signs and a stub reads from (Fabric `peer/proposal.proto`, `common/common.proto`, `msp/identities.proto`).

/// A proposal with the client's signature.
public struct SignedProposal: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.SignedProposal"
  /// A marshalled ``Proposal``.
  public var proposalBytes: [UInt8]
  /// The signature of `proposalBytes`.
  public var signature: [UInt8]

  /// An empty proposal.
  public init() { self.init(proposalBytes: [], signature: []) }

  /// A signed proposal.
  public init(proposalBytes: [UInt8], signature: [UInt8]) {
    self.proposalBytes = proposalBytes
    self.signature = signature
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &proposalBytes)
    coder.bytes(2, &signature)
  }
}

/// What a client proposes: a header, and the call.
public struct Proposal: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.Proposal"
  /// A marshalled ``Header``.
  public var header: [UInt8]
  /// A marshalled ``ChaincodeProposalPayload``.
  public var payload: [UInt8]
  /// Unused.
  public var extension_: [UInt8]

  /// An empty proposal.
  public init() { self.init(header: [], payload: []) }

  /// A proposal.
  public init(header: [UInt8], payload: [UInt8], extension_: [UInt8] = []) {
    self.header = header
    self.payload = payload
    self.extension_ = extension_
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &header)
    coder.bytes(2, &payload)
    coder.bytes(3, &extension_)
  }
}

/// The two headers of a proposal or an envelope.
public struct Header: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.Header"
  /// A marshalled ``ChannelHeader``.
  public var channelHeader: [UInt8]
  /// A marshalled ``SignatureHeader``.
  public var signatureHeader: [UInt8]

  /// An empty header.
  public init() { self.init(channelHeader: [], signatureHeader: []) }

  /// A header.
  public init(channelHeader: [UInt8], signatureHeader: [UInt8]) {
    self.channelHeader = channelHeader
    self.signatureHeader = signatureHeader
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &channelHeader)
    coder.bytes(2, &signatureHeader)
  }
}

/// Which transaction on which channel.
public struct ChannelHeader: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.ChannelHeader"
  /// What a header of Fabric heads (`HeaderType`).
  public enum HeaderType: Int32, Sendable, CaseIterable {
    case message = 0
    case config = 1
    case configUpdate = 2
    case endorserTransaction = 3
    case ordererTransaction = 4
    case deliverSeekInfo = 5
    case chaincodePackage = 6

    /// Fabric's name.
    public var name: String {
      switch self {
      case .message: "MESSAGE"
      case .config: "CONFIG"
      case .configUpdate: "CONFIG_UPDATE"
      case .endorserTransaction: "ENDORSER_TRANSACTION"
      case .ordererTransaction: "ORDERER_TRANSACTION"
      case .deliverSeekInfo: "DELIVER_SEEK_INFO"
      case .chaincodePackage: "CHAINCODE_PACKAGE"
      }
    }
  }

  /// The number of a ``HeaderType``.
  public var type: Int32
  /// The version of the message protocol.
  public var version: Int32
  /// When the proposal was made.
  public var timestamp: Timestamp?
  /// The channel.
  public var channelID: WireString
  /// The transaction.
  public var txid: WireString
  /// The epoch; Fabric uses 0.
  public var epoch: UInt64
  /// A marshalled ``ChaincodeHeaderExtension`` of an endorser transaction.
  public var extension_: [UInt8]
  /// The hash of the client's TLS certificate.
  public var tlsCertHash: [UInt8]

  /// An empty header.
  public init() { self.init(type: 0, channelID: .empty, txid: .empty) }

  /// A header.
  public init(
    type: Int32, channelID: WireString, txid: WireString, timestamp: Timestamp? = nil,
    extension_: [UInt8] = [], version: Int32 = 0, epoch: UInt64 = 0, tlsCertHash: [UInt8] = []
  ) {
    self.type = type
    self.version = version
    self.timestamp = timestamp
    self.channelID = channelID
    self.txid = txid
    self.epoch = epoch
    self.extension_ = extension_
    self.tlsCertHash = tlsCertHash
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.int32(1, &type)
    coder.int32(2, &version)
    coder.message(3, &timestamp)
    coder.string(4, "channel_id", &channelID)
    coder.string(5, "tx_id", &txid)
    coder.uint64(6, &epoch)
    coder.bytes(7, &extension_)
    coder.bytes(8, &tlsCertHash)
  }
}

/// Who made a proposal.
public struct SignatureHeader: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "common.SignatureHeader"
  /// A marshalled ``SerializedIdentity``.
  public var creator: [UInt8]
  /// Random bytes that make the proposal unique.
  public var nonce: [UInt8]

  /// An empty header.
  public init() { self.init(creator: [], nonce: []) }

  /// A header.
  public init(creator: [UInt8], nonce: [UInt8]) {
    self.creator = creator
    self.nonce = nonce
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &creator)
    coder.bytes(2, &nonce)
  }
}

/// The chaincode that a proposal is for.
public struct ChaincodeHeaderExtension: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ChaincodeHeaderExtension"
  /// The chaincode.
  public var chaincodeID: ChaincodeID?

  /// No chaincode.
  public init() { self.init(chaincodeID: nil) }

  /// This chaincode.
  public init(chaincodeID: ChaincodeID?) {
    self.chaincodeID = chaincodeID
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.message(2, &chaincodeID)
  }
}

/// The call that a client proposes, with the data that must not go into the block.
public struct ChaincodeProposalPayload: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ChaincodeProposalPayload"
  /// A marshalled ``ChaincodeInvocationSpec``.
  public var input: [UInt8]
  /// What only the endorsing peer sees.
  public var transientMap: [MapEntry]

  /// An empty payload.
  public init() { self.init(input: []) }

  /// A payload.
  public init(input: [UInt8], transientMap: [MapEntry] = []) {
    self.input = input
    self.transientMap = transientMap
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.bytes(1, &input)
    coder.map(2, "TransientMap", &transientMap)
  }
}

/// The call itself.
public struct ChaincodeInvocationSpec: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "protos.ChaincodeInvocationSpec"
  /// Chaincode and arguments.
  public var chaincodeSpec: ChaincodeSpec?

  /// No call.
  public init() { self.init(chaincodeSpec: nil) }

  /// A call.
  public init(chaincodeSpec: ChaincodeSpec?) {
    self.chaincodeSpec = chaincodeSpec
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.message(1, &chaincodeSpec)
  }
}

/// An identity as a membership service provider writes it (`msp.SerializedIdentity`).
public struct SerializedIdentity: WireMessage {
  /// The name in Fabric's schema.
  public static let protoName = "msp.SerializedIdentity"
  /// The membership service provider.
  public var mspid: WireString
  /// The identity, usually a PEM certificate.
  public var idBytes: [UInt8]

  /// No identity.
  public init() { self.init(mspid: .empty, idBytes: []) }

  /// An identity.
  public init(mspid: WireString, idBytes: [UInt8]) {
    self.mspid = mspid
    self.idBytes = idBytes
  }

  /// Shows each field to `coder`.
  public mutating func fields<Coder: WireCoder>(_ coder: inout Coder) {
    coder.string(1, "mspid", &mspid)
    coder.bytes(2, &idBytes)
  }
}
