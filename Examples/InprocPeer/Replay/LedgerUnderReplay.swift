import InprocHost
import MessageFSM

/// The ledgers of a scenario, made from the blocks of its file.
struct LedgerUnderReplay: Sendable {
  let provider: InMemoryLedgerProvider
  let options: InMemoryLedger.Options
  let collections: any CollectionStore

  init(_ file: GoldenTrace) {
    let options = InMemoryLedger.Options(
      fabricVersion: file.version, collectionProvider: file.scenario.hasLegacyProvider ? .lscc : nil,
      historyEnabled: file.scenario.hasHistory,
      organizations: file.version == .v1_4 ? [] : ["SampleOrg"])
    self.options = options
    self.provider = InMemoryLedgerProvider(options: options)
    self.collections = LSCCCollectionStore(options: options, evaluator: GoldenMSP())
  }

  /// Makes a channel's ledger and commits its first blocks.
  func join(_ channel: GoldenChannel) async throws(ReplayDifference) {
    let ledger = provider.makeLedger(channel: channel.name)
    for block in channel.blocks { try await commit(block, to: ledger) }
    try compareState(channel.state, of: ledger)
  }

  func ledger(_ channel: WireString) throws(ReplayDifference) -> InMemoryLedger {
    guard provider.channels.contains(channel) else {
      throw ReplayDifference("the channel \(channel)", expected: "is there", got: "is not in the file")
    }
    return provider.makeLedger(channel: channel)
  }

  // MARK: Commit

  /// Gives a block to the ledger as Fabric's was given it, and compares what became of it.
  func commit(_ golden: GoldenBlock, to ledger: InMemoryLedger) async throws(ReplayDifference) {
    let committed: Block
    do {
      committed = try ledger.commit(
        try input(golden), privateData: privateData(golden), missing: missing(golden))
    } catch {
      throw ReplayDifference(
        "block \(golden.number)", expected: "committed", got: "refused: \(WireString(textOf: error))")
    }
    let filter = committed.metadata?.metadata.dropFirst(BlockMetadataIndex.transactionsFilter).first ?? []
    let codes = filter.map { TxValidationCode(rawValue: $0).name }
    if codes != golden.codes {
      throw ReplayDifference(
        "validation codes of block \(golden.number)", expected: golden.codes.joined(separator: " "),
        got: codes.joined(separator: " "))
    }
    let bytes = committed.wireBytes()
    if bytes != golden.bytes {
      throw ReplayDifference("bytes of block \(golden.number)", expected: golden.bytes, got: bytes)
    }
    let hash = ledger.blockchainInfo().currentBlockHash
    if hash != golden.headerHash {
      throw ReplayDifference("hash of block \(golden.number)", expected: golden.headerHash, got: hash)
    }
  }

  /// Gives a block to the ledger that Fabric's refused, or died of; returns the refusal, if there is one.
  func refusal(of golden: GoldenBlock, by ledger: InMemoryLedger) async -> WireString? {
    do {
      _ = try ledger.commit(try input(golden), privateData: privateData(golden), missing: missing(golden))
      return nil
    } catch {
      return WireString(textOf: error)
    }
  }

  private func input(_ golden: GoldenBlock) throws -> Block {
    var block = try Block(wireBytes: golden.bytes)
    block.metadata = BlockMetadata(metadata: golden.inputMetadata)
    return block
  }

  private func privateData(_ golden: GoldenBlock) -> [PrivateWriteSet] {
    golden.privateWrites.map { writes in
      PrivateWriteSet(sequence: UInt64(max(0, writes.transaction)), writeSet: writes.bytes)
    }
  }

  private func missing(_ golden: GoldenBlock) -> [MissingPrivateData] {
    golden.missing.compactMap { text in
      let parts = text.split(separator: "/", maxSplits: 2)
      guard parts.count == 3, let sequence = UInt64(parts[0]) else { return nil }
      return MissingPrivateData(
        sequence: sequence, namespace: WireString(String(parts[1])), collection: WireString(String(parts[2])))
    }
  }

  // MARK: State

  /// Compares the whole state of a channel.
  func compareState(_ golden: [GoldenNamespace], of ledger: InMemoryLedger) throws(ReplayDifference) {
    let got = ledger.database.namespaces.map { namespace in
      GoldenNamespace(name: namespace.name, lines: namespace.table.map { Self.line($0.key, $0.value) })
    }
    for (expected, got) in zip(golden, got) where expected != got {
      let line = zip(expected.lines, got.lines).prefix { $0 == $1 }.count
      throw ReplayDifference(
        "state of channel \(ledger.channel), namespace \(expected.name), line \(line)",
        expected: "\(expected.name) \(expected.lines.dropFirst(line).first ?? "(none)")",
        got: "\(got.name) \(got.lines.dropFirst(line).first ?? "(none)")")
    }
    if golden.count != got.count {
      throw ReplayDifference(
        "namespaces of channel \(ledger.channel)",
        expected: golden.map(\.name.string).joined(separator: ", "),
        got: got.map(\.name.string).joined(separator: ", "))
    }
  }

  private static func line(_ key: WireString, _ value: VersionedValue) -> String {
    let metadata = value.metadata.isEmpty ? "" : " \(value.metadata.hex)"
    return
      "\(key.bytes.hex) \(value.version.block):\(value.version.transaction) \(value.value.hex)\(metadata)"
  }

  /// Compares height and hashes of a chain.
  func compareEnd(_ golden: GoldenChainEnd) throws(ReplayDifference) {
    let info = try ledger(golden.channel).blockchainInfo()
    let got = GoldenChainEnd(
      channel: golden.channel, height: Int(clamping: info.height),
      currentBlockHash: info.currentBlockHash, previousBlockHash: info.previousBlockHash)
    if got != golden {
      throw ReplayDifference(
        "end of channel \(golden.channel)", expected: MessageText.show(golden), got: MessageText.show(got))
    }
  }
}

/// The membership service of the golden files: any identity is valid and belongs to the roles of its own organization.
private struct GoldenMSP: PrincipalEvaluator {
  func satisfies(
    _ principal: MSPPrincipal, identity: SignedIdentity, channel: WireString
  ) async throws -> Bool {
    guard principal.classification == 0 else { return false }
    let role = try MSPRole(wireBytes: principal.principal)
    return try SerializedIdentity(wireBytes: identity.identity).mspid == role.mspIdentifier
  }
}
