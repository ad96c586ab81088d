import MessageFSM

/// Values by key, with a hash as Go's maps have it: a fast one under a random seed.
///
/// Swift's dictionary hashes by SipHash, which costs as much as all that the message loop does for one of many keys. Fabric's figures
/// were taken with a Go map, so that the ledger of the workloads has to be as fast as one. The bytes of the keys lie side by side,
/// since each look at a string counts a reference.
struct KeyTable: Sendable {
  private struct Entry: Sendable {
    let hash: UInt64
    let begin: Int
    let count: Int
  }

  private var entries: [Entry] = []
  private var values: [[UInt8]] = []
  private var bytes: [UInt8] = []
  /// For each hash the place of its entry, counted from 1, or of one that was in the way; 0 where there is none.
  private var places: [Int]
  private let seed = UInt64.random(in: .min ... .max)

  /// A table that takes so many keys before it grows.
  init(capacity: Int) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    self.places = [Int](repeating: 0, count: size)
    entries.reserveCapacity(capacity)
    values.reserveCapacity(capacity)
  }

  /// The value of a key.
  func value(of key: WireString) -> [UInt8]? {
    let place = unsafe key.withStoredBytes { bytes in
      unsafe places[index(of: bytes, hash: WireString.foldedHash(bytes, seed: seed))]
    }
    return place == 0 ? nil : values[place - 1]
  }

  /// Sets the value of a key.
  mutating func set(_ value: [UInt8], of key: WireString) {
    let (hash, index) = unsafe key.withStoredBytes { bytes -> (UInt64, Int) in
      let hash = unsafe WireString.foldedHash(bytes, seed: seed)
      return (hash, unsafe self.index(of: bytes, hash: hash))
    }
    if places[index] != 0 {
      values[places[index] - 1] = value
      return
    }
    let begin = bytes.count
    unsafe key.withStoredBytes { unsafe bytes.append(contentsOf: $0) }
    entries.append(Entry(hash: hash, begin: begin, count: bytes.count - begin))
    values.append(value)
    places[index] = entries.count
    if entries.count * 2 > places.count { grow() }
  }

  /// Where in `places` a key is or would be.
  @unsafe private func index(of key: UnsafeRawBufferPointer, hash: UInt64) -> Int {
    let mask = places.count - 1
    var index = Int(truncatingIfNeeded: hash) & mask
    while places[index] != 0 {
      let entry = entries[places[index] - 1]
      if entry.hash == hash, entry.count == key.count, unsafe isStored(key, at: entry.begin) { return index }
      index = (index + 1) & mask
    }
    return index
  }

  @unsafe private func isStored(_ key: UnsafeRawBufferPointer, at begin: Int) -> Bool {
    unsafe bytes.withUnsafeBytes { bytes in
      var index = 0
      while index &+ 8 <= key.count {
        let x = unsafe key.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        let y = unsafe bytes.loadUnaligned(fromByteOffset: begin &+ index, as: UInt64.self)
        if x != y { return false }
        index &+= 8
      }
      while index < key.count {
        if unsafe key[index] != bytes[begin &+ index] { return false }
        index &+= 1
      }
      return true
    }
  }

  private mutating func grow() {
    let mask = places.count * 2 - 1
    places = [Int](repeating: 0, count: mask + 1)
    for place in entries.indices {
      var index = Int(truncatingIfNeeded: entries[place].hash) & mask
      while places[index] != 0 { index = (index + 1) & mask }
      places[index] = place + 1
    }
  }
}
