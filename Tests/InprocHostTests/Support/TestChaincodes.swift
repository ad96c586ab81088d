import MessageFSM
import Testing

@testable import InprocHost

/// A chaincode made of closures.
struct ClosureChaincode: Chaincode {
  var onInitialize: @Sendable (ChaincodeStub) async throws -> Response = { _ in .success() }
  let onInvoke: @Sendable (ChaincodeStub) async throws -> Response

  init(_ invoke: @escaping @Sendable (ChaincodeStub) async throws -> Response) { onInvoke = invoke }

  /// A chaincode of which only `initialize` counts.
  static func initializing(
    _ initialize: @escaping @Sendable (ChaincodeStub) async throws -> Response
  ) -> ClosureChaincode {
    var chaincode = ClosureChaincode { _ in .success() }
    chaincode.onInitialize = initialize
    return chaincode
  }

  func initialize(_ stub: ChaincodeStub) async throws -> Response { try await onInitialize(stub) }
  func invoke(_ stub: ChaincodeStub) async throws -> Response { try await onInvoke(stub) }
}

/// Waits until it is cancelled, and tells when it began and when it was.
struct CancellableChaincode: Chaincode {
  let began = Promise<Void>()
  let cancelled = Promise<Void>()

  func invoke(_ stub: ChaincodeStub) async throws -> Response {
    began.fulfil(())
    _ = await Promise<Void>().value()
    cancelled.fulfil(())
    throw CancellationError()
  }
}

/// Sees every message; `action` is called at one of them.
final class CountingObserver: MessageObserver {
  private struct State {
    var seen: [(type: MessageType, end: StreamEnd, chaincode: WireString)] = []
    var isCounting = false
    var index = -1
    var action: (@Sendable () -> Void)?
  }

  private let state = Locked(State())

  /// Begins to count; at message `index`, from 0, `action` is called before it is handled.
  func start(at index: Int = -1, _ action: (@Sendable () -> Void)? = nil) {
    state.withLock { state in
      state.seen = []
      state.isCounting = true
      state.index = index
      state.action = action
    }
  }

  var count: Int { state.withLock { $0.seen.count } }

  var log: [String] {
    state.withLock { state in state.seen.map { "\($0.chaincode) \($0.end.rawValue) \($0.type)" } }
  }

  func received(_ message: ChaincodeMessage, by end: StreamEnd, chaincode: WireString) {
    let action = state.withLock { state -> (@Sendable () -> Void)? in
      guard state.isCounting else { return nil }
      state.seen.append((message.type, end, chaincode))
      return state.seen.count - 1 == state.index ? state.action.take() : nil
    }
    action?()
  }
}

extension Response {
  var text: String { String(decoding: payload, as: UTF8.self) }
}

/// Metrics of which a test looks at some only.
protocol PartialMetrics: HostMetrics {}

extension PartialMetrics {
  func launched(chaincode: WireString, duration: Duration, success: Bool) {}
  func launchFailed(chaincode: WireString) {}
  func launchTimedOut(chaincode: WireString) {}
  func requestReceived(type: MessageType, channel: WireString, chaincode: WireString, records: Int) {}
  func requestCompleted(
    type: MessageType, channel: WireString, chaincode: WireString, duration: Duration, success: Bool
  ) {}
  func executeTimedOut(chaincode: WireString) {}
}

/// Takes the times of all requests, so that none of them is served in a shorter way.
struct IgnoringMetrics: PartialMetrics {}

/// Runs `body` with a host, and checks that nothing is left afterwards.
func withHost(
  version: FabricVersion = .v1_4, ledger: TestLedger = TestLedger(),
  configure: (inout HostConfiguration) -> Void = { _ in },
  _ body: (ChaincodeHost, ManualClock) async throws -> Void
) async throws {
  let clock = ManualClock()
  var configuration = HostConfiguration(version: version, ledgers: ledger, clock: clock)
  configuration.accessControl = AllowAll()
  configure(&configuration)
  let finished = Locked<ChaincodeHost?>(nil)
  try await withChaincodeHost(configuration) { host in
    finished.withLock { $0 = host }
    try await body(host, clock)
  }
  if let host = finished.withLock({ $0 }) {
    let left = host.openWork
    #expect(left.isNothing, "\(left)")
    #expect(host.count(.transactionsBegun) == host.count(.transactionsEnded))
  }
  #expect(ledger.openIteratorCount == 0)
}

extension ChaincodeHost {
  /// Runs a transaction on ch1 with a simulator of its own.
  func run(
    _ chaincode: WireString, _ args: [String] = [], txid: WireString = "tx1", ledger: TestLedger? = nil,
    timeout: Duration? = nil
  ) async -> Result<ExecuteResult, TransactionError> {
    let simulator = ledger?.simulator()
    defer { simulator?.done() }
    let params = TransactionParams(
      channelID: "ch1", txid: txid, simulator: simulator, historyQueryExecutor: ledger?.history,
      timeout: timeout)
    do throws(TransactionError) {
      return .success(
        try await execute(chaincode, input: ChaincodeInput(args: args.map { Array($0.utf8) }), params: params)
      )
    } catch {
      return .failure(error)
    }
  }
}

extension Result where Success == ExecuteResult, Failure == TransactionError {
  var error: TransactionError? {
    if case .failure(let error) = self { return error }
    return nil
  }

  var response: Response? { try? get().response }
}
