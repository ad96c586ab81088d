public import MessageFSM
import Synchronization

/// One end of the pair of streams between the peer and a chaincode (Fabric `inproccontroller.inProcStream`).
///
/// Messages are received in the order in which they were sent. Either side may finish at any time, any number of times; what
/// was sent before is still received. Unlike Fabric's channels, sending to a finished stream is an error and never a panic.
public final class InprocStream: Sendable {
  private let inbox: Mailbox
  private let outbox: Mailbox
  private let cancellation: RunCancellation

  private init(inbox: Mailbox, outbox: Mailbox, cancellation: RunCancellation) {
    self.inbox = inbox
    self.outbox = outbox
    self.cancellation = cancellation
  }

  /// Two ends that are crossed: what one sends, the other receives.
  public static func makePair() -> (peer: InprocStream, chaincode: InprocStream) {
    let (toPeer, toChaincode) = (Mailbox(), Mailbox())
    let cancellation = RunCancellation()
    return (
      InprocStream(inbox: toPeer, outbox: toChaincode, cancellation: cancellation),
      InprocStream(inbox: toChaincode, outbox: toPeer, cancellation: cancellation)
    )
  }

  /// What the other end sends; ends when either side has finished and everything was received.
  ///
  /// There is one receiver: read this, or let a handler of the host read, not both.
  public var incoming: AsyncStream<ChaincodeMessage> {
    AsyncStream { [inbox] in await inbox.next() }
  }

  /// Sends `message` to the other end.
  ///
  /// Returns at once; the message waits there until it is received.
  ///
  /// - Throws: ``HostError/Code/streamFinished`` if either side has finished; the message is not sent then.
  public func send(_ message: ChaincodeMessage) throws(HostError) {
    switch outbox.offer(message, suspends: false) {
    case .queued: break
    case .finished: throw Self.finished(message)
    case .borrowed(.immediate(let loop), let turn):
      outbox.giveBack(turn, verdict: loop.receive(message))
    case .borrowed(.suspending, _):
      preconditionFailure("a loop that may suspend was lent to a sender that cannot")
    }
  }

  /// A message that was handled in the place of the other end's loop, but for what is asynchronous.
  struct Delivery: Sendable {
    fileprivate let turn: Mailbox.Turn
    fileprivate let request: any PendingRequest
  }

  /// Sends `message` to the other end, and handles it in the place of the other end's loop if that waits and lends its turns.
  ///
  /// Returns when the message is handled or waits for the loop; what it returns has to be given to ``finish(_:)`` at once.
  ///
  /// - Throws: ``HostError/Code/streamFinished`` if either side has finished; the message is not sent then.
  func deliver(_ message: ChaincodeMessage) throws(HostError) -> Delivery? {
    switch outbox.offer(message, suspends: true) {
    case .queued: return nil
    case .finished: throw Self.finished(message)
    case .borrowed(.immediate(let loop), let turn):
      outbox.giveBack(turn, verdict: loop.receive(message))
      return nil
    case .borrowed(.suspending(let loop), let turn):
      switch loop.receive(message) {
      case .handled(let verdict):
        outbox.giveBack(turn, verdict: verdict)
        return nil
      case .serves(let request): return Delivery(turn: turn, request: request)
      }
    }
  }

  /// Does the asynchronous rest of a delivery.
  ///
  /// Returns when the message is handled.
  func finish(_ delivery: Delivery) async {
    await delivery.request.serve()
    outbox.giveBack(delivery.turn, verdict: nil)
  }

  private static func finished(_ message: ChaincodeMessage) -> HostError {
    HostError(.streamFinished, "send of \(message.type) on a finished stream")
  }

  /// Ends both directions.
  ///
  /// Whoever waits for a message of either end is released.
  public func finish() {
    inbox.finish()
    outbox.finish()
    cancellation.finish()
  }

  /// Moves all messages there are into `buffer`, waiting for the first; false at the end of the stream.
  func receive(into buffer: inout [ChaincodeMessage]) async -> Bool {
    await inbox.receive(into: &buffer)
  }

  /// Lets the other end's senders take the turns of the loop that receives here.
  func lend(_ loop: LentLoop) {
    inbox.lend(loop)
  }

  /// Why the loop that receives here has to end, if a sender has found a reason in its place.
  var verdict: HostError? { inbox.verdict }

  /// Notes that nobody waits for this run any more; Fabric's protocol has no message for it.
  ///
  /// The chaincode end may not have read the run's message yet, so this is kept until ``forget(run:)``.
  func mark(cancelled run: UInt64) {
    cancellation.mark(run)
  }

  /// Tells the chaincode end of a run that was marked.
  func cancel(run: UInt64) {
    cancellation.cancel(run)
  }

  /// The run has ended at the chaincode end.
  func forget(run: UInt64) {
    cancellation.forget(run)
  }

  /// Whether the peer waits for this run no more.
  func isCancelled(run: UInt64) -> Bool {
    cancellation.contains(run)
  }

  /// What the chaincode end does when the peer gives up a run.
  func onCancel(_ action: @escaping @Sendable (UInt64) -> Void) {
    cancellation.install(action)
  }
}

/// The way on which the peer end tells the chaincode end to cancel a run, beside the messages.
private final class RunCancellation: Sendable {
  private struct State {
    var action: (@Sendable (UInt64) -> Void)?
    /// The runs that were given up and have not ended at the chaincode end, as far as the peer knows.
    var runs: Set<UInt64> = []
    var finished = false
  }

  private let state = Locked(State())
  /// How many runs are marked: nearly never one, so that asking for one need not lock.
  private let count = Atomic(0)

  func install(_ action: @escaping @Sendable (UInt64) -> Void) {
    state.withLock { state in
      if !state.finished { state.action = action }
    }
  }

  func mark(_ run: UInt64) {
    state.withLock { state in
      state.runs.insert(run)
      count.store(state.runs.count, ordering: .sequentiallyConsistent)
    }
  }

  func cancel(_ run: UInt64) {
    state.withLock { $0.action }?(run)
  }

  func forget(_ run: UInt64) {
    state.withLock { state in
      state.runs.remove(run)
      count.store(state.runs.count, ordering: .sequentiallyConsistent)
    }
  }

  func contains(_ run: UInt64) -> Bool {
    count.load(ordering: .sequentiallyConsistent) > 0 && state.withLock { $0.runs.contains(run) }
  }

  /// Lets go of the chaincode's end, which ends all its runs by itself.
  func finish() {
    let action = state.withLock { state in
      state.finished = true
      return state.action.take()
    }
    _ = action
  }
}
