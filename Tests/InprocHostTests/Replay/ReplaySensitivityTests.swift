import InprocHost
import InprocPeer
import MessageFSM
import Testing

/// A replay that says `ok` must have looked: what a file says is changed, one thing at a time, and the replay must notice.
@Suite("Sensitivity of the replay")
struct ReplaySensitivityTests {
  static let files = [
    "traces/h071_events.json", "traces/h076_private_basic.json", "traces/h119_parallel_same_txid.json",
    "v3_1/traces/n026_batch_left_open.json",
  ]

  @Test("a file that says anything else is refused", arguments: files)
  func noticesEveryChange(_ name: String) throws {
    let original = try JSONValue(parsing: GoldenFiles.bytes(name))
    var changes = 0
    // All changes of one file, every third of the others, whose registrations are alike.
    let all = Self.changes(of: original, path: [])
    for (index, change) in all.enumerated()
    where name == Self.files[0] || index % 3 == 0 && change.path.first != "registration" {
      changes += 1
      let file = try GoldenTrace(json: change.value.text)
      #expect(
        ScenarioRun.replay(file).difference != nil,
        "\(name): nobody noticed the change of \(change.path.joined(separator: "."))")
    }
    #expect(changes > 20)
  }

  /// What a file says of the outcome; everything else is input.
  private static let outputs: Set<String> = [
    "bytes", "type", "dir", "cc", "status", "message", "payload", "error", "pubRwset", "pvtRwset", "block",
    "codes", "headerHash", "state", "height", "currentBlockHash", "previousBlockHash", "segments",
  ]
  private static let inputs: Set<String> = [
    "scenario", "constants", "args", "signedProposal", "envelope", "inputMetadata", "pvtData", "sent",
    "inserted",
  ]

  private static func changes(
    of value: JSONValue, path: [String]
  ) -> [(path: [String], value: JSONValue)] {
    switch value {
    case .object(let members):
      return members.indices.flatMap { index -> [(path: [String], value: JSONValue)] in
        let member = members[index]
        guard !inputs.contains(member.name.string) else { return [] }
        return changes(of: member.value, path: path + [member.name.string]).map { change in
          var copy = members
          copy[index].value = change.value
          return (change.path, .object(copy))
        }
      }
    case .array(let elements):
      return elements.indices.flatMap { index in
        changes(of: elements[index], path: path + [String(index)]).map { change in
          var copy = elements
          copy[index] = change.value
          return (change.path, .array(copy))
        }
      }
    case .string(let text):
      guard isOutput(path), !(path.last == "message" && text.isEmpty) else { return [] }
      return [(path, .string(changed(text, path)))]
    case .number(let number):
      guard isOutput(path), let number = number.int64,
        let value = try? JSONValue(parsing: Array(String(number + 1).utf8))
      else { return [] }
      return [(path, value)]
    case .null, .bool: return []
    }
  }

  /// The name of the field is the last part of the path that is no index, or the namespace of a state.
  private static func isOutput(_ path: [String]) -> Bool {
    // The fields of an event stand beside its bytes, which are what is compared.
    if path.contains("event") { return path.last == "bytes" }
    return path.contains("state") || path.last { Int($0) == nil }.map(outputs.contains) ?? false
  }

  /// Another text of the same kind.
  private static func changed(_ text: WireString, _ path: [String]) -> WireString {
    if path.last == "dir" {
      return text == "peer->chaincode" ? "chaincode->peer" : "peer->chaincode"
    }
    let isText = path.contains { ["cc", "type", "message", "error", "codes", "state"].contains($0) }
    if text.isEmpty && !isText { return "00" }
    if let last = text.string.last, let digit = last.hexDigitValue, [UInt8](hex: text.string) != nil {
      return WireString(text.string.dropLast() + String(digit ^ 1, radix: 16))
    }
    return WireString(text.string + "x")
  }
}
