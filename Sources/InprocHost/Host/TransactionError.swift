public import MessageFSM

/// An error that ends one transaction, or one call that a chaincode makes in it.
public struct TransactionError: Error, Sendable, CustomStringConvertible {
  /// What kind of error; more can be added without breaking a `switch`.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String, Sendable {
      case refused, failed, deadlineExceeded, cancelled, streamEnded, duplicate, notFound, invalidArgument
      case launchFailed, stopped, violation, noProposal, unreadable, ended, retired
    }

    private let kind: Kind

    /// The peer answered a request with ERROR; the text is the peer's.
    public static let refused = Code(kind: .refused)
    /// The chaincode answered with ERROR.
    public static let failed = Code(kind: .failed)
    /// The deadline passed.
    public static let deadlineExceeded = Code(kind: .deadlineExceeded)
    /// The caller's task was cancelled.
    public static let cancelled = Code(kind: .cancelled)
    /// The stream to the chaincode ended.
    public static let streamEnded = Code(kind: .streamEnded)
    /// A transaction with that txid runs on that channel already.
    public static let duplicate = Code(kind: .duplicate)
    /// There is no such chaincode or channel.
    public static let notFound = Code(kind: .notFound)
    /// An argument breaks a rule that the text names.
    public static let invalidArgument = Code(kind: .invalidArgument)
    /// The chaincode could not be started.
    public static let launchFailed = Code(kind: .launchFailed)
    /// The host is stopping or has stopped.
    public static let stopped = Code(kind: .stopped)
    /// The chaincode sent a message that does not fit.
    public static let violation = Code(kind: .violation)
    /// The transaction has no proposal, and what was asked for is in one.
    public static let noProposal = Code(kind: .noProposal)
    /// Bytes are not the message they should be.
    public static let unreadable = Code(kind: .unreadable)
    /// The transaction is over; its stub cannot be used any more.
    public static let ended = Code(kind: .ended)

    /// The version of the chaincode was stopped before the transaction began; it is started again.
    static let retired = Code(kind: .retired)

    /// The code's name.
    public var description: String { kind.rawValue }
  }

  /// Everything, behind one pointer: whatever may fail is as small as what does not.
  private final class Content: Sendable {
    let code: Code
    let message: WireString
    let event: ChaincodeEvent?
    let waitedFor: String?
    let cause: (any Error)?

    init(_ code: Code, _ message: WireString, event: ChaincodeEvent?, waitedFor: String?, cause: (any Error)?)
    {
      self.code = code
      self.message = message
      self.event = event
      self.waitedFor = waitedFor
      self.cause = cause
    }
  }

  private let content: Content

  /// What kind of error.
  public var code: Code { content.code }
  /// The text; where Fabric has one, word for word.
  ///
  /// Bytes, since a chaincode may send any.
  public var message: WireString { content.message }
  /// The event that came with an ERROR of the chaincode.
  public var event: ChaincodeEvent? { content.event }
  /// What the transaction waited for when it ended; for a refused re-entrant call, the chain of calls.
  ///
  /// Fabric's texts tell neither.
  public var waitedFor: String? { content.waitedFor }
  /// What brought the error about.
  public var cause: (any Error)? { content.cause }

  /// An error.
  public init(
    _ code: Code, _ message: WireString, event: ChaincodeEvent? = nil, waitedFor: String? = nil,
    cause: (any Error)? = nil
  ) {
    self.content = Content(code, message, event: event, waitedFor: waitedFor, cause: cause)
  }

  /// The same error with `prefix` and a colon before the text, as Go's `errors.WithMessage`.
  func wrapped(_ prefix: String) -> TransactionError {
    TransactionError(
      code, WireString(bytes: Array("\(prefix): ".utf8) + message.bytes), event: event,
      waitedFor: waitedFor, cause: cause)
  }

  /// The text, and what the transaction waited for.
  public var description: String {
    waitedFor.map { "\(message) (waited for \($0))" } ?? message.string
  }
}

extension WireString {
  /// The text of any error: the bytes of ours, the description of others.
  package init(textOf error: any Error) {
    switch error {
    case let error as TransactionError: self = error.message
    case let error as LedgerError: self = error.message
    default: self.init(String(describing: error))
    }
  }
}
