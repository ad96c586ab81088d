import InprocHost
import MessageFSM

/// What a real Fabric did in one scenario (`golden/FORMAT.md`).
package struct GoldenTrace: Sendable {
  let version: FabricVersion
  let scenario: Scenario
  /// In the order of the names.
  let channels: [GoldenChannel]
  let registration: [GoldenDeployment]
  let steps: [GoldenStep]
  let final: [GoldenChainEnd]

  /// Reads a file's bytes.
  package init(json: [UInt8]) throws(GoldenError) {
    let root: GoldenReader
    do {
      root = GoldenReader(try JSONValue(parsing: json))
    } catch {
      throw GoldenError(place: "", reason: "is no JSON: \(error)")
    }
    guard try root.string("format") == "goldentrace/1" else {
      throw root.error("is no golden file: its format is not goldentrace/1")
    }
    let fabric = try root.required("fabric").string()
    if fabric.hasPrefix("3.") {
      self.version = .v3_1
    } else if fabric == "release-1.4" || fabric.hasPrefix("1.4") {
      self.version = .v1_4
    } else {
      throw root.error("is of Fabric \(fabric), which is neither 1.4 nor 3.1")
    }
    self.scenario = try Scenario(try root.required("scenario"))
    self.channels = try root.members("channels").mapping { member throws(GoldenError) in
      try GoldenChannel(name: member.name.wireString, member.value)
    }
    self.registration = try root.array("registration").mapping(GoldenDeployment.init)
    self.steps = try root.array("steps").mapping(GoldenStep.init)
    self.final = try root.members("final").mapping { member throws(GoldenError) in
      try GoldenChainEnd(channel: member.name.wireString, member.value)
    }
    if steps.count > scenario.steps.count { throw root.error("has more golden steps than its scenario") }
  }
}

/// A channel as it was before the first step.
struct GoldenChannel: Sendable {
  let name: WireString
  /// The genesis block and the seed block.
  let blocks: [GoldenBlock]
  let state: [GoldenNamespace]

  init(name: WireString, _ reader: GoldenReader) throws(GoldenError) {
    self.name = name
    self.blocks = try reader.array("blocks").mapping(GoldenBlock.init)
    self.state = try GoldenNamespace.read(reader, "state")
  }
}

/// The state of one namespace: a line per key.
struct GoldenNamespace: Sendable, Hashable {
  let name: WireString
  /// `keyhex block:tx valuehex[ metadatahex]`.
  let lines: [String]

  static func read(_ reader: GoldenReader, _ name: String) throws(GoldenError) -> [GoldenNamespace] {
    try reader.members(name).mapping { member throws(GoldenError) in
      GoldenNamespace(
        name: member.name.wireString,
        lines: try member.value.array().mapping { line throws(GoldenError) in try line.string() })
    }
  }
}

/// The messages of one deployment.
struct GoldenDeployment: Sendable {
  let channel: WireString
  let messages: [GoldenMessage]

  init(_ reader: GoldenReader) throws(GoldenError) {
    self.channel = try reader.wireString("channel") ?? .empty
    self.messages = try reader.array("messages").mapping(GoldenMessage.init)
  }
}

/// A message as it was received from a stream.
struct GoldenMessage: Sendable, Hashable {
  let fromPeer: Bool
  let chaincode: WireString
  let type: String
  let bytes: [UInt8]

  init(fromPeer: Bool, chaincode: WireString, type: String, bytes: [UInt8]) {
    self.fromPeer = fromPeer
    self.chaincode = chaincode
    self.type = type
    self.bytes = bytes
  }

  init(_ reader: GoldenReader) throws(GoldenError) {
    let direction = try reader.required("dir").string()
    switch direction {
    case "peer->chaincode": self.fromPeer = true
    case "chaincode->peer": self.fromPeer = false
    case _: throw reader.error("has the unknown direction \(direction)")
    }
    self.chaincode = try reader.required("cc").string().wireString
    self.type = try reader.required("type").string()
    // This host sends the records of a batch in the order of insertion, where Go's order is by chance.
    let bytes = try reader.required("bytes").bytes()
    self.bytes = try reader.bytes("normalised") ?? bytes
  }
}

/// A block, how it was given to the ledger, and what the ledger made of it.
struct GoldenBlock: Sendable {
  /// Private writes of one transaction.
  struct PrivateWrites: Sendable {
    let transaction: Int
    let bytes: [UInt8]
  }

  let number: Int
  /// As it was read back after the commit.
  let bytes: [UInt8]
  let inputMetadata: [[UInt8]]
  let codes: [String]
  let dataHash: [UInt8]
  let headerHash: [UInt8]
  let privateWrites: [PrivateWrites]
  /// Each `transaction/namespace/collection`.
  let missing: [String]

  init(_ reader: GoldenReader) throws(GoldenError) {
    self.number = try reader.required("number").int()
    self.bytes = try reader.required("block").bytes()
    self.inputMetadata = try reader.array("inputMetadata").mapping { entry throws(GoldenError) in
      try entry.bytes()
    }
    self.codes = try reader.array("codes").mapping { code throws(GoldenError) in try code.string() }
    self.dataHash = try reader.bytes("dataHash") ?? []
    self.headerHash = try reader.bytes("headerHash") ?? []
    self.privateWrites = try reader.array("pvtData").mapping { entry throws(GoldenError) in
      PrivateWrites(
        transaction: try entry.required("seq").int(), bytes: try entry.required("writeSet").bytes())
    }
    self.missing = try reader.array("missingPvt").mapping { entry throws(GoldenError) in
      try entry.string()
    }
  }
}

/// How a chain ended.
struct GoldenChainEnd: Sendable, Hashable {
  let channel: WireString
  let height: Int
  let currentBlockHash: [UInt8]
  let previousBlockHash: [UInt8]

  init(channel: WireString, height: Int, currentBlockHash: [UInt8], previousBlockHash: [UInt8]) {
    self.channel = channel
    self.height = height
    self.currentBlockHash = currentBlockHash
    self.previousBlockHash = previousBlockHash
  }

  init(channel: WireString, _ reader: GoldenReader) throws(GoldenError) {
    self.init(
      channel: channel, height: try reader.required("height").int(),
      currentBlockHash: try reader.bytes("currentBlockHash") ?? [],
      previousBlockHash: try reader.bytes("previousBlockHash") ?? [])
  }
}
