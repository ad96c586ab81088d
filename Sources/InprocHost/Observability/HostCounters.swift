import Synchronization

/// What a host counts by itself: what was ignored, refused or left behind.
public enum HostCounter: Int, Sendable, CaseIterable {
  /// RESPONSE, ERROR or COMPLETED that nobody waited for.
  case surplusMessages
  /// Messages that did not fit the state of the end that received them.
  case violations
  /// Registrations that were refused.
  case refusedRegistrations
  /// Chaincode and ledger tasks that were started.
  case tasksStarted
  /// Chaincode and ledger tasks that have ended.
  case tasksEnded
  /// Tasks that ignored their cancellation until the grace period was over.
  case tasksAbandoned
  /// Transactions that were begun.
  case transactionsBegun
  /// Transactions that have ended, however.
  case transactionsEnded
  /// Transactions whose deadline passed.
  case deadlinesExceeded
}

/// The counters of one host.
///
/// No lock: a transaction counts four times.
final class HostCounters: Sendable {
  private let values: InlineArray<9, Atomic<Int>>

  init() {
    self.values = InlineArray { _ in Atomic(0) }
  }

  func add(_ counter: HostCounter, _ amount: Int = 1) {
    values[counter.rawValue].add(amount, ordering: .relaxed)
  }

  func value(_ counter: HostCounter) -> Int {
    values[counter.rawValue].load(ordering: .relaxed)
  }
}
