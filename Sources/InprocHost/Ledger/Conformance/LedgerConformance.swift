public import MessageFSM

/// Checks whether a ledger keeps the promises of ``PeerLedger``, each by name.
///
/// ```swift
/// let failures = await LedgerConformance(fabricVersion: .v1_4) { MyLedger() }.run()
/// ```
///
/// Every check gets a ledger of its own, empty: no block, not even a genesis block. Collections are defined as Fabric 1.4 defines
/// them, in the namespace `lscc`, which Fabric 3.1 understands too.
public struct LedgerConformance: Sendable {
  /// One promise.
  public struct Check: Sendable {
    /// What is promised, in a sentence.
    public let name: String
    let body: @Sendable (borrowing ConformanceBench) async throws -> Void
  }

  /// A promise that was not kept.
  public struct Failure: Error, Sendable, CustomStringConvertible {
    /// The name of the check.
    public var check: String
    /// What came instead.
    public var message: String

    /// Name and message.
    public var description: String { "\(check): \(message)" }
  }

  /// All checks, in order.
  public static var checks: [Check] {
    stateChecks + rangeChecks + ruleChecks + commitChecks + privateChecks
  }

  private let version: FabricVersion
  private let makeLedger: @Sendable () async throws -> any PeerLedger

  /// A suite for the ledgers that `makeLedger` makes; they have the texts and orders of this version of Fabric.
  public init(
    fabricVersion: FabricVersion, makeLedger: @escaping @Sendable () async throws -> any PeerLedger
  ) {
    self.version = fabricVersion
    self.makeLedger = makeLedger
  }

  /// Runs all checks, one after another, and gives those that failed.
  ///
  /// Returns when the last has ended.
  public func run() async -> [Failure] {
    var failures: [Failure] = []
    for check in Self.checks {
      if let failure = await run(check) { failures.append(failure) }
    }
    return failures
  }

  /// Runs one check; gives its failure, or `nil` if the promise was kept.
  public func run(_ check: Check) async -> Failure? {
    do {
      let bench = ConformanceBench(version: version, ledger: try await makeLedger())
      try await check.body(bench)
      return nil
    } catch let mismatch as ConformanceBench.Mismatch {
      return Failure(check: check.name, message: mismatch.message)
    } catch {
      return Failure(check: check.name, message: "threw \(error)")
    }
  }
}
