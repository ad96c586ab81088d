import MessageFSM

/// Stop 1 of 6 on the way of a message: the client → **ChaincodeSupport** → ``PeerHandler`` (Fabric `chaincode.ChaincodeSupport`).
///
/// Admits a transaction, launches its chaincode if it does not run, opens a context and waits for exactly one answer.
final class ChaincodeSupport: Sendable {
  let environment: HostEnvironment
  private let timers: TimerQueue
  let registry: HandlerRegistry
  let systemChaincodes = SystemChaincodeTable()
  /// What the embedder's ledgers and lifecycle are asked before a transaction begins.
  let calls: ForeignCalls
  private let parts = Locked<Parts?>(nil)
  private let foreign = Locked(ForeignStreams())

  /// What needs the support to be made.
  private struct Parts: Sendable {
    let vm: InprocVM
    let runtime: ContainerRuntime
    let launcher: RuntimeLauncher
  }

  /// The streams that are not a container's, in the order in which they came.
  private struct ForeignStreams: Sendable {
    var streams: [(id: UInt64, stream: InprocStream)] = []
    var nextID: UInt64 = 0
  }

  init(environment: HostEnvironment, chaincodes: Registry) {
    self.environment = environment
    self.timers = environment.timers
    self.calls = ForeignCalls(environment: environment)
    self.registry = HandlerRegistry(
      version: environment.version,
      allowsUnsolicited: environment.configuration.allowsUnsolicitedRegistration, seam: environment.seam)
    let vm = InprocVM(registry: chaincodes, support: self)
    let runtime = ContainerRuntime(
      controller: VMController(providers: [.system: vm], seam: environment.seam), version: environment.version
    )
    let launcher = RuntimeLauncher(
      runtime: runtime, registry: registry, environment: environment, systemChaincodes: systemChaincodes)
    parts.withLock { $0 = Parts(vm: vm, runtime: runtime, launcher: launcher) }
  }

  // MARK: Streams

  /// Serves the peer's end of a stream (Fabric `HandleChaincodeStream`).
  ///
  /// - Parameters:
  ///   - stream: the peer's end.
  ///   - launchID: the chaincode for whose launch the stream was made; `nil` for one that nobody launched.
  ///   - container: the container that the stream is of; `nil` where there is none.
  /// - Returns: why it ended, when it has.
  func handleChaincodeStream(
    _ stream: InprocStream, launchID: WireString?, container: InprocContainer? = nil
  ) async -> HostError {
    let handler = PeerHandler(stream: stream, support: self, launchID: launchID, container: container)
    let end = await handler.run()
    if let id = handler.id, handler.wasReady { systemChaincodes.ended(id: id, error: end) }
    return end
  }

  /// Serves a stream whose other end is no container's, as work of the host, so that the host's end is its end too.
  func handleForeignStream(_ stream: InprocStream, launchID: WireString?) async -> HostError {
    let id = foreign.withLock { foreign in
      foreign.nextID += 1
      foreign.streams.append((foreign.nextID, stream))
      return foreign.nextID
    }
    defer { foreign.withLock { foreign in foreign.streams.removeAll { $0.id == id } } }
    return await suspend { (waiter: Suspension<HostError>) in
      let accepted = environment.work.add("stream \(id)") { [self] in
        waiter.resume(await handleChaincodeStream(stream, launchID: launchID))
      }
      if accepted { return nil }
      stream.finish()
      return HostError(.stopped, "the host has stopped")
    } onCancel: {
      stream.finish()
    }
  }

  // MARK: Transactions

  /// Runs a transaction (Fabric `ChaincodeSupport.Execute`).
  ///
  /// - Throws: ``TransactionError`` when it does not come to a response.
  func execute(
    _ chaincode: ChaincodeVersion, input: ChaincodeInput, params: TransactionParams
  ) async throws(TransactionError) -> ExecuteResult {
    let last: ChaincodeMessage
    do throws(TransactionError) {
      last = try await invoke(
        chaincode, input: input, params: params, deadline: deadline(of: params), caller: nil)
    } catch {
      throw error.wrapped("failed to execute transaction \(params.txid)")
    }
    return try result(of: last, chaincode: chaincode.name, txid: params.txid)
  }

  /// Runs `initialize` of a chaincode, launching it if need be (Fabric `ChaincodeSupport.ExecuteLegacyInit`).
  ///
  /// - Throws: ``TransactionError`` when it does not come to a response.
  func executeInit(
    _ chaincode: ChaincodeVersion, input: ChaincodeInput, params: TransactionParams
  ) async throws(TransactionError) -> ExecuteResult {
    if environment.version == .v3_1 && chaincode.version == environment.version.systemChaincodeVersion {
      // 3.1 looks for `name:version` here, and no system chaincode registers with such an id (golden file n008).
      throw TransactionError(
        .launchFailed,
        """
        could not launch chaincode \(chaincode.name):\(chaincode.version): \
        Fabric 3.1 has no such initialization for system chaincodes
        """)
    }
    let deadline = deadline(of: params)
    while true {
      let handler = try await launched(
        ChaincodeContainerInfo(id: chaincode), channel: params.channelID, until: deadline)
      let last: ChaincodeMessage
      do throws(TransactionError) {
        last = try await run(
          .initialize(input.decorated(params.decorations)), chaincode, params: params, deadline: deadline,
          caller: nil, on: handler)
      } catch {
        if error.code == .retired { continue }
        throw error.wrapped("failed to execute transaction \(params.txid)")
      }
      return try result(of: last, chaincode: chaincode.name, txid: params.txid)
    }
  }

  /// Runs a call that a chaincode makes; its deadline is not later than the caller's.
  ///
  /// Returns the callee's last message, which the caller's shim takes apart.
  func invokeFromChaincode(
    _ target: ChaincodeInstance, systemVersion: WireString?, input: ChaincodeInput, params: TransactionParams,
    caller: TransactionContext
  ) async throws -> ChaincodeMessage {
    var version = environment.version.systemChaincodeVersion
    if let systemVersion {
      version = systemVersion
    } else if environment.version == .v1_4, let simulator = params.simulator {
      version = try await environment.lifecycle.definition(
        of: target.name, channel: target.channelID, executor: simulator
      ).version
    }
    let callee = ChaincodeVersion(name: target.name, version: version)
    do throws(TransactionError) {
      return try await invoke(
        callee, input: input, params: params,
        deadline: deadline(of: params, within: caller), caller: caller)
    } catch {
      throw error.wrapped("execute failed")
    }
  }

  private func deadline(of params: TransactionParams) -> Duration {
    timers.deadline(after: params.timeout ?? environment.configuration.executeTimeout)
  }

  /// The deadline of a call that a transaction makes: not later than its own.
  func deadline(of params: TransactionParams, within caller: TransactionContext) -> Duration {
    environment.performs(.shrinkDeadline)
      ? min(caller.deadline, deadline(of: params)) : deadline(of: params)
  }

  private func invoke(
    _ chaincode: ChaincodeVersion, input: ChaincodeInput, params: TransactionParams, deadline: Duration,
    caller: TransactionContext?
  ) async throws(TransactionError) -> ChaincodeMessage {
    var initializes = false
    if environment.version == .v3_1 {
      initializes =
        try await checkInvocation(chaincode.name, input: input, params: params, until: deadline)
        == .initialize
    }
    let input = input.decorated(params.decorations)
    let payload: Payload = initializes ? .initialize(input) : .transaction(input)
    while true {
      let handler: PeerHandler
      if let running = registry.handler(chaincode) {
        handler = running
      } else {
        handler = try await launch(chaincode, params: params, until: deadline)
      }
      do throws(TransactionError) {
        return try await run(
          payload, chaincode, params: params, deadline: deadline, caller: caller, on: handler)
      } catch {
        // The version became idle and was stopped in between: nothing was sent, so it is started again.
        guard error.code == .retired else { throw error }
        registry.release(handler)
      }
    }
  }

  private func run(
    _ payload: Payload, _ chaincode: ChaincodeVersion, params: TransactionParams, deadline: Duration,
    caller: TransactionContext?, on handler: PeerHandler
  ) async throws(TransactionError) -> ChaincodeMessage {
    if let bad = params.decorations.first(where: { !$0.key.isValidUTF8 }) {
      handler.callerHasCome()
      throw TransactionError(
        .invalidArgument,
        "failed to create chaincode message: proto: field \"protos.ChaincodeInput.Decorations\" contains invalid UTF-8",
        cause: LedgerError(bad.key))
    }
    await environment.reached(
      .executeBegins, by: handler.id ?? .empty, in: MachineState(handler.machineState))
    do throws(TransactionError) {
      return try await handler.execute(
        payload, namespace: chaincode.name, params: params, deadline: deadline, caller: caller)
    } catch {
      // One that could not begin was the call that a chaincode was started for, and it may be told to end.
      handler.retireIfIdle()
      throw error.wrapped("error sending")
    }
  }

  /// What the last message of a chaincode means (Fabric `processChaincodeExecutionResult`).
  private func result(
    of message: ChaincodeMessage, chaincode: WireString, txid: WireString
  ) throws(TransactionError) -> ExecuteResult {
    // Nearly always it is typed, and there is no event, which is large.
    if !message.hasAttachments, case .completed(let response) = message.payload {
      return ExecuteResult(response: response, event: nil)
    }
    var event = message.event
    event?.chaincodeID = chaincode
    event?.txid = txid
    switch message.type {
    case .completed:
      do throws(WireError) {
        guard case .completed(let response) = try message.payload.typed() else { break }
        return ExecuteResult(response: response, event: event)
      } catch {
        throw TransactionError(
          .unreadable,
          "failed to unmarshal response for transaction \(txid): \(error.text(environment.version))",
          event: event, cause: error)
      }
    case .error:
      throw TransactionError(
        .failed, WireString(bytes: message.payload.wireBytes()), event: event
      ).wrapped("transaction returned with failure")
    case _: break
    }
    throw TransactionError(
      .violation, "unexpected response type \(message.type.number) for transaction \(txid)")
  }

  // MARK: Launch

  /// The handler of a chaincode, launched if it does not run (Fabric `ChaincodeSupport.Launch`).
  private func launch(
    _ chaincode: ChaincodeVersion, params: TransactionParams, until deadline: Duration
  ) async throws(TransactionError) -> PeerHandler {
    let id = environment.version.registrationID(chaincode)
    if let handler = registry.handler(id) { return handler }
    // A deployed chaincode that ended by itself is started again.
    switch systemChaincodes.mayRestart(id: id, policy: environment.configuration.restartPolicy) {
    case .yes:
      return try await launched(
        ChaincodeContainerInfo(id: chaincode), channel: params.channelID, until: deadline)
    case .failed(let error):
      throw TransactionError(
        .launchFailed,
        "[channel \(params.channelID)] chaincode \(id) has failed and is not started again: \(error.message)",
        cause: error)
    case .notDeployed: break
    }
    let answer: Result<ChaincodeDefinition, any Error>
    if let simulator = params.simulator {
      answer = try await installedDefinition(
        of: chaincode.name, channel: params.channelID, executor: simulator, until: deadline)
    } else {
      answer = .failure(
        LedgerError("could not get container info for chaincode \(chaincode.name) without a ledger context\n")
      )
    }
    let defined: ChaincodeVersion
    do {
      defined = ChaincodeVersion(name: chaincode.name, version: try answer.get().version)
    } catch {
      throw TransactionError(.notFound, WireString(textOf: error), cause: error).wrapped(
        "[channel \(params.channelID)] failed to get chaincode container info for \(id)")
    }
    // Whoever names no version gets the one that is in force on the channel; nobody gets another than he named.
    guard
      chaincode.version == defined.version || chaincode.version == environment.version.systemChaincodeVersion
    else {
      throw TransactionError(
        .launchFailed,
        """
        [channel \(params.channelID)] claimed to start chaincode container for \(id) but could not find handler: \
        version \(defined.version) is in force
        """)
    }
    do throws(TransactionError) {
      return try await launched(
        ChaincodeContainerInfo(id: defined), channel: params.channelID, until: deadline)
    } catch {
      let launched = environment.version.registrationID(defined)
      throw error.wrapped("[channel \(params.channelID)] could not launch chaincode \(launched)")
    }
  }

  /// Asks the embedder's lifecycle for a definition, and whether the host can run that chaincode.
  private func installedDefinition(
    of name: WireString, channel: WireString, executor: any QueryExecutor, until deadline: Duration
  ) async throws(TransactionError) -> Result<ChaincodeDefinition, any Error> {
    let lifecycle = environment.lifecycle
    return try await calls.ask("the definition of chaincode \(name)", until: deadline) {
      let definition = try await lifecycle.definition(of: name, channel: channel, executor: executor)
      try await lifecycle.checkInstalled(name, definition)
      return definition
    }
  }

  /// Launches a container and gives its handler.
  private func launched(
    _ info: ChaincodeContainerInfo, channel: WireString, until deadline: Duration
  ) async throws(TransactionError) -> PeerHandler {
    let id = environment.version.registrationID(info.id)
    // One that is ready may be gone again before its caller comes: retired by somebody who saw it idle, which is no failure
    // however often it happens, or ended by itself.
    var failures = 0
    while true {
      if let handler = registry.handler(id) { return handler }
      guard let launcher = parts.withLock({ $0?.launcher }) else {
        throw TransactionError(.stopped, "the host has stopped")
      }
      let launch: LaunchState
      do throws(HostError) {
        launch = try await launcher.launch(info, until: deadline)
      } catch {
        let code: TransactionError.Code =
          switch error.code {
          case .stopped: .stopped
          case .cancelled: .cancelled
          case _: .launchFailed
          }
        throw TransactionError(code, WireString(error.message), cause: error)
      }
      await environment.reached(.launchEnded, by: id)
      if let handler = registry.handler(id) { return handler }
      if launch.isReleased { continue }
      failures += 1
      guard failures < Self.launchAttemptsMax else {
        throw TransactionError(
          .launchFailed,
          "[channel \(channel)] claimed to start chaincode container for \(id) but could not find handler")
      }
    }
  }

  /// How often a call starts a chaincode that is gone before the call could begin.
  private static let launchAttemptsMax = 10

  /// Launches a chaincode by itself.
  ///
  /// Returns when it is ready.
  func launch(_ id: ChaincodeVersion) async throws(TransactionError) {
    let handler = try await launched(
      ChaincodeContainerInfo(id: id), channel: .empty,
      until: timers.deadline(after: environment.configuration.startupTimeout))
    handler.callerHasCome()
  }

  /// Stops a chaincode.
  ///
  /// Returns when it is torn down.
  func stop(_ id: ChaincodeVersion) async throws(HostError) {
    systemChaincodes.stopped(id: environment.version.registrationID(id))
    try await parts.withLock { $0?.runtime }?.stop(ChaincodeContainerInfo(id: id))
  }

  /// Waits until a chaincode's container has ended; `nil` if it has none.
  func waitForExit(_ id: ChaincodeVersion) async -> ContainerExit? {
    try? await parts.withLock { $0?.runtime }?.wait(ChaincodeContainerInfo(id: id))
  }

  /// Signals all chaincodes to stop, and finishes all streams.
  func stopAll() {
    parts.withLock { $0 }?.vm.stopAll()
    for foreign in foreign.withLock({ $0.streams }) { foreign.stream.finish() }
  }

  // MARK: System chaincodes

  /// Whether the name is a system chaincode's.
  func isSystemChaincode(_ name: WireString) -> Bool {
    systemChaincodes.callee(name, fabric: environment.version) != nil || isKeptForSystemChaincode(name)
  }

  /// 1.4 keeps the names of escc and vscc for ever.
  private func isKeptForSystemChaincode(_ name: WireString) -> Bool {
    environment.version == .v1_4 && (name == "escc" || name == "vscc")
  }

  /// The version of the system chaincode of this name, when a chaincode calls it; `nil` if the name is no system chaincode's.
  ///
  /// - Throws: Fabric's text if a chaincode must not call it.
  func versionForCall(ofSystemChaincode name: WireString) throws(LedgerError) -> WireString? {
    if let callee = systemChaincodes.callee(name, fabric: environment.version) {
      if callee.isInvokable { return callee.version }
    } else if !isKeptForSystemChaincode(name) {
      return nil
    }
    throw LedgerError("system chaincode \(name) cannot be invoked with a cc2cc invocation")
  }
}

extension ChaincodeInput {
  /// The input with what the peer's decorators add.
  fileprivate func decorated(_ decorations: [MapEntry]) -> ChaincodeInput {
    guard !decorations.isEmpty else { return self }
    var copy = self
    copy.decorations = decorations
    return copy
  }
}
