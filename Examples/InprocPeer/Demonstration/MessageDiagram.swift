import InprocHost
import MessageFSM

/// Notes the messages of transactions and draws them between peer and chaincode.
final class MessageDiagram: MessageObserver {
  private struct Line: Sendable {
    let txid: WireString
    let chaincode: WireString
    let receiver: StreamEnd
    let text: String
  }

  private let lines = Notebook<Line>()

  func received(_ message: ChaincodeMessage, by end: StreamEnd, chaincode: WireString) {
    lines.add(
      Line(txid: message.txid, chaincode: chaincode, receiver: end, text: Self.text(of: message)))
  }

  /// The messages of one transaction in two columns: what the peer sends on the left, what the chaincode sends on the right.
  func drawing(of txid: WireString) -> String {
    let width = 36
    let drawing = lines.all.filter { $0.txid == txid }.map { line in
      switch line.receiver {
      case .chaincode: "\(line.text.filled(to: width, with: " ")) ──► \(line.chaincode)"
      case .peer: "\("".filled(to: width, with: " ")) ◄── \(line.text)"
      }
    }
    return (["peer".filled(to: width + 5, with: " ") + "chaincode"] + drawing).joined(separator: "\n")
  }

  private static func text(of message: ChaincodeMessage) -> String {
    let detail: String
    switch message.payload {
    case .transaction(let input), .initialize(let input):
      detail = input.args.map(shown).joined(separator: " ")
    case .getState(let get): detail = "\(get.key)"
    case .putState(let put): detail = "\(put.key) = \(shown(put.value))"
    case .invokeChaincode(let spec): detail = "\(spec.chaincodeID?.name ?? "")"
    case .response(.bytes(let bytes)): detail = shown(bytes)
    case .response(.message(let called)): detail = text(of: called)
    case .completed(let response):
      detail = ["\(response.status)", response.message.string, shown(response.payload)]
        .filter { !$0.isEmpty }.joined(separator: " ")
    case .error(let text): detail = "\(text)"
    default: detail = ""
    }
    return detail.isEmpty ? "\(message.type)" : "\(message.type) \(detail)"
  }

  /// Text as it is; what is none, such as a message, by its length.
  private static func shown(_ bytes: [UInt8]) -> String {
    let isText = bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
    return isText ? String(decoding: bytes, as: UTF8.self) : "(\(bytes.count) bytes)"
  }
}
