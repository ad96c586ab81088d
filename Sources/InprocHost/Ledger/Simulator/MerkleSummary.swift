internal import MessageFSM

/// Gathers what a range query saw: the keys themselves while they are few, hashes over them when they are more than the degree.
///
/// The leaves are groups of `maxDegree + 1` keys, a node of the tree hashes `maxDegree + 1` nodes below it
/// (Fabric `rwsetutil.RangeQueryResultsHelper`).
struct RangeQueryReads: Sendable {
  /// The degree that Fabric's simulator uses.
  static let maxDegreeDefault: UInt32 = 50

  private let maxDegree: UInt32
  private var pending: [KVRead] = []
  /// The hashes that have no parent yet, by level; the first are the hashes of groups of keys.
  private var levels: [[[UInt8]]] = [[]]

  /// Reads without any key.
  ///
  /// - Throws: an error if the degree is one that no tree can have, which only a made-up read set holds.
  init(maxDegree: UInt32 = Self.maxDegreeDefault) throws(LedgerError) {
    guard maxDegree >= 2 else {
      throw LedgerError("maxDegree [\(maxDegree)] should not be less than 2 in the merkle tree")
    }
    self.maxDegree = maxDegree
  }

  mutating func add(_ key: WireString, _ version: Height) {
    pending.append(KVRead(key: key, version: version.version))
    if pending.count > Int(maxDegree) { hashPending() }
  }

  /// The keys, or the summary; neither if there was no key.
  consuming func finish() -> (raw: QueryReads?, summary: QueryReadsMerkleSummary?) {
    if levels.count == 1 && levels[0].isEmpty {
      return (pending.isEmpty ? nil : QueryReads(reads: pending), nil)
    }
    if !pending.isEmpty { hashPending() }
    for level in 0..<(levels.count - 1) where !levels[level].isEmpty {
      let hashes = levels[level]
      levels[level] = []
      levels[level + 1].append(hashes.count == 1 ? hashes[0] : Self.combined(hashes))
    }
    let top = levels[levels.count - 1]
    if top.count > Int(maxDegree) {
      levels[levels.count - 1] = []
      levels.append([Self.combined(top)])
    }
    return (
      nil,
      QueryReadsMerkleSummary(
        maxDegree: maxDegree, maxLevel: UInt32(levels.count), maxLevelHashes: levels[levels.count - 1])
    )
  }

  private mutating func hashPending() {
    levels[0].append(SHA256.hash(QueryReads(reads: pending).wireBytes()))
    pending = []
    var level = 0
    while levels[level].count > Int(maxDegree) {
      let hash = Self.combined(levels[level])
      levels[level] = []
      if level + 1 == levels.count { levels.append([]) }
      levels[level + 1].append(hash)
      level += 1
    }
  }

  private static func combined(_ hashes: [[UInt8]]) -> [UInt8] {
    SHA256.hash(Array(hashes.joined()))
  }
}
