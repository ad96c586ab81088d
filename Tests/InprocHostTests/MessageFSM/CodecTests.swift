import Foundation
import MessageFSM
import Testing

@testable import InprocHost

/// All messages of all golden traces.
private enum GoldenMessages {
  struct Recorded: Sendable {
    let type: String
    let bytes: [UInt8]
    let file: String
  }

  static let all: [Recorded] = {
    var found: [Recorded] = []
    for folder in ["traces", "v3_1/traces"] {
      for file in (try? Golden.files(folder)) ?? [] where file.hasSuffix(".json") {
        if let data = try? Golden.data(file) { collect(data, file, &found) }
      }
    }
    return found
  }()

  private static let direction = Data("{\"dir\":\"".utf8)
  private static let end = Data("\"}".utf8)

  /// Looks for the messages only: to read all of the files takes longer than all other tests.
  private static func collect(_ data: Data, _ file: String, _ found: inout [Recorded]) {
    var rest = data.startIndex..<data.endIndex
    while let begin = data.range(of: direction, in: rest),
      let end = data.range(of: end, in: begin.upperBound..<data.endIndex)
    {
      rest = end.upperBound..<data.endIndex
      let fields = String(decoding: data[begin.upperBound..<end.lowerBound], as: UTF8.self)
        .components(separatedBy: "\",\"")
      func field(_ name: String) -> String? {
        fields.first { $0.hasPrefix("\(name)\":\"") }.map { String($0.dropFirst(name.utf8.count + 3)) }
      }
      guard let type = field("type"), let hex = field("bytes") else { continue }
      found.append(Recorded(type: type, bytes: bytes(hex: hex), file: file))
      if let normalised = field("normalised") {
        found.append(Recorded(type: type, bytes: bytes(hex: normalised), file: file))
      }
    }
  }
}

@Suite("The codec")
struct CodecTests {
  @Test("every recorded message is read, and written as the same bytes")
  func roundTrip() throws {
    let messages = GoldenMessages.all
    #expect(messages.count == 11_595)
    var types: Set<MessageType> = []
    var unreadable: [String: Int] = [:]
    for recorded in messages {
      if let fault = Self.fault(of: recorded, &types, &unreadable) {
        Issue.record("\(recorded.file), \(recorded.type): \(fault)")
      }
    }
    // Strings that are not UTF-8, and payloads that are garbage; Fabric does not read them either.
    #expect(
      unreadable == [
        "traces/h007_invalid_utf8.json": 13, "v3_1/traces/n020_multiple_raw.json": 1,
        "v3_1/traces/n034_batch_raw_errors.json": 1, "v3_1/traces/n053_purge_errors.json": 1,
        "v3_1/traces/n062_raw_unmarshal.json": 30,
      ])
    // Everything that a chaincode and a peer say to each other is among them.
    let never: Set<MessageType> = [.undefined, .keepalive]
    #expect(Set(MessageType.known).subtracting(types) == never)
  }

  private static func fault(
    of recorded: GoldenMessages.Recorded, _ types: inout Set<MessageType>, _ unreadable: inout [String: Int]
  ) -> String? {
    do throws(WireError) {
      let message = try ChaincodeMessage(wireBytes: recorded.bytes)
      types.insert(message.type)
      if message.type.name != recorded.type { return "type \(message.type)" }
      if message.wireBytes() != recorded.bytes { return "other bytes" }
      // In a form of its own, or as bytes where Fabric's are not the canonical ones; either way what was sent.
      let typed = try message.payload.typed()
      if typed.type != message.type { return "payload of type \(typed.type)" }
      if Payload(type: message.type, wireBytes: typed.wireBytes()) != typed { return "payload differs" }
      if let proposal = message.proposal, try SignedProposal(wireBytes: proposal.wireBytes()) != proposal {
        return "proposal differs"
      }
    } catch {
      unreadable[recorded.file, default: 0] += 1
    }
    return nil
  }

  @Test("a payload is typed, or says why it cannot be", arguments: MessageType.known)
  func payloads(_ type: MessageType) {
    let garbage = Payload(type: type, wireBytes: [0xff])
    #expect(garbage.type == type)
    #expect(garbage.wireBytes() == [0xff])
    let empty = Payload(type: type, wireBytes: [])
    #expect(empty.type == type)
    #expect(empty.wireBytes().isEmpty)
    #expect((try? empty.typed()) != nil)
  }

  @Test(
    "type names and numbers lead back to the type",
    arguments: MessageType.known + [.unrecognized(12), .unrecognized(-7)])
  func names(_ type: MessageType) {
    #expect(MessageType(number: type.number) == type)
    #expect(MessageType(name: type.name) == type)
  }

  /// A message changed as a broken or malicious sender might: bits, bytes, lengths, parts of another.
  private static func mutated(
    _ original: [UInt8], _ other: [UInt8], _ generator: inout SplitMix
  ) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let place = Int.random(in: 0...bytes.count, using: &generator)
      switch Int.random(in: 0..<8, using: &generator) {
      case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 1 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &generator)
      case 2: bytes.removeSubrange(place...)
      case 3:
        bytes.insert(contentsOf: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], at: place)
      case 4: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
      case 5 where place < bytes.count: bytes.remove(at: place)
      case 6: bytes.insert(contentsOf: other.prefix(Int.random(in: 0...40, using: &generator)), at: place)
      case _:
        // A group, a reserved wire type, a field number of zero.
        bytes.insert(
          [0x0b, 0x0c, 0x0e, 0x0f, 0x00, 0x07][Int.random(in: 0..<6, using: &generator)], at: place)
      }
    }
    return bytes
  }

  @Test(
    "a mutated message is read or refused, and what is read is written and read again as the same",
    arguments: 0..<4)
  func mutations(_ seed: UInt64) {
    var generator = SplitMix(state: seed)
    // One of each shape is enough, and short ones are quick.
    var shapes: [String: [UInt8]] = [:]
    for recorded in GoldenMessages.all where recorded.bytes.count < 1200 {
      shapes["\(recorded.type) \(recorded.bytes.count / 16)"] = recorded.bytes
    }
    let originals = shapes.sorted { $0.key < $1.key }.map(\.value)
    #expect(originals.count > 100)
    var (read, refused) = (0, 0)
    for round in 0..<30_000 {
      let original = originals[round % originals.count]
      let other = originals[Int.random(in: 0..<originals.count, using: &generator)]
      let bytes = Self.mutated(original, other, &generator)
      do throws(WireError) {
        let message = try ChaincodeMessage(wireBytes: bytes)
        read += 1
        let written = message.wireBytes()
        let again = try ChaincodeMessage(wireBytes: written)
        if again != message || again.wireBytes() != written {
          Issue.record("\(bytes) is not stable")
        }
        let typed = try message.payload.typed()
        _ = typed.wireBytes()
        try typed.checkUTF8()
        if let proposal = message.proposal {
          _ = try? ProposalContext(proposal, version: .v1_4)
          _ = try? ProposalContext(proposal, version: .v3_1)
        }
      } catch {
        _ = error.text(.v1_4) + error.text(.v3_1)
        refused += 1
      }
    }
    // Both happen, so that the test tests something.
    #expect(read > 3000 && refused > 3000, "read \(read), refused \(refused)")
  }

  @Test("bytes without any sense are read or refused as every payload", arguments: MessageType.known)
  func noise(_ type: MessageType) {
    var generator = SplitMix(state: UInt64(type.number))
    for _ in 0..<1000 {
      let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      let payload = Payload(type: type, wireBytes: bytes)
      #expect(payload.wireBytes() == bytes || payload.type == .registered || payload.type == .keepalive)
      if let typed = try? Payload.raw(type, bytes).typed() {
        #expect(typed.type == type)
        try? typed.checkUTF8()
      }
    }
  }

  @Test("a message that is nested without end is refused, not followed")
  func depth() {
    // A group in a group in a group, and a proposal whose bytes claim to go on.
    for opening in [0x0b, 0x1b, 0x2b] as [UInt8] {
      #expect(throws: WireError.self) {
        try ChaincodeMessage(wireBytes: [UInt8](repeating: opening, count: 1_000_000))
      }
    }
  }
}
