import MessageFSM

/// Which system chaincodes there are, which of them are deployed, and how often they have ended by themselves.
final class SystemChaincodeTable: Sendable {
  enum Restart: Sendable {
    case yes
    case failed(HostError)
    case notDeployed
  }

  private struct Deployment {
    var consecutiveFailures = 0
    var lastError: HostError?
  }

  private struct State {
    var order: [SystemChaincodeDescriptor] = []
    var byName: [WireString: Int] = [:]
    var deployed: [WireString: Deployment] = [:]
  }

  private let state = Locked(State())

  /// All, in the order of registration.
  var all: [SystemChaincodeDescriptor] { state.withLock { $0.order } }

  /// The first one of this name.
  func descriptor(_ name: WireString) -> SystemChaincodeDescriptor? {
    state.withLock { state in state.byName[name].map { state.order[$0] } }
  }

  /// What a call of another chaincode has to know of the first one of this name; less to copy than all of it.
  func callee(_ name: WireString, fabric: FabricVersion) -> (version: WireString, isInvokable: Bool)? {
    state.withLock { state in
      guard let index = state.byName[name] else { return nil }
      return (state.order[index].id(fabric).version, state.order[index].invokableCC2CC)
    }
  }

  /// Takes a descriptor; versions of one name stand side by side, and the first of them is the one that the name means.
  ///
  /// - Throws: ``HostError/Code/alreadyRegistered`` if there is that version, or the name is kept for a chaincode that is disabled.
  func add(_ descriptor: SystemChaincodeDescriptor, fabric: FabricVersion) throws(HostError) {
    let id = descriptor.id(fabric)
    try state.withLock { state throws(HostError) in
      for known in state.order where known.name == id.name {
        guard known.enabled else {
          throw HostError(
            .alreadyRegistered,
            "\(id) already registered: system chaincode \(id.name) is disabled and keeps its name")
        }
        if known.id(fabric) == id { throw HostError(.alreadyRegistered, "\(id) already registered") }
      }
      if state.byName[descriptor.name] == nil { state.byName[descriptor.name] = state.order.count }
      state.order.append(descriptor)
    }
  }

  // MARK: Deployment, by registration id

  func deployed(id: WireString) {
    state.withLock { $0.deployed[id] = Deployment() }
  }

  func stopped(id: WireString) {
    state.withLock { $0.deployed[id] = nil }
  }

  /// A transaction has completed, so whatever went wrong before is over.
  func completed(id: WireString) {
    state.withLock { state in
      guard let failures = state.deployed[id]?.consecutiveFailures, failures > 0 else { return }
      state.deployed[id] = Deployment()
    }
  }

  /// The chaincode's stream has ended, or it could not be launched.
  func ended(id: WireString, error: HostError) {
    state.withLock { state in
      guard var deployment = state.deployed[id] else { return }
      deployment.consecutiveFailures += 1
      deployment.lastError = error
      state.deployed[id] = deployment
    }
  }

  func failure(id: WireString) -> (count: Int, last: HostError)? {
    state.withLock { state in
      guard let deployment = state.deployed[id], let last = deployment.lastError else { return nil }
      return (deployment.consecutiveFailures, last)
    }
  }

  func isDeployed(id: WireString) -> Bool {
    state.withLock { $0.deployed[id] != nil }
  }

  func mayRestart(id: WireString, policy: RestartPolicy) -> Restart {
    state.withLock { state in
      guard let deployment = state.deployed[id] else { return .notDeployed }
      if let error = deployment.lastError, deployment.consecutiveFailures > policy.consecutiveFailuresMax {
        return .failed(error)
      }
      return .yes
    }
  }
}
