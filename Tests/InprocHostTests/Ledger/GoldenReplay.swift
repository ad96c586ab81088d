import Foundation
import InprocHost
import MessageFSM

/// Drives ledgers with the requests that a golden file recorded and compares everything the ledger answers and commits.
final class GoldenReplay {
  private let file: GoldenFile
  private var ledgers: [String: InMemoryLedger] = [:]
  private var frames: [GoldenHandler.Frame] = []
  private var frameTxids: [WireString] = []
  private var iterators: [String: Int] = [:]
  private(set) var mismatches: [String] = []
  /// How many things were compared and agreed or not.
  private(set) var comparisons = 0
  private var place = ""

  init(_ file: GoldenFile) {
    self.file = file
  }

  func run() async throws {
    for (channel, content) in file.channels.sorted(by: { $0.key < $1.key }) {
      place = "channel \(channel)"
      let ledger = InMemoryLedger(channel: WireString(channel), options: file.options)
      ledgers[channel] = ledger
      for block in content["blocks"] as? [[String: Any]] ?? [] { try commit(block, ledger, error: nil) }
      compareState(ledger, content["state"])
    }
    for (step, scenario) in zip(file.steps, file.scenarioSteps) { try await run(step, scenario) }
    for (channel, expected) in file.final {
      guard let info = ledgers[channel]?.blockchainInfo() else { continue }
      place = "final \(channel)"
      compare("height", "\(info.height)", "\(expected["height"] as? Int ?? -1)")
      compare("currentBlockHash", info.currentBlockHash.hex, expected["currentBlockHash"] as? String ?? "")
      compare("previousBlockHash", info.previousBlockHash.hex, expected["previousBlockHash"] as? String ?? "")
    }
  }

  private func run(_ step: [String: Any], _ scenario: [String: Any]) async throws {
    let kind = scenario["kind"] as? String ?? ""
    let channel = scenario["channel"] as? String ?? ""
    place = "step \(step["index"] ?? "?") \(kind)"
    switch kind {
    case "commit":
      guard let ledger = ledgers[channel], let block = step["block"] as? [String: Any] else { return }
      try commit(block, ledger, error: (step["error"] ?? step["panic"]) as? String)
      if let state = step["state"] { compareState(ledger, state) }
    case "parallel":
      let inner = step["steps"] as? [[String: Any]] ?? []
      let innerScenarios = scenario["steps"] as? [[String: Any]] ?? []
      let shared = step["messages"] as? [[String: Any]] ?? []
      for (step, scenario) in zip(inner, innerScenarios) {
        var step = step
        if step["messages"] == nil || (step["messages"] as? [Any])?.isEmpty == true {
          let isShared = Set(inner.map { $0["txid"] as? String ?? "" }).count < inner.count
          step["messages"] = step["error"] != nil ? [] : shared.filter { own($0, step, scenario, isShared) }
        }
        try await run(step, scenario)
      }
    default:
      try await simulate(step, channel: channel)
      if scenario["chaincode"] as? String == "qscc" { compareQuery(step, scenario) }
    }
  }

  /// What qscc answered, asked of the ledger.
  private func compareQuery(_ step: [String: Any], _ scenario: [String: Any]) {
    let args = scenario["args"] as? [Any] ?? []
    guard args.count == 3 || (args.count == 2 && args[0] as? String == "GetChainInfo"),
      let result = step["result"] as? [String: Any], let ledger = ledgers[args[1] as? String ?? ""]
    else { return }
    let operand = args.count > 2 ? args[2] : ""
    let text = operand as? String ?? ""
    let answer: [UInt8]
    do {
      switch args[0] as? String ?? "" {
      case "GetChainInfo": answer = ledger.blockchainInfo().wireBytes()
      case "GetBlockByNumber":
        guard let number = UInt64(text) else { return }
        answer = try ledger.block(number: number).wireBytes()
      case "GetBlockByHash":
        guard let reference = (operand as? [String: Any])?["blockHash"] as? [Any], reference.count == 2,
          let number = reference[1] as? Int
        else { return }
        let block = try ledgers[reference[0] as? String ?? ""]?.block(number: UInt64(number))
        answer = try ledger.block(hash: block?.header?.hash ?? []).wireBytes()
      case "GetBlockByTxID": answer = try ledger.block(txid: WireString(text)).wireBytes()
      case "GetTransactionByID": answer = try ledger.transaction(txid: WireString(text)).wireBytes()
      default: return
      }
    } catch {
      let message = result["message"] as? String ?? ""
      let isTold = message.hasSuffix("\(error)") || message.contains("must not be nil")
      compare("qscc", isTold ? message : "\(error)", message)
      return
    }
    if result["status"] as? Int == 200 { compare("qscc", answer.hex, result["payload"] as? String ?? "") }
  }

  /// Whether a message of a parallel step belongs to this one of its transactions; a shared txid does not tell.
  private func own(
    _ entry: [String: Any], _ step: [String: Any], _ scenario: [String: Any], _ isShared: Bool
  ) -> Bool {
    guard let message = message(of: entry), message.txid.string == step["txid"] as? String else {
      return false
    }
    return !isShared
      || message.channelID.string == scenario["channel"] as? String
        && entry["cc"] as? String == scenario["chaincode"] as? String
  }

  // MARK: Transactions

  private func message(of recorded: [String: Any]) -> ChaincodeMessage? {
    let hex = (recorded["normalised"] ?? recorded["bytes"]) as? String ?? ""
    return try? ChaincodeMessage(wireBytes: GoldenFile.bytes(hex))
  }

  private func simulate(_ step: [String: Any], channel: String) async throws {
    let hasSimulator = step["simulator"] as? Bool == true
    let ledger = hasSimulator ? ledgers[channel] : nil
    let txid = WireString(step["txid"] as? String ?? "")
    let simulator = ledger?.newTxSimulator(txid: txid)
    let history = ledger?.newHistoryQueryExecutor()
    let recorded = step["messages"] as? [[String: Any]] ?? []
    var isFirst = true
    var caller: GoldenHandler.Frame?
    for (index, entry) in recorded.enumerated() {
      guard let message = message(of: entry) else { continue }
      let chaincode = entry["cc"] as? String ?? ""
      let isFromPeer = entry["dir"] as? String == "peer->chaincode"
      if message.type == .register { iterators[chaincode] = 0 }
      if isFromPeer {
        guard message.type == .transaction || message.type == .initialize else { continue }
        var frameSimulator = simulator
        var frameHistory = history
        var owns = false
        if isFirst {
          isFirst = false
        } else if message.channelID != caller?.channel {
          let other = ledgers[message.channelID.string]
          frameSimulator = other?.newTxSimulator(txid: message.txid)
          frameHistory = other?.newHistoryQueryExecutor()
          owns = true
        } else {
          frameSimulator = caller?.simulator
          frameHistory = caller?.history
        }
        frames.append(
          GoldenHandler.Frame(
            chaincode: WireString(chaincode), channel: message.channelID,
            isInit: message.type == .initialize, proposal: message.proposal, simulator: frameSimulator,
            history: frameHistory, ownsSimulator: owns))
        frameTxids.append(message.txid)
        try await checkInitialized(chaincode, frameSimulator, isInit: message.type == .initialize)
        continue
      }
      let found = frames.indices.last {
        frames[$0].chaincode == WireString(chaincode) && frameTxids[$0] == message.txid
          && frames[$0].channel == message.channelID
      }
      guard let found else { continue }
      let frame = frames[found]
      switch message.type {
      case .completed, .error:
        if frame.ownsSimulator { frame.simulator?.done() }
        frames.remove(at: found)
        frameTxids.remove(at: found)
      case .invokeChaincode:
        caller = frame
        try await lookUpCallee(message, frame, after: recorded[(index + 1)...], chaincode)
      default:
        let reply = recorded[(index + 1)...].first {
          $0["dir"] as? String == "peer->chaincode" && $0["cc"] as? String == chaincode
        }
        try await compareAnswer(message, frame, chaincode, reply: reply)
      }
    }
    // A chaincode may go on after its transaction timed out; the peer has no context for it any more.
    frames = []
    frameTxids = []
    guard step["error"] == nil, let simulator else {
      simulator?.done()
      return
    }
    let results = try await simulator.simulationResults()
    compare("pubRwset", results.publicBytes.hex, step["pubRwset"] as? String ?? "absent")
    compare("pvtRwset", results.privateBytes?.hex ?? "absent", step["pvtRwset"] as? String ?? "absent")
    simulator.done()
    do {
      _ = try await simulator.getState(namespace: "x", key: "y")
      mismatches.append("\(place): a read after done() was answered")
    } catch {
      compare("done", "\(error)", "this instance should not be used after calling Done()")
    }
  }

  /// The peer keeps in the chaincode's own namespace whether it was initialized (Fabric 2.0 `CheckInvocation`).
  private func checkInitialized(
    _ chaincode: String, _ simulator: (any TxSimulator)?, isInit: Bool
  ) async throws {
    let enforcing = (file.scenario["chaincodes"] as? [Any] ?? []).contains {
      let chaincodeScenario = $0 as? [String: Any]
      return chaincodeScenario?["name"] as? String == chaincode
        && chaincodeScenario?["enforceInit"] as? Bool == true
    }
    guard enforcing, let simulator else { return }
    let key: WireString = "\u{0}\u{10FFFF}initialized"
    _ = try await simulator.getState(namespace: WireString(chaincode), key: key)
    guard isInit else { return }
    try await simulator.setState(namespace: WireString(chaincode), key: key, value: Array("syscc".utf8))
  }

  /// A call of a chaincode that does not run makes the peer look for its definition, through the caller's simulator.
  private func lookUpCallee(
    _ message: ChaincodeMessage, _ frame: GoldenHandler.Frame, after: ArraySlice<[String: Any]>,
    _ chaincode: String
  ) async throws {
    guard case .invokeChaincode(let spec)? = try? message.payload.typed(), let simulator = frame.simulator,
      let next = after.first, next["type"] as? String == "ERROR", let reply = self.message(of: next),
      case .error(let text) = reply.payload
    else { return }
    let refusals = ["not found", "container info", "no launcher", "chaincode code"]
    guard refusals.contains(where: { text.string.contains($0) }) else { return }
    var name = spec.chaincodeID?.name.string ?? ""
    if let slash = name.firstIndex(of: "/") {
      guard WireString(String(name[name.index(after: slash)...])) == frame.channel else { return }
      name = String(name[..<slash])
    }
    if let colon = name.firstIndex(of: ":") { name = String(name[..<colon]) }
    if file.version == .v3_1
      && file.channelScenario(frame.channel.string)["lifecycleV20"] as? Bool ?? true
    {
      let key = WireString("namespaces/fields/\(name)/Sequence")
      if try await simulator.getState(namespace: "_lifecycle", key: key) != nil { return }
    }
    _ = try await simulator.getState(namespace: "lscc", key: WireString(name))
  }

  private func compareAnswer(
    _ message: ChaincodeMessage, _ frame: GoldenHandler.Frame, _ chaincode: String, reply: [String: Any]?
  ) async throws {
    guard let payload = try? message.payload.typed(), let reply, let expected = self.message(of: reply) else {
      return
    }
    let channel = file.channelScenario(frame.channel.string)
    let handler = GoldenHandler(
      version: file.version, totalQueryLimit: Int32(file.scenario["totalQueryLimit"] as? Int ?? 10000),
      keyLevelEndorsement: channel["keyLevelEndorsement"] as? Bool ?? true,
      purgeEnabled: channel["purgePvtData"] as? Bool ?? true,
      store: LSCCCollectionStore(options: file.options, evaluator: GoldenMSP()))
    let nextIterator = { () -> WireString in
      self.iterators[chaincode, default: 0] += 1
      return WireString("iter-\(self.iterators[chaincode] ?? 0)")
    }
    let name = message.type.name
    do {
      guard let answer = try await handler.answer(payload, frame, nextIterator: nextIterator) else { return }
      compare(
        name, "RESPONSE " + answer.wireBytes().hex,
        "\(expected.type.name) " + expected.payload.wireBytes().hex)
    } catch let error as LedgerError {
      let prefix = "\(name) failed: transaction ID: \(message.txid): "
      var text = expected.payload.wireBytes()
      // A program's own choice: a space or a no-break space after "proto:".
      if let range = text.firstRange(of: [0xc2, 0xa0]) { text.replaceSubrange(range, with: [0x20]) }
      compare(
        name, "ERROR \(prefix)\(error.message)",
        "\(expected.type.name) " + String(decoding: text, as: UTF8.self))
    }
  }

  // MARK: Blocks

  private func commit(_ recorded: [String: Any], _ ledger: InMemoryLedger, error expected: String?) throws {
    let bytes = GoldenFile.bytes(recorded["block"] as? String ?? "")
    var block = try Block(wireBytes: bytes)
    block.metadata = BlockMetadata(
      metadata: (recorded["inputMetadata"] as? [String] ?? []).map { GoldenFile.bytes($0) })
    let privateData = (recorded["pvtData"] as? [[String: Any]] ?? []).map {
      PrivateWriteSet(
        sequence: UInt64($0["seq"] as? Int ?? 0), writeSet: GoldenFile.bytes($0["writeSet"] as? String ?? ""))
    }
    let before = ledger.blockchainInfo()
    do {
      let committed = try ledger.commit(block, privateData: privateData)
      if let expected {
        mismatches.append("\(place): committed, but Fabric said \(expected)")
        return
      }
      compare("block", committed.wireBytes().hex, bytes.hex)
      let codes = committed.metadata?.metadata[BlockMetadataIndex.transactionsFilter] ?? []
      compare(
        "codes", codes.map { TxValidationCode(rawValue: $0).name }.joined(separator: " "),
        (recorded["codes"] as? [String] ?? []).joined(separator: " "))
      compare("headerHash", committed.header?.hash.hex ?? "", recorded["headerHash"] as? String ?? "")
      compare("dataHash", committed.data?.hash.hex ?? "", recorded["dataHash"] as? String ?? "")
      let number = committed.header?.number ?? 0
      compare("read back", try ledger.block(number: number).wireBytes().hex, bytes.hex)
      let hash = committed.header?.hash ?? []
      compare("by hash", try ledger.block(hash: hash).wireBytes().hex, bytes.hex)
    } catch let error as LedgerError {
      guard let expected else {
        mismatches.append("\(place): commit failed: \(error.message)")
        return
      }
      compare("error", error.message.string, expected)
      compare("info", "\(ledger.blockchainInfo())", "\(before)")
    }
  }

  private func compareState(_ ledger: InMemoryLedger, _ expected: Any?) {
    guard let expected = expected as? [String: [String]] else { return }
    var actual: [String: [String]] = [:]
    for (name, table) in ledger.database.namespaces {
      actual[name.string] = table.map { key, value in
        let metadata = value.metadata.isEmpty ? "" : " " + value.metadata.hex
        let version = "\(value.version.block):\(value.version.transaction)"
        return "\(key.bytes.hex) \(version) \(value.value.hex)\(metadata)"
      }
    }
    for name in Set(actual.keys).union(expected.keys).sorted() {
      compare(
        "state \(name)", actual[name, default: []].joined(separator: "\n"),
        expected[name, default: []].joined(separator: "\n"))
    }
  }

  private func compare(_ what: String, _ actual: String, _ expected: String) {
    comparisons += 1
    if actual != expected {
      mismatches.append("\(place): \(what):\n    got \(actual)\n    not \(expected)")
    }
  }
}
