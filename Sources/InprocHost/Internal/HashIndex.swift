/// The runs of a ``RunTable`` by hashes of keys.
///
/// A `Dictionary` hashes by SipHash, and counts references of keys that the values have anyway. Whoever asks compares the keys. Nothing depends on
/// the order of the hashes, so a run can be repeated.
struct HashIndex: Sendable {
  /// The seed of this process.
  static let seed = UInt64.random(in: .min ... .max)

  private struct Slot: Sendable {
    var hash = 0
    /// 0 where there is nothing.
    var run: UInt64 = 0
  }

  /// Open addressing: what collides is behind the place of its hash, without a gap in between.
  private var slots = [Slot](repeating: Slot(), count: 8)
  private var count = 0

  /// The run of this hash that `isMeant` accepts.
  func run(_ hash: Int, where isMeant: (UInt64) -> Bool) -> UInt64? {
    var place = home(hash)
    while slots[place].run != 0 {
      if slots[place].hash == hash && isMeant(slots[place].run) { return slots[place].run }
      place = next(place)
    }
    return nil
  }

  /// Keeps a run, which is not 0, beside others of the same hash.
  mutating func insert(_ run: UInt64, _ hash: Int) {
    // At most half full, so that ways are short.
    if 2 * (count + 1) > slots.count { grow() }
    var place = home(hash)
    while slots[place].run != 0 { place = next(place) }
    slots[place] = Slot(hash: hash, run: run)
    count += 1
  }

  /// Forgets a run; nothing if there is none.
  mutating func remove(_ run: UInt64, _ hash: Int) {
    var gap = home(hash)
    while slots[gap].run != run {
      if slots[gap].run == 0 { return }
      gap = next(gap)
    }
    count -= 1
    // What is behind moves up, unless it would leave the way that starts at its home.
    var place = next(gap)
    while slots[place].run != 0 {
      if distance(home(slots[place].hash), place) >= distance(gap, place) {
        slots[gap] = slots[place]
        gap = place
      }
      place = next(place)
    }
    slots[gap] = Slot()
  }

  private func home(_ hash: Int) -> Int { hash & (slots.count - 1) }

  private func next(_ place: Int) -> Int { (place + 1) & (slots.count - 1) }

  private func distance(_ from: Int, _ place: Int) -> Int { (place - from) & (slots.count - 1) }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: 2 * old.count)
    count = 0
    for slot in old where slot.run != 0 { insert(slot.run, slot.hash) }
  }
}
