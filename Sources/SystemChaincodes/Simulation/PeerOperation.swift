public import InprocHost

/// One operation of a client of a simulated peer, or of whoever administers it.
public struct PeerOperation: SimulationOperation {
  /// What is done.
  public enum Action: Sendable, Hashable {
    /// Calls the user's chaincode, which asks qscc too if it shall.
    case invoke(asksChain: Bool)
    /// Asks qscc about the channel.
    case query
    /// Joins another channel, the one with this number, and asks qscc about it.
    case join(Int)
    /// Puts the next version of the user's chaincode into force.
    case upgrade
    /// Stops the versions that are in force nowhere.
    case retire
    /// Lets others make so many steps.
    case pause(Int)
  }

  /// Which client does it, after what this client did before.
  public var client: Int
  /// The operation's name.
  public var label: String
  /// What is done.
  public var action: Action

  /// An operation.
  public init(client: Int, label: String, _ action: Action) {
    self.client = client
    self.label = label
    self.action = action
  }

  /// The same by an earlier client, and with fewer steps.
  public var smaller: [PeerOperation] {
    var smaller = (0..<min(client, 2)).map { PeerOperation(client: $0, label: label, action) }
    switch action {
    case .invoke(asksChain: true): smaller.append(with(.invoke(asksChain: false)))
    case .pause(let steps) where steps > 1: smaller.append(with(.pause(steps / 2)))
    case .invoke, .query, .join, .upgrade, .retire, .pause: break
    }
    return smaller
  }

  private func with(_ action: Action) -> PeerOperation {
    PeerOperation(client: client, label: label, action)
  }
}

extension PeerOperation: LosslessStringConvertible {
  /// `c0 t1: invoke`, `c8 u0: upgrade`, `c9 j2: join 2`.
  public var description: String {
    let text =
      switch action {
      case .invoke(let asksChain): asksChain ? "invoke chain" : "invoke"
      case .query: "query"
      case .join(let number): "join \(number)"
      case .upgrade: "upgrade"
      case .retire: "retire"
      case .pause(let steps): "pause \(steps)"
      }
    return "c\(client) \(label): \(text)"
  }

  /// The operation with this text; `nil` if none has.
  public init?(_ description: String) {
    let words = description.split(whereSeparator: { $0 == " " || $0 == ":" }).map(String.init)
    guard words.count >= 3, words[0].hasPrefix("c"), let client = Int(words[0].dropFirst()) else {
      return nil
    }
    let action: Action
    switch (words[2], words.dropFirst(3).first) {
    case ("invoke", nil): action = .invoke(asksChain: false)
    case ("invoke", "chain"?): action = .invoke(asksChain: true)
    case ("query", nil): action = .query
    case ("upgrade", nil): action = .upgrade
    case ("retire", nil): action = .retire
    case ("join", let text?):
      guard let number = Int(text) else { return nil }
      action = .join(number)
    case ("pause", let text?):
      guard let steps = Int(text) else { return nil }
      action = .pause(steps)
    case _: return nil
    }
    self.init(client: client, label: words[1], action)
  }
}
