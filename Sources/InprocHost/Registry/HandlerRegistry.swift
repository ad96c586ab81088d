import MessageFSM

/// Which chaincodes are being launched, and which are connected (Fabric `chaincode.HandlerRegistry`).
///
/// A handler is handed out only when it is ready, and it is removed by identity: a refused stream of the same name touches
/// nobody else.
final class HandlerRegistry: Sendable {
  private struct State {
    var handlers: [WireString: PeerHandler] = [:]
    var launching: [WireString: LaunchState] = [:]
    /// The handlers that were asked for by name and version, so that their ids are not made for every call.
    var asked = RunTable<Asked>()
    var askedNames = HashIndex()
    /// By which names and versions the handler of an id was asked for.
    var names: [WireString: [UInt64]] = [:]

    func asked(_ chaincode: ChaincodeVersion, _ hash: Int) -> PeerHandler? {
      askedNames.run(hash) { asked[$0]?.name == chaincode }.flatMap { asked[$0]?.handler }
    }

    mutating func ask(_ chaincode: ChaincodeVersion, _ hash: Int, _ handler: PeerHandler, id: WireString) {
      var number: UInt64 = 0
      _ = asked.insert { run in
        number = run
        return Asked(name: chaincode, hash: hash, handler: handler)
      }
      askedNames.insert(number, hash)
      names[id, default: []].append(number)
    }

    mutating func remove(_ id: WireString) {
      handlers[id] = nil
      for number in names.removeValue(forKey: id) ?? [] {
        if let known = asked.remove(number) { askedNames.remove(number, known.hash) }
      }
    }
  }

  /// An object, so that looking at one counts one reference.
  private final class Asked: Sendable {
    let name: ChaincodeVersion
    let hash: Int
    let handler: PeerHandler

    init(name: ChaincodeVersion, hash: Int, handler: PeerHandler) {
      self.name = name
      self.hash = hash
      self.handler = handler
    }
  }

  private let version: FabricVersion
  private let allowsUnsolicited: Bool
  private let seam: (any HostSeam)?
  private let state = Locked(State())

  init(version: FabricVersion, allowsUnsolicited: Bool, seam: (any HostSeam)? = nil) {
    self.version = version
    self.allowsUnsolicited = allowsUnsolicited
    self.seam = seam
  }

  /// The handler of a chaincode, if it was ready, and nothing has been heard of its end.
  ///
  /// It may be retired: a transaction that begins there is told so.
  func handler(_ chaincode: ChaincodeVersion) -> PeerHandler? {
    let hash = Int(truncatingIfNeeded: chaincode.name.foldedHash(seed: HashIndex.seed))
    if let handler = state.withLock({ $0.asked(chaincode, hash) }) { return handler }
    let id = version.registrationID(chaincode)
    guard let handler = handler(id) else { return nil }
    state.withLock { state in
      guard state.handlers[id] === handler, state.asked(chaincode, hash) == nil else { return }
      state.ask(chaincode, hash, handler, id: id)
    }
    return handler
  }

  /// The handler of a chaincode, if it is ready.
  func handler(_ id: WireString) -> PeerHandler? {
    state.withLock({ $0.handlers[id] }).flatMap(checked)
  }

  private func checked(_ handler: PeerHandler) -> PeerHandler? {
    switch handler.availability {
    case .ready: return handler
    case .notReady: return nil
    case .retired:
      release(handler)
      return nil
    }
  }

  /// All handlers, in the order of their ids.
  var handlers: [PeerHandler] {
    state.withLock { state in state.handlers.sorted { $0.key < $1.key }.map(\.value) }
  }

  /// Joins the launch of a chaincode, or begins one.
  func launch(_ id: WireString) -> (launch: LaunchState, isFirst: Bool) {
    state.withLock { state in
      if let running = state.launching[id] { return (running, false) }
      let launch = LaunchState()
      state.launching[id] = launch
      return (launch, true)
    }
  }

  /// The launch of a chaincode that is under way, or has led to the handler there is.
  func currentLaunch(_ id: WireString) -> LaunchState? {
    state.withLock { $0.launching[id] }
  }

  /// A launch has failed: the next call begins another.
  func failed(_ id: WireString, _ launch: LaunchState, _ failure: LaunchState.Failure) {
    state.withLock { state in
      if state.launching[id] === launch { state.launching[id] = nil }
    }
    launch.notify(failure)
  }

  /// Accepts a registration.
  ///
  /// - Throws: ``HostError/Code/registrationRefused`` if the id is taken, or the stream is not the one that was made for its launch.
  func register(_ handler: PeerHandler, id: WireString) throws(HostError) {
    try state.withLock { state throws(HostError) in
      if state.handlers[id] != nil {
        throw HostError(.registrationRefused, "duplicate chaincodeID: \(id)")
      }
      // That somebody launches it is not enough: only the stream that was made for that launch may come.
      let isSolicited = handler.launch.map { state.launching[id] === $0 } ?? false
      guard allowsUnsolicited || isSolicited else {
        throw HostError(
          .registrationRefused,
          "peer will not accept external chaincode connection \(id) (except in dev mode)")
      }
      state.handlers[id] = handler
    }
  }

  /// A registered chaincode has got READY: whoever waits for its launch goes on.
  func ready(_ handler: PeerHandler, id: WireString) {
    let launch = state.withLock { state -> LaunchState? in
      guard state.handlers[id] === handler else { return nil }
      return state.launching[id]
    }
    if seam?.performs(.notifyReady) ?? true { launch?.notify(nil) }
    if launch?.isRetiring == true { handler.retire() }
  }

  /// Ends a chaincode as soon as nobody needs it, also one that is still being launched.
  func retire(_ id: WireString) {
    let (handler, launch) = state.withLock { ($0.handlers[id], $0.launching[id]) }
    launch?.retire()
    handler?.retire()
  }

  /// Ends a chaincode that is retired, and makes room for another start of it.
  ///
  /// Whoever comes upon a retired handler does it first, so that nobody takes it for one that runs.
  func release(_ handler: PeerHandler) {
    func entry(_ state: State) -> (id: WireString, launch: LaunchState?)? {
      guard let id = handler.id, state.handlers[id] === handler else { return nil }
      return (id, state.launching[id])
    }
    // Whoever waits for the launch must not take its end for a failure.
    state.withLock { entry($0)?.launch }?.release()
    // Before there is room: another start finds the container ending and waits for it, or it would find it running.
    handler.endContainer()
    state.withLock { state in
      guard let id = entry(state)?.id else { return }
      state.remove(id)
      state.launching[id] = nil
    }
  }

  /// A handler's stream has ended.
  ///
  /// Whoever waits for the launch that the stream belonged to hears why.
  func deregister(_ handler: PeerHandler, error: HostError) {
    let checksIdentity = seam?.performs(.checkIdentity) ?? true
    let registered = state.withLock { state -> LaunchState? in
      // A later launch of the same chaincode is not this handler's.
      if let id = handler.launchID, state.launching[id] === handler.launch { state.launching[id] = nil }
      guard let id = handler.id, state.handlers[id] === handler || !checksIdentity else { return nil }
      state.remove(id)
      return state.launching.removeValue(forKey: id)
    }
    registered?.notify(.registration(error))
    handler.launch?.notify(.registration(error))
  }
}
