public import MessageFSM

/// A chaincode that does what its second argument says, for tests, simulation and benchmarks.
///
/// It is called with `["run", operations]`, where the operations are a JSON text: a list of lists, each the name of an operation
/// and its operands, such as `[["get","k"],["put","k","v"]]`. They run in order, and the response's payload has a line
/// `name=result` for each. Bytes are shown in hexadecimal, absent ones as `-`, an error as `!` and its text, nothing as `ok`.
///
/// An operand is itself, except that `hex:6162` stands for bytes and `rep:3:ab` for `ababab`; one that is missing is empty.
///
/// - `get k`, `put k v`, `del k`, `getMeta k`, `putMeta k v`, and the same in a collection: `getPrivate coll k`,
///   `putPrivate coll k v`, `delPrivate coll k`, `getPrivateMeta coll k`, `putPrivateMeta coll k v`, `privateHash coll k`,
///   `purgePrivate coll k`
/// - `getMultiple [keys]`, `getMultiplePrivate coll [keys]`, `getMultipleN prefix n`, `putN prefix n v`, `startBatch`, `finishBatch`
/// - `range s e`, `rangeLimit s e n`, `rangeOpen s e n`, `rangeOver s e`, `rangeCloseTwice s e n`, `rangeUseAfterClose s e n`,
///   `rangeInterleave s1 e1 s2 e2`, `rangePage s e size bookmark`, `query q`, `queryPage q size bookmark`, `history k`,
///   `privateRange coll s e`, `privateQuery coll q`
/// - `compositeKey type [attributes]`, `splitComposite key`, `putComposite type [attributes] v`,
///   `putPrivateComposite coll type [attributes] v`, `partial type [attributes]`, `partialPage type [attributes] size bookmark`,
///   `privatePartial coll type [attributes]`, `allCompositePage size bookmark`
/// - `call chaincode channel operations`, `callArgs chaincode channel [args]`, `event name payload`
/// - `txid`, `channel`, `args`, `stringArgs`, `function`, `argsSlice`, `creator`, `binding`, `transient`, `decorations`,
///   `timestamp`, `signedProposalHash`
/// - `rawPut coll k v`, `rawDel coll k`, `rawPurge coll k`, `rawMultiple coll [keys]`, `rawBatch [[type, coll, key, value, metakey,
///   metavalue]]`, `rawSend TYPE payload`: a message past the stub's checks
/// - `sleep ms`, `return payload`, `fail message`, `status code message payload`
public struct ScriptedChaincode: Chaincode {
  private let clock: any Clock<Duration>

  /// A chaincode whose operation `sleep` waits for `clock`.
  public init(clock: any Clock<Duration>) {
    self.clock = clock
  }

  /// The arguments that make a scripted chaincode run these operations.
  public static func input(_ operations: String) -> ChaincodeInput {
    ChaincodeInput(args: [run, Array(operations.utf8)])
  }

  /// Runs the operations; succeeds without doing anything if there are none to run.
  public func initialize(_ stub: ChaincodeStub) async -> Response {
    guard let operations = Self.operations(stub.args) else { return .success() }
    return await run(operations, stub)
  }

  /// Runs the operations.
  public func invoke(_ stub: ChaincodeStub) async -> Response {
    guard let operations = Self.operations(stub.args) else {
      return .failure("scripted: expected [run, ops], got \(String(stub.args.count)) args")
    }
    return await run(operations, stub)
  }

  private static let run = Array("run".utf8)

  private static func operations(_ args: [[UInt8]]) -> [UInt8]? {
    args.count == 2 && args[0] == run ? args[1] : nil
  }

  private func run(_ text: [UInt8], _ stub: ChaincodeStub) async -> Response {
    guard let operations = ScriptOperation.parse(text) else { return .failure("scripted: bad ops") }
    let context = ScriptContext(stub: stub, clock: clock)
    var lines: [UInt8] = []
    for operation in operations {
      guard let execute = ScriptOperation.all[operation.name] else {
        return .failure("scripted: unknown op \(operation.name)")
      }
      lines += Array("\(operation.name)=".utf8)
      do {
        switch try await execute(context, operation) {
        case .ok: lines += Array("ok".utf8)
        case .value(let value): lines += value.shown
        case .text(let text): lines += text
        case .end(let response): return response
        }
      } catch {
        lines += Self.shown(error)
      }
      lines.append(UInt8(ascii: "\n"))
    }
    return .success(lines)
  }

  /// An error as a result.
  static func shown(_ error: any Error) -> [UInt8] {
    [UInt8(ascii: "!")] + WireString(textOf: error).bytes
  }
}

/// What an operation works with.
struct ScriptContext: Sendable {
  let stub: ChaincodeStub
  let clock: any Clock<Duration>
}

/// What came of an operation.
enum ScriptResult: Sendable {
  /// It was done.
  case ok
  /// Bytes, or none.
  case value([UInt8]?)
  /// A result in a form of its own.
  case text([UInt8])
  /// The script ends with this response.
  case end(Response)

  /// Text in a form of its own.
  static func text(_ text: String) -> ScriptResult { .text(Array(text.utf8)) }

  /// Bytes of which there are none when they are empty, as protobuf leaves them.
  static func nonEmpty(_ bytes: [UInt8]) -> ScriptResult { .value(bytes.isEmpty ? nil : bytes) }
}

extension [UInt8]? {
  /// In hexadecimal, `-` if absent.
  var shown: [UInt8] { self?.hexBytes ?? [UInt8(ascii: "-")] }
}
