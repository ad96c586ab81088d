public import MessageFSM
import Synchronization

/// Hosts chaincodes inside this process: a registry, launches, transactions, and an orderly end.
///
/// ```swift
/// try await withChaincodeHost(configuration) { host in
///   try host.register(Assets(), as: SystemChaincodeDescriptor(name: "assets"))
///   try await host.deploy()
///   let result = try await host.execute("assets", ["get", "car1"], channel: "trade")
/// }
/// ```
///
/// All work is done inside ``run()``; nothing starts before, and nothing is left when it has returned.
public final class ChaincodeHost: Sendable {
  private enum Phase: UInt8, AtomicRepresentable {
    case idle
    /// Stopped before it ran.
    case cancelled
    case running
    case stopping
    case ended
  }

  let environment: HostEnvironment
  private let chaincodes = Registry()
  let support: ChaincodeSupport
  /// Not behind a lock: every transaction asks for it.
  private let phase = Atomic(Phase.idle)
  private let deployments = Atomic<UInt64>(0)
  private let started = Promise<Bool>()
  private let stopSignal = Promise<Void>()
  private let ended = Promise<Void>()

  /// A host that does not run yet.
  public init(_ configuration: HostConfiguration) {
    self.environment = HostEnvironment(configuration)
    self.support = ChaincodeSupport(environment: environment, chaincodes: chaincodes)
  }

  /// What the host was configured with.
  public var configuration: HostConfiguration { environment.configuration }

  // MARK: Life

  /// Does the host's work.
  ///
  /// Returns when ``stop()`` was called, or its task is cancelled, and everything has ended: all transactions have their answer,
  /// all streams are finished, and chaincode that ignores its cancellation was left behind after the grace period. A stop that
  /// came before is remembered: it returns at once then.
  ///
  /// - Throws: ``HostError/Code/alreadyStarted`` when it was called before.
  public func run() async throws(HostError) {
    switch begin(as: .running) {
    case .idle: break
    case .cancelled: return
    case .running, .stopping, .ended: throw HostError(.alreadyStarted, "the host runs, or ran, already")
    }
    defer {
      phase.store(.ended, ordering: .sequentiallyConsistent)
      ended.fulfil(())
    }
    // A cancelled task cannot wait, not even for a grace period; so cancellation is a stop, and the work itself is not cancelled.
    await withTaskCancellationHandler {
      await HostTask.shielded("host", on: environment.configuration.executor) { [self] in await work() }
    } onCancel: {
      stopSignal.fulfil(())
    }
  }

  private func work() async {
    await withTaskGroup(of: Void.self) { group in
      environment.seam?.taskStarts("timers")
      group.addTask(name: "timers") { [environment] in
        await environment.timers.run()
        environment.seam?.taskEnds()
      }
      environment.seam?.taskStarts("stop")
      group.addTask(name: "stop") { [self] in
        _ = await stopSignal.value()
        phase.store(.stopping, ordering: .sequentiallyConsistent)
        environment.work.close()
        support.calls.stop()
        if environment.performs(.stopContainers) { support.stopAll() }
        environment.seam?.taskEnds()
      }
      started.fulfil(true)
      await environment.work.run()
      stopSignal.fulfil(())
      await support.calls.close()
      group.cancelAll()
    }
  }

  /// Waits until ``run()`` has begun.
  ///
  /// False if the host was stopped before.
  public func hasStarted() async -> Bool {
    await started.value() ?? false
  }

  /// Stops everything.
  ///
  /// Returns when nothing is left; may be called any number of times, also before ``run()``.
  public func stop() async {
    switch begin(as: .cancelled) {
    case .idle, .cancelled: started.fulfil(false)
    case .running, .stopping, .ended:
      stopSignal.fulfil(())
      _ = await ended.value()
    }
  }

  /// Leaves the first phase, and returns the one that the host was in.
  private func begin(as next: Phase) -> Phase {
    phase.compareExchange(expected: .idle, desired: next, ordering: .sequentiallyConsistent).original
  }

  // MARK: Chaincodes

  /// Makes a system chaincode known.
  ///
  /// It is started by ``deploy(channel:)``; versions of one name stand side by side. One that is disabled only keeps its name.
  ///
  /// - Throws: ``HostError/Code/alreadyRegistered`` if that version is, or the name is kept for a chaincode that is disabled;
  ///   ``HostError/Code/invalidName``.
  public func register(
    _ chaincode: any Chaincode, as descriptor: SystemChaincodeDescriptor
  ) throws(HostError) {
    let id = descriptor.id(environment.version)
    try Registry.check(id)
    // The table first: it decides between two who register a name at the same time.
    try support.systemChaincodes.add(descriptor, fabric: environment.version)
    if descriptor.enabled { try chaincodes.register(chaincode, as: id) }
  }

  func addVersion(_ chaincode: any Chaincode, as id: ChaincodeVersion) throws(HostError) {
    try chaincodes.register(chaincode, as: id)
  }

  func runningHandler(_ id: ChaincodeVersion) -> PeerHandler? {
    support.registry.handler(environment.version.registrationID(id))
  }

  func retireHandler(_ id: ChaincodeVersion) {
    support.registry.retire(environment.version.registrationID(id))
  }

  func containerExit(_ id: ChaincodeVersion) async -> ContainerExit? {
    await support.waitForExit(id)
  }

  /// Deploys all registered system chaincodes, in the order of registration (Fabric `DeploySysCCs`).
  ///
  /// As 1.4: starts those that do not run, and runs their `initialize`, in a transaction of the channel if one is given. As 3.1:
  /// starts them, without INIT. Returns when all have been tried.
  ///
  /// - Throws: ``HostError/Code/deployFailed`` with the first chaincode that failed and why.
  public func deploy(channel: WireString = .empty) async throws(HostError) {
    try checkRuns()
    var failure: HostError?
    for descriptor in support.systemChaincodes.all where descriptor.enabled {
      do {
        try await deploy(descriptor, channel: channel)
      } catch {
        failure =
          failure
          ?? HostError(
            .deployFailed, "deployment of system chaincode \(descriptor.name) failed: \(error)", cause: error)
      }
    }
    if let failure { throw failure }
  }

  private func deploy(_ descriptor: SystemChaincodeDescriptor, channel: WireString) async throws {
    let id = descriptor.id(environment.version)
    let registrationID = environment.version.registrationID(id)
    if environment.version == .v3_1 {
      try await support.launch(id)
      support.systemChaincodes.deployed(id: registrationID)
      return
    }
    let ordinal = deployments.add(1, ordering: .relaxed).newValue
    let txid = environment.configuration.identifiers.deploymentID(ordinal)
    var params = TransactionParams(channelID: channel, txid: txid)
    defer { params.simulator?.done() }
    if !channel.isEmpty {
      guard let ledger = environment.configuration.ledgers.ledger(channel: channel) else {
        throw HostError(
          .notFound,
          "syschain \(descriptor.name) start up failure - unexpected nil ledger for channel \(channel)")
      }
      params.simulator = try await support.calls.ask(
        "a simulator of channel \(channel)",
        until: environment.timers.deadline(after: configuration.executeTimeout), late: { $0.done() }
      ) { try await ledger.newTxSimulator(txid: txid) }.get()
    }
    try await support.launch(id)
    support.systemChaincodes.deployed(id: registrationID)
    _ = try await support.executeInit(id, input: ChaincodeInput(args: descriptor.initArgs), params: params)
  }

  /// Stops one chaincode.
  ///
  /// Returns when it is torn down; calls for it fail until it is deployed again.
  ///
  /// - Throws: ``HostError`` if it is not registered or does not run.
  public func stop(chaincode name: WireString, version: WireString? = nil) async throws(HostError) {
    try checkRuns()
    try await support.stop(
      ChaincodeVersion(name: name, version: version ?? environment.version.systemChaincodeVersion))
  }

  /// The chain of a channel as a system chaincode's transaction sees it: with one of its own, the transaction's snapshot; otherwise
  /// as it is now.
  ///
  /// `nil` if the peer has not joined the channel.
  public func chain(of channel: WireString, for stub: ChaincodeStub, in chaincode: WireString) -> (
    any ChainReader
  )? {
    if stub.channelID == channel, let descriptor = systemChaincode(chaincode),
      let handler = runningHandler(descriptor.id(environment.version)),
      let params = handler.params(of: stub.txid, on: channel),
      let chain = params.simulator?.chain
    {
      return chain
    }
    return configuration.ledgers.ledger(channel: channel)
  }

  /// Whether the name is a system chaincode's.
  public func isSystemChaincode(_ name: WireString) -> Bool {
    support.isSystemChaincode(name)
  }

  /// What a system chaincode was registered with; `nil` if the name is none's, or is only kept.
  public func systemChaincode(_ name: WireString) -> SystemChaincodeDescriptor? {
    support.systemChaincodes.descriptor(name)
  }

  /// How a chaincode is.
  public func status(of name: WireString, version: WireString? = nil) -> ChaincodeStatus {
    let id = environment.version.registrationID(
      ChaincodeVersion(name: name, version: version ?? environment.version.systemChaincodeVersion))
    let failure = support.systemChaincodes.failure(id: id)
    if let handler = support.registry.handler(id) {
      return ChaincodeStatus(
        state: .ready, openTransactions: handler.openTransactionCount,
        consecutiveFailures: failure?.count ?? 0, lastError: failure?.last)
    }
    let limit = environment.configuration.restartPolicy.consecutiveFailuresMax
    let state: ChaincodeStatus.State
    if let failure, failure.count > limit {
      state = .failed
    } else if support.systemChaincodes.isDeployed(id: id) {
      state = .waitingForCall
    } else {
      state = .stopped
    }
    return ChaincodeStatus(
      state: state, openTransactions: 0, consecutiveFailures: failure?.count ?? 0, lastError: failure?.last)
  }

  // MARK: Transactions

  /// Runs one transaction and returns its result.
  ///
  /// Returns exactly once, at the latest when its deadline passes.
  ///
  /// - Parameters:
  ///   - chaincode: the chaincode's name.
  ///   - version: its version; `nil` is the version of the system chaincodes.
  ///   - input: the arguments.
  ///   - params: the transaction.
  /// - Throws: ``TransactionError`` when it does not come to a response.
  /// - Returns: the response and the event.
  public func execute(
    _ chaincode: WireString, version: WireString? = nil, input: ChaincodeInput, params: TransactionParams
  ) async throws(TransactionError) -> ExecuteResult {
    try admit()
    return try await support.execute(
      ChaincodeVersion(name: chaincode, version: version ?? environment.version.systemChaincodeVersion),
      input: input, params: params)
  }

  /// Runs `initialize` of a chaincode, as the deployment of 1.4 does.
  ///
  /// Returns exactly once.
  ///
  /// - Throws: ``TransactionError`` when it does not come to a response; a status of 500 or more is an error.
  public func executeInit(
    _ chaincode: WireString, version: WireString? = nil, input: ChaincodeInput, params: TransactionParams
  ) async throws(TransactionError) -> ExecuteResult {
    try admit()
    return try await support.executeInit(
      ChaincodeVersion(name: chaincode, version: version ?? environment.version.systemChaincodeVersion),
      input: input, params: params)
  }

  func admit() throws(TransactionError) {
    do throws(HostError) {
      try checkRuns()
    } catch {
      throw TransactionError(.stopped, WireString(error.message), cause: error)
    }
  }

  private func checkRuns() throws(HostError) {
    switch phase.load(ordering: .acquiring) {
    case .running: return
    case .idle: throw HostError(.notStarted, "the host does not run: run() was not called")
    case .cancelled, .stopping, .ended: throw HostError(.stopped, "the host has stopped")
    }
  }

  // MARK: Looking inside

  /// Serves the peer's end of a stream whose other end is not a chaincode of this host.
  ///
  /// Returns why it ended, when it has: also when the host stops, or the calling task is cancelled. At once if the host does not
  /// run; the stream is finished then.
  ///
  /// - Parameters:
  ///   - stream: the peer's end.
  ///   - launchID: the chaincode for whose launch the stream was made; `nil` for a chaincode that nobody launched.
  /// - Returns: why the stream has ended.
  public func handleChaincodeStream(_ stream: InprocStream, launchID: WireString? = nil) async -> HostError {
    do throws(HostError) {
      try checkRuns()
    } catch {
      stream.finish()
      return error
    }
    return await support.handleForeignStream(stream, launchID: launchID)
  }

  /// The open transactions of all chaincodes.
  var openContexts: [TransactionContext] { support.registry.handlers.flatMap(\.openContexts) }

  /// What the host has counted.
  public func count(_ counter: HostCounter) -> Int {
    environment.counters.value(counter)
  }

  /// What is open at this moment: nothing, after ``run()`` has returned.
  public var openWork: OpenWork {
    let handlers = support.registry.handlers
    return OpenWork(
      chaincodes: handlers.count,
      transactions: handlers.reduce(0) { $0 + $1.openTransactionCount },
      iterators: handlers.reduce(0) { $0 + $1.openIteratorCount },
      tasks: count(.tasksStarted) - count(.tasksEnded), timers: environment.timers.count)
  }

}
