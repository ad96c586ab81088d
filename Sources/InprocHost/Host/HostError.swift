/// An error of the host, wider than one transaction: registering, launching, stopping, streams.
public struct HostError: Error, Sendable, CustomStringConvertible {
  /// What kind of error; more can be added without breaking a `switch`.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String, Sendable {
      case alreadyRegistered, notRegistered, alreadyRunning, notRunning, notFound, launchFailed,
        launchTimedOut
      case registrationRefused, unsupportedContainerType, invalidName, streamFinished, streamEnded
      case notStarted, alreadyStarted, stopped, deployFailed, cancelled
    }

    private let kind: Kind

    /// A chaincode of that name and version is registered already.
    public static let alreadyRegistered = Code(kind: .alreadyRegistered)
    /// No chaincode of that name and version is registered.
    public static let notRegistered = Code(kind: .notRegistered)
    /// The chaincode runs already.
    public static let alreadyRunning = Code(kind: .alreadyRunning)
    /// The chaincode does not run.
    public static let notRunning = Code(kind: .notRunning)
    /// There is no such chaincode, instance or channel.
    public static let notFound = Code(kind: .notFound)
    /// The chaincode could not be started.
    public static let launchFailed = Code(kind: .launchFailed)
    /// The chaincode did not register within the start-up timeout.
    public static let launchTimedOut = Code(kind: .launchTimedOut)
    /// The peer did not accept a REGISTER.
    public static let registrationRefused = Code(kind: .registrationRefused)
    /// No VM provider is there for the container type.
    public static let unsupportedContainerType = Code(kind: .unsupportedContainerType)
    /// A name is empty or has a character that a chaincode's name cannot have.
    public static let invalidName = Code(kind: .invalidName)
    /// The stream was finished before the message could be sent.
    public static let streamFinished = Code(kind: .streamFinished)
    /// A message that does not fit ended the stream.
    public static let streamEnded = Code(kind: .streamEnded)
    /// The host does not run yet.
    public static let notStarted = Code(kind: .notStarted)
    /// The host runs, or ran, already.
    public static let alreadyStarted = Code(kind: .alreadyStarted)
    /// The host is stopping or has stopped.
    public static let stopped = Code(kind: .stopped)
    /// A chaincode's deployment failed.
    public static let deployFailed = Code(kind: .deployFailed)

    /// The caller's task was cancelled.
    public static let cancelled = Code(kind: .cancelled)

    /// The code's name.
    public var description: String { kind.rawValue }
  }

  /// What kind of error.
  public var code: Code
  /// The text; where Fabric has one, word for word.
  public var message: String
  /// What brought the error about.
  public var cause: (any Error)?

  /// An error.
  public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// The same error with `prefix` and a colon before the text, as Go's `errors.WithMessage`.
  func wrapped(_ prefix: String) -> HostError {
    HostError(code, "\(prefix): \(message)", cause: cause)
  }

  /// The text.
  public var description: String { message }
}
