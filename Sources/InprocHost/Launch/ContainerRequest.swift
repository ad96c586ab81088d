/// A kind of container that chaincode can run in; who runs it is asked for by this name.
public struct ContainerType: Sendable, Hashable, CustomStringConvertible {
  /// The name, such as `SYSTEM`.
  public let description: String

  /// A container type of this name.
  public init(_ name: String) {
    self.description = name
  }

  /// In this process.
  public static let system = ContainerType("SYSTEM")
}

/// Why a chaincode does not run any more.
public struct ContainerExit: Sendable {
  /// Who ended it.
  public enum Cause: String, Sendable, Hashable {
    /// The chaincode's end of the stream.
    case chaincode
    /// The peer's end of the stream.
    case peer
    /// It was stopped.
    case stopped
  }

  /// Who ended it.
  public let cause: Cause
  /// With which error; `nil` when it was stopped.
  public let error: HostError?
}

/// Runs chaincodes of one container type (Fabric `container.VM`).
public protocol VM: Sendable {
  /// Starts a chaincode. Returns when it runs, before it has registered.
  ///
  /// - Throws: ``HostError`` if it is not registered, or runs already.
  func start(_ request: StartContainerRequest) async throws(HostError)

  /// Stops a chaincode. Returns when both ends are torn down, at the latest after the grace period.
  ///
  /// - Throws: ``HostError`` if it is not registered, or does not run.
  func stop(_ request: StopContainerRequest) async throws(HostError)

  /// Waits until a chaincode does not run any more.
  ///
  /// - Throws: ``HostError`` if it is not registered, or does not run.
  func wait(_ request: WaitContainerRequest) async throws(HostError) -> ContainerExit
}

/// Asks to start a chaincode (Fabric `container.StartContainerReq`).
public struct StartContainerRequest: Sendable {
  /// The chaincode.
  public let id: ChaincodeVersion
  /// What a process would be started with.
  public let arguments: [String]
  /// The environment a process would have.
  public let environment: [String: String]
  /// Which of the host's starts it is, counted from 1: a stop names the one that it is for.
  public var instance: UInt64 = 0
}

/// Asks to stop a chaincode (Fabric `container.StopContainerReq`).
public struct StopContainerRequest: Sendable {
  /// The chaincode.
  public let id: ChaincodeVersion
  /// Which start of it is to be stopped, and no later one; `nil` is whichever runs.
  public var instance: UInt64?
}

/// Asks to wait for the end of a chaincode (Fabric `container.WaitContainerReq`).
public struct WaitContainerRequest: Sendable {
  /// The chaincode.
  public let id: ChaincodeVersion
}
