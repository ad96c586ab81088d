/// One operation of a client of a simulated host, or of whoever disturbs it.
public struct HostOperation: SimulationOperation {
  /// What is done.
  public enum Action: Sendable, Hashable {
    /// Runs a transaction; its deadline in milliseconds, 0 for the host's own.
    case invoke(chaincode: String, channel: String, timeout: Int, TransactionProgram)
    /// Commits what was endorsed on a channel and not committed yet.
    case commit(channel: String)
    /// Stops a chaincode.
    case stop(chaincode: String)
    /// Deploys all chaincodes.
    case deploy
    /// Lets virtual time pass, in milliseconds.
    case sleep(Int)
    /// Lets others make so many steps.
    case pause(Int)
    /// Connects a chaincode end that sends these messages, by a number each.
    case hostile([Int])
    /// Runs a chaincode's end against a peer that sends these messages, by a number each.
    case hostilePeer([Int])
  }

  /// Which client does it, after what this client did before.
  public var client: Int
  /// The operation's name, and the txid of a transaction.
  ///
  /// What is drawn for it depends on this alone.
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
  public var smaller: [HostOperation] {
    (0..<min(client, 2)).map { HostOperation(client: $0, label: label, action) } + withFewerSteps
  }

  private var withFewerSteps: [HostOperation] {
    switch action {
    case .invoke(let chaincode, let channel, let timeout, let program):
      return program.steps.indices.map { index in
        var steps = program.steps
        steps.remove(at: index)
        return HostOperation(
          client: client, label: label,
          .invoke(chaincode: chaincode, channel: channel, timeout: timeout, TransactionProgram(steps)))
      }
    case .hostile(let numbers):
      return numbers.indices.map { index in
        var fewer = numbers
        fewer.remove(at: index)
        return HostOperation(client: client, label: label, .hostile(fewer))
      }
    case .hostilePeer(let numbers):
      return numbers.indices.map { index in
        var fewer = numbers
        fewer.remove(at: index)
        return HostOperation(client: client, label: label, .hostilePeer(fewer))
      }
    case .commit, .stop, .deploy, .sleep, .pause: return []
    }
  }
}

extension HostOperation {
  /// `c0 tx1: invoke bank trade 0 get a; put b 1`.
  public var description: String {
    let text =
      switch action {
      case .invoke(let chaincode, let channel, let timeout, let program):
        "invoke \(chaincode) \(channel) \(timeout) \(program)"
      case .commit(let channel): "commit \(channel)"
      case .stop(let chaincode): "stop \(chaincode)"
      case .deploy: "deploy"
      case .sleep(let milliseconds): "sleep \(milliseconds)"
      case .pause(let steps): "pause \(steps)"
      case .hostilePeer(let numbers): "hostilePeer \(numbers.map(String.init).joined(separator: ","))"
      case .hostile(let numbers): "hostile \(numbers.map(String.init).joined(separator: ","))"
      }
    return "c\(client) \(label): \(text)"
  }

  /// The operation with this text; `nil` if none has.
  public init?(_ description: String) {
    let words = description.split(separator: " ", maxSplits: 6, omittingEmptySubsequences: true).map(
      String.init)
    guard words.count >= 3, words[0].hasPrefix("c"), let client = Int(words[0].dropFirst()),
      words[1].hasSuffix(":")
    else { return nil }
    self.client = client
    self.label = String(words[1].dropLast())
    func number(_ index: Int) -> Int? { index < words.count ? Int(words[index]) : nil }
    switch (words[2], words.count) {
    case ("invoke", 6...):
      guard let timeout = number(5), let program = TransactionProgram(words.count > 6 ? words[6] : "") else {
        return nil
      }
      self.action = .invoke(chaincode: words[3], channel: words[4], timeout: timeout, program)
    case ("commit", 4): self.action = .commit(channel: words[3])
    case ("stop", 4): self.action = .stop(chaincode: words[3])
    case ("deploy", 3): self.action = .deploy
    case ("sleep", 4):
      guard let milliseconds = number(3) else { return nil }
      self.action = .sleep(milliseconds)
    case ("pause", 4):
      guard let steps = number(3) else { return nil }
      self.action = .pause(steps)
    case ("hostile", 3...), ("hostilePeer", 3...):
      let numbers = words.count > 3 ? words[3].split(separator: ",").map { Int($0) } : []
      guard !numbers.contains(nil) else { return nil }
      let known = numbers.compactMap { $0 }
      self.action = words[2] == "hostile" ? .hostile(known) : .hostilePeer(known)
    default: return nil
    }
  }
}
