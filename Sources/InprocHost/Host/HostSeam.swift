public import MessageFSM

/// Where a simulation takes hold of a host: the only way in, and one branch where there is none.
///
/// A host that is given a seam tells it which tasks begin and end, stops at named points for as long as the seam likes, and asks
/// before it does what others depend on. A seam that lets everything pass changes nothing. The host calls it outside of its locks.
/// It is an object, since to look whether there is one would otherwise copy it, a dozen times in every read.
public protocol HostSeam: AnyObject, Sendable {
  /// The host is about to make a task of this name, in the next thing it does.
  func taskStarts(_ name: String)

  /// The task that runs has done its work.
  func taskEnds()

  /// The host is at a point at which anything else may happen first. Returns when it shall go on.
  ///
  /// - Parameters:
  ///   - point: the point.
  ///   - chaincode: the chaincode that it is about.
  ///   - state: the state of the machine that is concerned.
  /// - Returns: false to let the end of the stream come here, where the point is one of a message loop.
  func reached(
    _ point: HostPoint, by chaincode: WireString, in state: @autoclosure () -> MachineState
  ) async -> Bool

  /// Whether who sends may take the turn of the loop that receives, where that waits; otherwise every message goes through the loop.
  var lendsTurns: Bool { get }

  /// An end of a stream handles a message in this state of its machine.
  func handles(_ type: MessageType, by end: StreamEnd, in state: String)

  /// Whether the host does what comes next. A test that every step is missed by somebody answers false.
  func performs(_ step: HostStep) -> Bool
}

/// Points of a host between which it gives up nothing that others could take.
public enum HostPoint: String, Sendable, Hashable, CaseIterable {
  /// The peer's loop has taken a message and not handled it.
  case peerReceives
  /// The chaincode's loop has taken a message and not handled it.
  case shimReceives
  /// A launch begins; the container does not exist yet.
  case launchBegins
  /// The launch that somebody waited for has ended; its handler was not looked for yet.
  case launchEnded
  /// A handler was found; the transaction has not begun there.
  case executeBegins
  /// One end of a container has ended; the streams are not finished yet.
  case containerEnds
  /// A ledger or another chaincode has answered; the answer was not sent yet.
  case answerIsReady
}

/// Steps of a host without which something goes wrong: waits for ever, is left behind, or is given to the wrong one.
public enum HostStep: String, Sendable, Hashable, CaseIterable {
  /// Tells the outcome of a transaction to whoever waits for it.
  case deliverOutcome
  /// Forgets a transaction that has ended.
  case releaseContext
  /// Takes the deadline of a transaction back when it has ended.
  case takeBackDeadline
  /// Sets the deadline of a transaction.
  case watchDeadline
  /// Closes the iterators that a transaction leaves open.
  case closeIterators
  /// Refuses a txid that is open on the channel.
  case refuseDuplicate
  /// Tells a late answer to an earlier use of a txid from one to this use.
  case distinguishRuns
  /// Ends all transactions of a stream that has ended.
  case failOpenTransactions
  /// Ends the chaincode's task of a transaction that nobody waits for any more.
  case cancelChaincode
  /// Ends a nested call with its caller, where no task waits for the call.
  case endCallee
  /// Bounds the deadline of a nested call by its caller's.
  case shrinkDeadline
  /// Closes the simulator of a call to another channel.
  case closeForeignSimulator
  /// Waits for the tasks of a stream that has ended.
  case joinTasks
  /// Cancels the tasks of a stream that has ended.
  case cancelTasks
  /// Tells whoever waits for the tasks of a stream that the last has ended.
  case countTaskEnds
  /// Takes a handler out of the registry only if it is the one that is in it.
  case checkIdentity
  /// Tells those who wait for a launch that the chaincode is ready.
  case notifyReady
  /// Lets the next request for a chaincode through.
  case unlockChaincode
  /// Finishes both streams when one end has ended.
  case finishStreams
  /// Signals all containers when the host stops.
  case stopContainers
  /// Fails the calls of a chaincode whose stream has ended.
  case failCalls
  /// Gives an answer to the call that waits for it.
  case resumeCall
  /// Keeps a call until the one before it is answered.
  case waitForTurn
}
