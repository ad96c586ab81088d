import MessageFSM

/// What the parts of one host share.
final class HostEnvironment: Sendable {
  let configuration: HostConfiguration
  let lifecycle: any ChaincodeLifecycle
  let timers: TimerQueue
  let work = WorkQueue()
  let counters = HostCounters()

  init(_ configuration: HostConfiguration) {
    self.configuration = configuration
    self.lifecycle = configuration.effectiveLifecycle
    self.timers = TimerQueue(clock: HostClock(configuration.clock))
  }

  var version: FabricVersion { configuration.version }

  /// What READY carries.
  var offer: ChaincodeAdditionalParams? {
    switch version {
    case .v1_4: nil
    case .v3_1: configuration.runtimeParams
    }
  }
}
