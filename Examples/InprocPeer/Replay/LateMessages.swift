import InprocHost
import MessageFSM

/// What is known of transactions whose time was over before their chaincodes had ended.
///
/// In Fabric such a chaincode runs on: its later calls are refused, and its end can be taken for that of a later transaction with the
/// same txid. Here its calls throw from the deadline on, without a message, and the deadline of a called chaincode is not later
/// than the caller's. So the messages behind a time-out differ on purpose; what must hold here is that no request is among them.
struct LateMessages: Sendable {
  /// How many runs of a chaincode Fabric's file has not seen the end of, by txid and chaincode.
  private var open: [WireString: [WireString: Int]] = [:]

  /// Fabric's text for a time-out.
  static let text = "timeout expired while executing transaction"

  /// Whether this Execute ended with a time-out.
  static func isTimeout(_ error: WireString?) -> Bool {
    error?.string.hasSuffix("error sending: \(text)") ?? false
  }

  /// Whether a chaincode may still end an earlier run of this txid.
  func isOpen(_ txid: WireString, _ chaincode: WireString) -> Bool {
    open[txid]?[chaincode, default: 0] ?? 0 > 0
  }

  /// Notes that the transaction of a step timed out, with what the file says came before.
  mutating func timedOut(_ txid: WireString, _ messages: [GoldenMessage]) {
    for message in messages where Self.txid(message) == txid {
      switch message.type {
      case "TRANSACTION", "INIT": open[txid, default: [:]][message.chaincode, default: 0] += 1
      case "COMPLETED", "ERROR": ended(txid, message)
      case _: break
      }
    }
  }

  /// Takes late messages of other transactions than `own` out of both lists; says whether the lists differed in them.
  ///
  /// - Throws: a difference if this host's chaincode asked for something after its deadline.
  mutating func remove(
    from expected: inout [GoldenMessage], _ got: inout [GoldenMessage], own: WireString
  ) throws(ReplayDifference) -> Bool {
    let late = Set(open.keys.filter { $0 != own })
    guard !late.isEmpty else { return false }
    let lateExpected = expected.filter { late.contains(Self.txid($0)) }
    let lateGot = got.filter { late.contains(Self.txid($0)) }
    try Self.checkNoRequest(lateGot)
    expected.removeAll { late.contains(Self.txid($0)) }
    got.removeAll { late.contains(Self.txid($0)) }
    for message in lateExpected { ended(Self.txid(message), message) }
    return lateExpected != lateGot
  }

  /// Takes what came behind the time-out of a step's own transaction out of this host's messages.
  ///
  /// - Throws: a difference if a request is among it.
  static func removeTail(
    of got: inout [GoldenMessage], behind count: Int
  ) throws(ReplayDifference) -> Bool {
    guard got.count > count else { return false }
    try checkNoRequest(Array(got[count...]))
    got.removeSubrange(count...)
    return true
  }

  /// Takes what came behind a time-out among other transactions out of both lists: from where they differ in that txid.
  ///
  /// - Throws: a difference if this host's part of it has a request.
  static func removeTails(
    from expected: inout [GoldenMessage], _ got: inout [GoldenMessage], of txid: WireString
  ) throws(ReplayDifference) -> Bool {
    let ownExpected = expected.indices.filter { Self.txid(expected[$0]) == txid }
    let ownGot = got.indices.filter { Self.txid(got[$0]) == txid }
    let common = zip(ownExpected, ownGot).prefix { expected[$0] == got[$1] }.count
    try checkNoRequest(ownGot.dropFirst(common).map { got[$0] })
    for index in ownExpected.dropFirst(common).reversed() { expected.remove(at: index) }
    for index in ownGot.dropFirst(common).reversed() { got.remove(at: index) }
    return ownExpected.count > common || ownGot.count > common
  }

  private mutating func ended(_ txid: WireString, _ message: GoldenMessage) {
    guard !message.fromPeer, message.type == "COMPLETED" || message.type == "ERROR",
      let count = open[txid]?[message.chaincode]
    else { return }
    open[txid]?[message.chaincode] = count > 1 ? count - 1 : nil
    if open[txid]?.isEmpty == true { open[txid] = nil }
  }

  private static func checkNoRequest(_ messages: [GoldenMessage]) throws(ReplayDifference) {
    let isRequest = { (message: GoldenMessage) in
      !message.fromPeer && message.type != "COMPLETED" && message.type != "ERROR"
    }
    guard let index = messages.firstIndex(where: isRequest) else { return }
    throw ReplayDifference(
      "messages after the deadline", expected: "no request (DESIGN §4)",
      got: MessageText.describe(messages, at: index))
  }

  static func txid(_ message: GoldenMessage) -> WireString {
    (try? ChaincodeMessage(wireBytes: message.bytes))?.txid ?? .empty
  }
}
