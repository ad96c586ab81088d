import InprocHost
import MessageFSM

/// A host that runs until it is stopped, with the chaincodes of the workloads deployed.
struct RunningHost: Sendable {
  let host: ChaincodeHost
  let ledger = TableLedger()
  private let running: Task<Void, any Error>

  /// Starts a host.
  ///
  /// `chaincodes` are made known, and deployed if `deploys`.
  init(
    version: FabricVersion, executor: (any TaskExecutor)?, chaincodes: [(WireString, any Chaincode)],
    deploys: Bool = true
  ) async throws {
    let host = ChaincodeHost(
      HostConfiguration(
        version: version, ledgers: ledger, clock: ContinuousClock(), executor: executor))
    for (name, chaincode) in chaincodes {
      try host.register(chaincode, as: SystemChaincodeDescriptor(name: name))
    }
    self.host = host
    self.running = Task(executorPreference: executor) { try await host.run() }
    _ = await host.hasStarted()
    if deploys { try await host.deploy() }
  }

  /// Stops it.
  ///
  /// Returns when nothing is left of it.
  func stop() async throws {
    await host.stop()
    try await running.value
  }
}
