/// Runs a host for as long as `body` runs.
///
/// Returns what `body` returns, when the host has stopped and nothing of it is left.
///
/// - Throws: what `body` throws, after the host has stopped.
public func withChaincodeHost<Result: Sendable>(
  _ configuration: HostConfiguration, _ body: (ChaincodeHost) async throws -> Result
) async throws -> Result {
  let host = ChaincodeHost(configuration)
  return try await withThrowingTaskGroup(of: Void.self) { group in
    configuration.seam?.taskStarts("host")
    group.addTask(name: "host") {
      try await host.run()
      configuration.seam?.taskEnds()
    }
    _ = await host.hasStarted()
    let result: Result
    do {
      result = try await body(host)
    } catch {
      await host.stop()
      throw error
    }
    await host.stop()
    try await group.waitForAll()
    return result
  }
}
