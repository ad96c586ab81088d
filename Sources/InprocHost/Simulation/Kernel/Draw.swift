/// Random numbers that depend on a seed and a key, and on nothing else.
///
/// Every decision of a simulation draws under a key of its own, such as the name of a task and how often it woke. A decision that is
/// added elsewhere, or left out, then changes none of the others: a seed that fails goes on failing after an unrelated change,
/// and a script can be made smaller without a different run coming out. (SplitMix64, as Steele, Lea and Flood describe it.)
public struct Draw: Sendable {
  private let origin: UInt64
  private var state: UInt64

  /// Numbers for `key` under `seed`.
  public init(seed: UInt64, key: some StringProtocol) {
    self.origin = Self.mixed(seed ^ Self.hash(key))
    self.state = origin
  }

  private init(origin: UInt64) {
    self.origin = origin
    self.state = origin
  }

  /// Numbers for a part of what these are for; how many were drawn before makes no difference.
  public func keyed(_ key: some StringProtocol) -> Draw {
    Draw(origin: Self.mixed(origin ^ Self.hash(key)))
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= Self.step
    return Self.mixed(state)
  }

  /// A number from 0 up to, but without, `bound`; 0 if there is none.
  public mutating func below(_ bound: Int) -> Int {
    guard bound > 1 else { return 0 }
    return Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// True in `count` of `total` cases.
  public mutating func chance(_ count: Int, in total: Int) -> Bool {
    below(total) < count
  }

  /// One of the elements; `nil` if there are none.
  public mutating func pick<Element>(_ elements: [Element]) -> Element? {
    elements.isEmpty ? nil : elements[below(elements.count)]
  }

  private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// Bits that depend on all bits of `value`.
  static func mixed(_ value: UInt64) -> UInt64 {
    var bits = value &+ step
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  /// A number for a text, the same in every process (FNV-1a).
  static func hash(_ text: some StringProtocol) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }
}
