public import MessageFSM

/// Fabric's metrics of chaincodes (`core/chaincode/metrics.go`), recorded where Fabric records them.
///
/// Names for Prometheus are `chaincode_` and the name of the case in snake case.
public protocol HostMetrics: Sendable {
  /// `chaincode_launch_duration` by chaincode and success.
  func launched(chaincode: WireString, duration: Duration, success: Bool)
  /// `chaincode_launch_failures` by chaincode.
  func launchFailed(chaincode: WireString)
  /// `chaincode_launch_timeouts` by chaincode.
  func launchTimedOut(chaincode: WireString)
  /// `chaincode_shim_requests_received` by type, channel and chaincode; a write batch counts its records besides.
  func requestReceived(type: MessageType, channel: WireString, chaincode: WireString, records: Int)
  /// `chaincode_shim_requests_completed` and `chaincode_shim_request_duration` by type, channel, chaincode and success.
  func requestCompleted(
    type: MessageType, channel: WireString, chaincode: WireString, duration: Duration, success: Bool)
  /// `chaincode_execute_timeouts` by chaincode.
  func executeTimedOut(chaincode: WireString)
}
