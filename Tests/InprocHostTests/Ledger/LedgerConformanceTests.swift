import InprocHost
import MessageFSM
import Testing

@Suite("Ledger conformance")
struct LedgerConformanceTests {
  @Test("the ledger in memory keeps every promise", arguments: FabricVersion.allCases)
  func conforms(version: FabricVersion) async {
    for provider in [InMemoryLedger.CollectionProvider.lscc, .lifecycle] {
      let options = InMemoryLedger.Options(fabricVersion: version, collectionProvider: provider)
      let failures = await LedgerConformance(fabricVersion: version) {
        InMemoryLedger(channel: "conformance", options: options)
      }.run()
      #expect(failures.map(\.description) == [])
    }
  }

  @Test("the names of the checks are different")
  func names() {
    let names = LedgerConformance.checks.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(Set(Self.faults.keys) == Set(names))
  }

  @Test("a ledger that breaks a promise fails its check", arguments: LedgerConformance.checks.map(\.name))
  func finds(name: String) async throws {
    let check = try #require(LedgerConformance.checks.first { $0.name == name })
    let fault = try #require(Self.faults[name])
    for version in FabricVersion.allCases {
      let suite = LedgerConformance(fabricVersion: version) { WrongLedger(version: version, fault: fault) }
      #expect(await suite.run(check) != nil, "\(fault) was not found")
    }
  }

  static let faults: [String: WrongLedger.Fault] = [
    "a ledger without blocks has height 0": .heightOff,
    "a committed value is read, a key that was never written is nil": .valuesLost,
    "keys are bytes: two spellings of one character are two keys": .keysNormalised,
    "several keys are answered in the order of the request": .multipleSorted,
    "a transaction does not see its own writes": .ownWritesSeen,
    "a simulator keeps the state it began with": .liveReads,
    "an iterator keeps the state it began with": .liveIterators,
    "reads are noted in the order of the keys, with their versions": .readsNotNoted,
    "the last write of a key counts, and an empty value is a deletion": .emptyIsValue,
    "namespaces do not see each other": .oneNamespace,
    "metadata is read back, and stays when the value is written": .metadataLost,
    "history has every write of a valid transaction, in Fabric's order": .historyReversed,
    "a range is in the order of the bytes, without its end key": .rangeIncludesEnd,
    "a range that was read to its end is noted with the end that was asked for": .rangesNotNoted,
    "a range that was left is noted up to the last key that was seen": .rangesNotNoted,
    "more than 50 keys of a range are noted as hashes": .rangesNotNoted,
    "a page has as many results as asked for, and a bookmark to the next": .noBookmark,
    "a closed iterator gives nothing more, and may be closed again": .closeIgnored,
    "after done() everything is refused": .doneIgnored,
    "no write after a paginated query": .rulesIgnored,
    "no paginated query after a write": .rulesIgnored,
    "no write after a query on private data": .rulesIgnored,
    "no query on private data after a write": .rulesIgnored,
    "a simulator gives its results once": .resultsTwice,
    "applyWrites notes all writes in order": .batchReversed,
    "applyWrites notes nothing if one write is refused": .batchOneByOne,
    "a block is found by number, hash and txid, and UInt64.max is the last": .lastBlockUnknown,
    "a read of a version that is gone is MVCC_READ_CONFLICT and changes nothing": .readsNotNoted,
    "a transaction sees the writes of those before it in the block": .readsNotNoted,
    "a key that appeared in a range is PHANTOM_READ_CONFLICT": .rangesNotNoted,
    "a key that vanished from a hashed range is PHANTOM_READ_CONFLICT": .rangesNotNoted,
    "a verdict that a block brings along stays, and the transaction changes nothing": .verdictsForgotten,
    "results that cannot be read are a verdict, not an error": .badResultsRefused,
    "a block that does not follow the last is refused and changes nothing": .anyPlace,
    "a block with an envelope that cannot be read is refused and changes nothing": .badEnvelopesDropped,
    "an unknown collection is refused with Fabric's text": .anyCollection,
    "private writes are hashed in public and clear in the private set": .privateInPublic,
    "private data are read back, with their hash": .privateLost,
    "a private value that has not come is told from one that is not there": .missingIsNil,
    "private data with another hash than the block's are refused": .privateUnchecked,
    "private data end with their block-to-live, hash and all": .livesForEver,
    "a purge is noted as one and removes the private value": .purgeIsDelete,
  ]
}
