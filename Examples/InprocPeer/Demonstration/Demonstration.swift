import InprocHost
import MessageFSM
import SystemChaincodes

/// What a newcomer sees first: one peer, from its start to its end, in acts of one screen each.
package struct Demonstration: Sendable {
  let screen: Screen
  let peer = TradePeer()
  let auditor = Auditor()
  let fee: Int

  /// A demonstration on this screen; with another fee than 1 it comes to its end too early.
  package init(on screen: Screen = Screen(), fee: Int = 1) {
    self.screen = screen
    self.fee = fee
  }

  /// Shows all acts; returns the exit code, which is 1 if something is not as they say.
  package func run() async -> Int32 {
    do {
      try await show()
      return 0
    } catch {
      screen.line("\nthe demonstration failed: \(error)")
      return 1
    }
  }

  private func show() async throws {
    let host = peer.host
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await host.run() }
      guard await host.hasStarted() else { return }
      do {
        try await start()
        try await join()
        try await instantiate()
        let paid = try await transfer()
        let lost = try await conflict()
        try await query(paid, lost)
        try await upgrade()
      } catch {
        await host.stop()
        throw error
      }
      try await stop()
      try await group.waitForAll()
    }
  }

  private func stop() async throws {
    screen.act(
      "8. The peer stops",
      "Both ends of every stream are torn down. Look at what is left: nothing.")
    screen.line("running", "\(peer.host.openWork.chaincodes) chaincodes")
    await peer.host.stop()
    let left = peer.host.openWork
    screen.line("left behind", left.isNothing ? "nothing" : "\(left)")
    try screen.expect(left.isNothing, "nothing to be left")
    let (begun, ended) = (peer.host.count(.transactionsBegun), peer.host.count(.transactionsEnded))
    screen.line("transactions", "\(begun) begun, \(ended) ended")
    try screen.expect(begun == ended, "every transaction to have ended")
  }
}
