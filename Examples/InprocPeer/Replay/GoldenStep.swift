import InprocHost
import MessageFSM

/// What came of one step of a scenario.
struct GoldenStep: Sendable {
  let kind: String
  let txid: WireString
  let messages: [GoldenMessage]
  /// As they were sent.
  let args: [[UInt8]]
  let signedProposal: SignedProposal?
  let hasSimulator: Bool
  let result: Response?
  let error: WireString?
  /// The bytes of the event that Execute returned.
  let event: [UInt8]?
  let publicReadWriteSet: [UInt8]?
  let privateReadWriteSet: [UInt8]?
  let envelope: [UInt8]?
  let envelopeError: String?
  let flushes: [GoldenFlush]
  let block: GoldenBlock?
  let state: [GoldenNamespace]?
  let panic: String?
  /// The steps of a `parallel`.
  let steps: [GoldenStep]

  init(_ reader: GoldenReader) throws(GoldenError) {
    self.kind = try reader.required("kind").string()
    self.txid = try reader.wireString("txid") ?? .empty
    self.messages = try reader.array("messages").mapping(GoldenMessage.init)
    self.args = try reader.array("args").mapping { arg throws(GoldenError) in try arg.bytes() }
    self.signedProposal = try Self.signedProposal(reader)
    self.hasSimulator = try reader.bool("simulator") ?? false
    self.result = try reader.optional("result").map(Self.response)
    if let bytes = try reader.bytes("errorHex") {
      self.error = WireString(bytes: bytes)
    } else {
      self.error = try reader.wireString("error")
    }
    self.event = try reader.optional("event")?.bytes("bytes")
    self.publicReadWriteSet = try reader.bytes("pubRwset")
    self.privateReadWriteSet = try reader.bytes("pvtRwset")
    self.envelope = try reader.bytes("envelope")
    self.envelopeError = try reader.string("envelopeError")
    self.flushes = try reader.array("flushes").mapping(GoldenFlush.init)
    self.block = try reader.optional("block").map(GoldenBlock.init)
    self.state = reader.optional("state") == nil ? nil : try GoldenNamespace.read(reader, "state")
    self.panic = try reader.string("panic")
    self.steps = try reader.array("steps").mapping(GoldenStep.init)
  }

  private static func signedProposal(_ reader: GoldenReader) throws(GoldenError) -> SignedProposal? {
    guard let bytes = try reader.bytes("signedProposal") else { return nil }
    do throws(WireError) {
      return try SignedProposal(wireBytes: bytes)
    } catch {
      throw reader.error("signedProposal cannot be read: \(error)")
    }
  }

  private static func response(_ reader: GoldenReader) throws(GoldenError) -> Response {
    let status = try reader.required("status").int()
    guard let status = Int32(exactly: status) else { throw reader.error("status is no 32-bit number") }
    return Response(
      status: status, message: try reader.wireString("message") ?? .empty,
      payload: try reader.bytes("payload") ?? [])
  }
}

/// The end of a write batch: what was sent.
struct GoldenFlush: Sendable {
  let records: Int
  /// How many records each message had.
  let segments: [Int]
  /// All records in the order of their insertion.
  let inserted: [WriteRecord]

  init(_ reader: GoldenReader) throws(GoldenError) {
    self.records = try reader.int("records") ?? 0
    self.segments = try reader.array("segments").mapping { segment throws(GoldenError) in
      try segment.int()
    }
    let inserted = try reader.bytes("inserted") ?? []
    do throws(WireError) {
      self.inserted = try WriteBatchState(wireBytes: inserted).records
    } catch {
      throw reader.error("inserted cannot be read: \(error)")
    }
  }
}
