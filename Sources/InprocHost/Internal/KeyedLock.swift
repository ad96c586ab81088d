import MessageFSM

/// One lock per key, held across suspensions, first come first served.
///
/// A key that nobody holds costs nothing.
final class KeyedLock: Sendable {
  private let seam: (any HostSeam)?
  private let waiting = Locked<[ChaincodeVersion: [Suspension<Void>]]>([:])

  init(seam: (any HostSeam)? = nil) {
    self.seam = seam
  }

  /// Runs `body` while no other body of that key runs.
  func withLock<Result: Sendable, Failure: Error>(
    _ key: ChaincodeVersion, _ body: () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    await suspend { waiter in
      waiting.withLock { waiting in
        if waiting[key] == nil {
          waiting[key] = []
          return ()
        }
        waiting[key]?.append(waiter)
        return nil
      }
    }
    defer { unlock(key) }
    return try await body()
  }

  private func unlock(_ key: ChaincodeVersion) {
    if seam?.performs(.unlockChaincode) == false { return }
    let next = waiting.withLock { waiting -> Suspension<Void>? in
      if waiting[key]?.isEmpty ?? true {
        waiting[key] = nil
        return nil
      }
      return waiting[key]?.removeFirst()
    }
    next?.resume(())
  }

  /// How many keys are held.
  var count: Int { waiting.withLock { $0.count } }
}
