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

  init(_ configuration: HostConfiguration) {
    self.configuration = configuration
    self.seam = configuration.seam
    self.work = WorkQueue(seam: configuration.seam)
    self.timers = TimerQueue(clock: HostClock(configuration.clock), seam: configuration.seam)
    switch configuration.version {
    case .v1_4: self.lifecycle = configuration.lifecycle ?? LSCCLifecycle()
    case .v3_1:
      self.lifecycle = configuration.lifecycle ?? DefinedLifecycle(capabilities: configuration.capabilities)
    }
  }

  var version: FabricVersion { configuration.version }

  /// Whether this step is done; only a seam leaves one out.
  @inline(__always)
  func performs(_ step: HostStep) -> Bool {
    seam?.performs(step) ?? true
  }

  /// Lets anything else happen first, if a seam wants it; false if it wants the stream to end here.
  @inline(__always)
  @discardableResult
  func reached(_ point: HostPoint, by chaincode: @autoclosure () -> WireString) async -> Bool {
    guard let seam else { return true }
    return await seam.reached(point, by: chaincode())
  }

  /// What READY carries.
  var offer: ChaincodeAdditionalParams? {
    switch version {
    case .v1_4: nil
    case .v3_1: configuration.runtimeParams
    }
  }
}
