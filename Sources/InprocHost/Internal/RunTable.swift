/// Values by the number of a run, found by a place in an array instead of a hash.
///
/// A number made by ``insert(_:)`` holds a place and how often the place was used before, so that a late message is not taken
/// for one of the run that has the place now. Numbers that come from elsewhere are kept, too, in a dictionary if need be.
struct RunTable<Value: Sendable>: Sendable {
  private struct Place: Sendable {
    var run: UInt64
    var value: Value?
  }

  private static var placeBits: UInt64 { 24 }

  private var places: [Place] = []
  private var free: [Int] = []
  private var others: [UInt64: Value] = [:]

  /// How many values there are.
  private(set) var count = 0

  /// Keeps a value, under a number that is not 0 and was never used before.
  @inline(__always)
  mutating func insert(_ make: (UInt64) -> Value) -> Value {
    let place: Int
    if let last = free.popLast() {
      place = last
      places[place].run &+= 1 << Self.placeBits
    } else {
      place = places.count
      places.append(Place(run: 1 << Self.placeBits | UInt64(place), value: nil))
    }
    let value = make(places[place].run)
    places[place].value = value
    count += 1
    return value
  }

  /// Takes a value out that was inserted; `nil` if that has happened before.
  @discardableResult
  mutating func remove(_ run: UInt64) -> Value? {
    guard let place = place(of: run), let value = places[place].value.take() else { return nil }
    free.append(place)
    count -= 1
    return value
  }

  /// The value of a run.
  ///
  /// Setting it is for numbers that were made by another table.
  subscript(run: UInt64) -> Value? {
    get {
      if let place = place(of: run), let value = places[place].value { return value }
      return others.isEmpty ? nil : others[run]
    }
    set {
      let place = Int(run & (1 << Self.placeBits - 1))
      // A run that found its place taken stays where it is, also when the place has become free.
      if !others.isEmpty, others[run] != nil {
        others[run] = newValue
        if newValue == nil { count -= 1 }
      } else if place < places.count, places[place].value == nil || places[place].run == run {
        count += (newValue == nil ? 0 : 1) - (places[place].value == nil ? 0 : 1)
        places[place] = Place(run: run, value: newValue)
      } else if place == places.count, newValue != nil {
        places.append(Place(run: run, value: newValue))
        count += 1
      } else if newValue != nil {
        count += 1
        others[run] = newValue
      }
    }
  }

  /// All runs and values, in the order of the numbers.
  var sorted: [(run: UInt64, value: Value)] {
    let placed = places.compactMap { place in place.value.map { (run: place.run, value: $0) } }
    return (placed + others.map { (run: $0.key, value: $0.value) }).sorted { $0.run < $1.run }
  }

  private func place(of run: UInt64) -> Int? {
    let place = Int(run & (1 << Self.placeBits - 1))
    guard place < places.count, places[place].run == run else { return nil }
    return place
  }
}
