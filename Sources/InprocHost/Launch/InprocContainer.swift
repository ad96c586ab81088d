import MessageFSM

/// One running chaincode: the two ends of its stream, and the signal that stops it (Fabric `inproccontroller.inprocContainer`).
final class InprocContainer: Sendable {
  let id: ChaincodeVersion
  /// Which of the host's starts has made it.
  let instance: UInt64
  private let chaincode: any Chaincode
  private let support: ChaincodeSupport
  private let stopSignal = Promise<Void>()
  private let ending = Locked(false)
  private let exit = Promise<ContainerExit>()

  init(
    _ id: ChaincodeVersion, instance: UInt64 = 0, chaincode: any Chaincode, support: ChaincodeSupport
  ) {
    self.id = id
    self.instance = instance
    self.chaincode = chaincode
    self.support = support
  }

  /// Pairs two streams, and runs the chaincode's shim on one end and the peer's handler on the other.
  ///
  /// Whichever ends first, the shim, the handler or the stop signal, both streams are finished, and it returns when all three
  /// have ended: everybody who waited has an answer then, and chaincode that ignores its cancellation has been left behind.
  func launchInProc(_ request: StartContainerRequest) async {
    let (peerEnd, chaincodeEnd) = InprocStream.makePair()
    let environment = support.environment
    let name = WireString(request.environment["CORE_CHAINCODE_ID_NAME"] ?? "")
    let first = await withTaskGroup(of: ContainerExit.self) { group in
      environment.seam?.taskStarts("shim \(id)")
      group.addTask(name: "shim \(id)") { [chaincode] in
        defer { environment.seam?.taskEnds() }
        guard !name.isEmpty else {
          return ContainerExit(
            cause: .chaincode, error: HostError(.invalidName, "error chaincode id not provided"))
        }
        let shim = ShimHandler(chaincode, id: name, stream: chaincodeEnd, environment: environment)
        return ContainerExit(cause: .chaincode, error: await shim.run())
      }
      environment.seam?.taskStarts("peer \(id)")
      group.addTask(name: "peer \(id)") { [self] in
        defer { environment.seam?.taskEnds() }
        return ContainerExit(
          cause: .peer,
          error: await support.handleChaincodeStream(peerEnd, launchID: name, container: self))
      }
      environment.seam?.taskStarts("stop \(id)")
      group.addTask(name: "stop \(id)") { [stopSignal] in
        defer { environment.seam?.taskEnds() }
        _ = await stopSignal.value()
        return ContainerExit(cause: .stopped, error: nil)
      }
      let first = await group.next() ?? ContainerExit(cause: .stopped, error: nil)
      await environment.reached(.containerEnds, by: name)
      if environment.performs(.finishStreams) { peerEnd.finish() }
      stopSignal.fulfil(())
      await group.waitForAll()
      return first
    }
    exit.fulfil(first)
  }

  /// Signals the end.
  ///
  /// May be called by anyone, any number of times.
  func stop() {
    stopSignal.fulfil(())
  }

  /// Notes that an end of the stream has ended, which ends the container.
  func beginEnd() {
    ending.withLock { $0 = true }
  }

  /// Whether the end has begun.
  var isEnding: Bool { stopSignal.current != nil || ending.withLock { $0 } }

  /// Waits until both ends are torn down, also in a cancelled task: that takes no longer than the grace period.
  func hasEnded() async {
    if await exit.value() != nil { return }
    await HostTask.shielded("end of \(id)", on: support.environment.configuration.executor) { [exit] in
      _ = await exit.value()
    }
  }

  /// Waits until both ends are torn down, or the waiting task is cancelled.
  func waitForExit() async -> ContainerExit {
    // The wait of a cancelled task ends early; the container goes on ending.
    await exit.value() ?? ContainerExit(cause: .stopped, error: nil)
  }
}
