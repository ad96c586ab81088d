/// Work that others hand over to the task group of ``ChaincodeHost/run()``, so that everything runs inside the structure.
final class WorkQueue: Sendable {
  private struct Item {
    let name: String
    let body: @Sendable () async -> Void
  }

  private struct State {
    var items: [Item] = []
    var closed = false
    var taker: Suspension<Void>?
  }

  private let seam: (any HostSeam)?
  private let state = Locked(State())

  init(seam: (any HostSeam)? = nil) {
    self.seam = seam
  }

  /// Hands `body` over.
  ///
  /// False if nothing is taken any more; `body` does not run then.
  func add(_ name: String, _ body: @escaping @Sendable () async -> Void) -> Bool {
    let (accepted, taker) = state.withLock { state -> (Bool, Suspension<Void>?) in
      guard !state.closed else { return (false, nil) }
      state.items.append(Item(name: name, body: body))
      return (true, state.taker.take())
    }
    taker?.resume(())
    return accepted
  }

  /// Nothing is taken any more.
  func close() {
    let taker = state.withLock { state in
      state.closed = true
      return state.taker.take()
    }
    taker?.resume(())
  }

  /// Runs what is handed over, each in a child task.
  ///
  /// Returns when the queue is closed and all of it has ended.
  func run() async {
    await withDiscardingTaskGroup { group in
      while true {
        let (items, closed) = state.withLock { state in
          defer { state.items = [] }
          return (state.items, state.closed)
        }
        for item in items {
          seam?.taskStarts(item.name)
          group.addTask(name: item.name) { [seam] in
            await item.body()
            seam?.taskEnds()
          }
        }
        if closed { return }
        await suspend { taker in
          state.withLock { state in
            guard state.items.isEmpty && !state.closed else { return () }
            state.taker = taker
            return nil
          }
        }
      }
    }
  }
}
