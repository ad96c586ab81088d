public import MessageFSM

/// The state of one of the four machines of a transaction's way, or none of them: where something has gone wrong.
public enum MachineState: Int, Sendable, Hashable, CaseIterable {
  /// No end and no transaction is there, or not yet.
  case outside
  /// The peer's end: the chaincode has not registered.
  case peerCreated
  /// The peer's end: REGISTERED was sent, READY was not.
  case peerEstablished
  /// The peer's end: transactions may run.
  case peerReady
  /// The peer's end: the stream has ended.
  case peerEnded
  /// The chaincode's end: REGISTER was sent.
  case chaincodeCreated
  /// The chaincode's end: REGISTERED came.
  case chaincodeEstablished
  /// The chaincode's end: READY came.
  case chaincodeReady
  /// The chaincode's end: the stream has ended.
  case chaincodeEnded
  /// The transaction at the peer: the chaincode computes.
  case peerComputing
  /// The transaction at the peer: a request is being served.
  case peerServing
  /// The transaction at the peer: it has its result.
  case peerOver
  /// The transaction at the chaincode: no call waits for an answer.
  case chaincodeComputing
  /// The transaction at the chaincode: a call waits for its answer.
  case chaincodeCalling
  /// The transaction at the chaincode: it has returned, or nobody waits for it any more.
  case chaincodeOver

  /// The state of the peer's end.
  public init(_ state: PeerStateMachine.State) {
    switch state {
    case .created: self = .peerCreated
    case .established: self = .peerEstablished
    case .ready: self = .peerReady
    case .ended: self = .peerEnded
    }
  }

  /// The state of the chaincode's end.
  public init(_ state: ShimStateMachine.State) {
    switch state {
    case .created: self = .chaincodeCreated
    case .established: self = .chaincodeEstablished
    case .ready: self = .chaincodeReady
    case .ended: self = .chaincodeEnded
    }
  }

  /// The state of a transaction at the peer.
  public init(_ state: PeerTransactionMachine.State) {
    switch state {
    case .computing: self = .peerComputing
    case .serving: self = .peerServing
    case .ended: self = .peerOver
    }
  }

  /// The state of a transaction at the chaincode.
  public init(_ state: ShimTransactionMachine.State) {
    switch state {
    case .computing: self = .chaincodeComputing
    case .calling: self = .chaincodeCalling
    case .ended: self = .chaincodeOver
    }
  }
}
