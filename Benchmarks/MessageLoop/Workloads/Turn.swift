import Synchronization

/// Counts the calls of one client.
final class Turn: Sendable {
  private let count = Atomic<Int>(0)

  func next() -> Int {
    let count = self.count.load(ordering: .relaxed)
    self.count.store(count &+ 1, ordering: .relaxed)
    return count
  }
}
