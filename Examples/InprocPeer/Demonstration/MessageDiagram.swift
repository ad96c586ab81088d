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
    let width = 34
    var drawing = "  " + "peer".padded(to: width) + "    chaincode\n"
    for line in lines.all where line.txid == txid {
      switch line.receiver {
      case .chaincode: drawing += "  " + line.text.padded(to: width) + " ──► \(line.chaincode)\n"
      case .peer: drawing += "  " + "".padded(to: width) + " ◄── \(line.text)\n"
      }
    }
    return drawing
  }

  private static func text(of message: ChaincodeMessage) -> String {
    let detail: String
    switch message.payload {
    case .transaction(let input), .initialize(let input):
      detail = input.args.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    case .getState(let get): detail = "\(get.key)"
    case .putState(let put): detail = "\(put.key) = \(String(decoding: put.value, as: UTF8.self))"
    case .invokeChaincode(let spec): detail = "\(spec.chaincodeID?.name ?? "")"
    case .response(.bytes(let bytes)): detail = String(decoding: bytes, as: UTF8.self)
    case .response(.message(let called)): detail = text(of: called)
    case .completed(let response):
      detail = "\(response.status) \(response.message)" + String(decoding: response.payload, as: UTF8.self)
    case .error(let text): detail = "\(text)"
    default: detail = ""
    }
    return detail.isEmpty ? "\(message.type)" : "\(message.type) \(detail)"
  }
}

extension String {
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
