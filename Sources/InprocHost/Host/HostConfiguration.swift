public import MessageFSM

/// Where identifiers come from, so that a run can be repeated.
public struct IdentifierSource: Sendable {
  /// The txid of the n-th deployment of the host, counted from 1.
  ///
  /// Fabric takes a UUID.
  public var deploymentID: @Sendable (_ ordinal: UInt64) -> WireString
  /// The id of the n-th iterator of a chaincode's stream, counted from 1.
  ///
  /// Fabric takes a UUID.
  public var iteratorID: @Sendable (_ ordinal: UInt64) -> WireString

  /// These sources; by default `deploy-1`, `deploy-2` … and `iter-1`, `iter-2` …, which are unique where they have to be.
  public init(
    deploymentID: @escaping @Sendable (_ ordinal: UInt64) -> WireString = { "deploy-\($0)" },
    iteratorID: @escaping @Sendable (_ ordinal: UInt64) -> WireString = { "iter-\($0)" }
  ) {
    self.deploymentID = deploymentID
    self.iteratorID = iteratorID
  }
}

/// How often a chaincode that ended by itself is started again by the next call for it.
public struct RestartPolicy: Sendable, Hashable {
  /// The most ends in a row, without a transaction that completed in between, until calls are refused.
  public var consecutiveFailuresMax: Int

  /// A policy; after `consecutiveFailuresMax` ends in a row the chaincode counts as failed.
  public init(consecutiveFailuresMax: Int = 5) {
    self.consecutiveFailuresMax = consecutiveFailuresMax
  }
}

/// Everything that a host takes from outside: its ledgers, clock, executor, identifiers, limits.
public struct HostConfiguration: Sendable {
  /// Which Fabric the host speaks like.
  public var version: FabricVersion
  /// Where the host's tasks run; `nil` is the global pool.
  public var executor: (any TaskExecutor)?
  /// The clock of all deadlines.
  public var clock: any Clock<Duration>
  /// Where identifiers come from.
  public var identifiers = IdentifierSource()
  /// The deadline of a transaction that brings none (`chaincode.executetimeout`).
  public var executeTimeout: Duration = .seconds(30)
  /// How long a chaincode may take from its start to READY (`chaincode.startuptimeout`).
  public var startupTimeout: Duration = .seconds(300)
  /// The interval of KEEPALIVE; zero is off (`chaincode.keepalive`).
  public var keepalive: Duration = .zero
  /// How long a chaincode may ignore its cancellation when it is stopped.
  public var gracePeriod: Duration = .seconds(5)
  /// What READY offers; `nil` sends it without a payload.
  ///
  /// Fabric 1.4 always does.
  public var runtimeParams: ChaincodeAdditionalParams? = ChaincodeAdditionalParams(
    useWriteBatch: true, maxSizeWriteBatch: 1000, useGetMultipleKeys: true, maxSizeGetMultipleKeys: 1000)
  /// The most results of a query (`ledger.state.totalQueryLimit`).
  public var totalQueryLimit: Int32 = 10_000
  /// Whether a chaincode may register that was not launched (`chaincode.mode: dev`).
  public var allowsUnsolicitedRegistration = false
  /// How often a chaincode that ended by itself is started again.
  public var restartPolicy = RestartPolicy()
  /// The ledgers of the channels.
  public var ledgers: any LedgerProvider
  /// What the channels allow.
  public var capabilities: @Sendable (_ channel: WireString) -> ApplicationCapabilities = { _ in
    ApplicationCapabilities()
  }
  /// Who may read and write collections; without one, nobody.
  public var collections: (any CollectionStore)?
  /// Who may call what; refuses everything by default.
  public var accessControl: any ACLProvider = RefusingACLProvider()
  /// Where definitions of user chaincodes are found; `nil` is where the version's Fabric keeps them.
  public var lifecycle: (any ChaincodeLifecycle)?
  /// Sees every message.
  public var observer: (any MessageObserver)?
  /// Where a simulation takes hold of the host.
  public var seam: (any HostSeam)?
  /// Records Fabric's metrics.
  public var metrics: (any HostMetrics)?

  /// A configuration with Fabric's defaults.
  public init(
    version: FabricVersion, ledgers: any LedgerProvider, clock: any Clock<Duration>,
    executor: (any TaskExecutor)? = nil
  ) {
    self.version = version
    self.ledgers = ledgers
    self.clock = clock
    self.executor = executor
  }

  /// Where definitions of user chaincodes are found: ``lifecycle``, or what the version's Fabric has.
  public var effectiveLifecycle: any ChaincodeLifecycle {
    if let lifecycle { return lifecycle }
    switch version {
    case .v1_4: return LSCCLifecycle()
    case .v3_1: return DefinedLifecycle(capabilities: capabilities)
    }
  }
}
