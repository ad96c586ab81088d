import MessageFSM

/// What the parts of one host share.
final class HostEnvironment: Sendable {
  let configuration: HostConfiguration
  let lifecycle: any ChaincodeLifecycle
  let timers: TimerQueue
  let work: WorkQueue
  /// Where a simulation takes hold; `nil` in production.
  let seam: (any HostSeam)?
  let counters = HostCounters()
  /// Whether somebody sees the messages, and whether somebody takes the times: asked for every message, where a copy would cost.
  let isObserved: Bool
  let isMeasured: Bool

  init(_ configuration: HostConfiguration) {
    self.configuration = configuration
    self.lifecycle = configuration.effectiveLifecycle
    self.seam = configuration.seam
    self.isObserved = configuration.observer != nil
    self.isMeasured = configuration.metrics != nil
    self.work = WorkQueue(seam: configuration.seam)
    self.timers = TimerQueue(clock: HostClock(configuration.clock), seam: configuration.seam)
  }

  var version: FabricVersion { configuration.version }

  /// Whether this step is done; only a seam leaves one out.
  @inline(__always)
  func performs(_ step: HostStep) -> Bool {
    seam?.performs(step) ?? true
  }

  /// Lets anything else happen first, if a seam wants it.
  @inline(__always)
  func reached(
    _ point: HostPoint, by chaincode: @autoclosure () -> WireString,
    in state: @autoclosure () -> MachineState = .outside
  ) async {
    guard let seam else { return }
    _ = await seam.reached(point, by: chaincode(), in: state())
  }

  /// What READY carries.
  var offer: ChaincodeAdditionalParams? {
    switch version {
    case .v1_4: nil
    case .v3_1: configuration.runtimeParams.map(Self.withSizes)
    }
  }

  /// A size of zero is one that was not set: 1000, as Fabric's configuration reads it.
  private static func withSizes(_ params: ChaincodeAdditionalParams) -> ChaincodeAdditionalParams {
    var params = params
    if params.maxSizeWriteBatch == 0 { params.maxSizeWriteBatch = 1000 }
    if params.maxSizeGetMultipleKeys == 0 { params.maxSizeGetMultipleKeys = 1000 }
    return params
  }
}
