import MessageFSM

/// What the ledgers of a world have to hold, by a model that knows nothing of them: one dictionary per block.
///
/// A transaction's answer is predicted from the state at the height at which its simulator was made. What is committed as valid must
/// give the same answer on the state right before it: then the valid transactions are as if they had run one after another.
struct LedgerModel: Sendable {
  struct Key: Sendable, Hashable {
    let namespace: String
    let key: String
  }

  typealias State = [Key: String]

  /// What a program reads, answers and writes.
  struct Outcome: Sendable, Hashable {
    /// `nil` when it fails.
    var answer: String?
    var writes: [Write] = []
  }

  struct Write: Sendable, Hashable {
    let key: Key
    let value: String?
  }

  /// The state after each block, by channel.
  private var states: [String: [State]] = [:]

  /// Enters a channel whose chain has so many blocks.
  mutating func join(_ channel: String, height: Int) {
    states[channel] = Array(repeating: [:], count: height + 1)
  }

  func state(_ channel: String, height: Int) -> State {
    guard let all = states[channel], height >= 0, height < all.count else { return [:] }
    return all[height]
  }

  func newest(_ channel: String) -> State { states[channel]?.last ?? [:] }

  /// Enters a block.
  mutating func commit(_ channel: String, _ transactions: [[Write]]) {
    var state = newest(channel)
    for write in transactions.joined() { state[write.key] = write.value }
    states[channel, default: [[:]]].append(state)
  }

  /// What a program comes to on a state; `foreign` gives the state of another channel, one call after another.
  static func run(
    _ program: TransactionProgram, chaincode: String, channel: String, state: State,
    open: [String] = [], foreign: (String) -> State?
  ) -> Outcome {
    var outcome = Outcome()
    var answers: [String] = []
    let open = open + ["\(chaincode)@\(channel)"]
    func read(_ key: String) -> String { state[Key(namespace: chaincode, key: key)] ?? "-" }
    for step in program.steps {
      switch step {
      case .get(let key): answers.append(read(key))
      case .put(let key, let value):
        outcome.writes.append(Write(key: Key(namespace: chaincode, key: key), value: value))
        answers.append("ok")
      case .delete(let key):
        outcome.writes.append(Write(key: Key(namespace: chaincode, key: key), value: nil))
        answers.append("ok")
      case .add(let key, let amount):
        let old = read(key)
        outcome.writes.append(
          Write(key: Key(namespace: chaincode, key: key), value: String((Int(old) ?? 0) + amount)))
        answers.append(old)
      case .many(let keys): answers.append(keys.map(read).joined(separator: ","))
      case .range(let start, let end):
        answers.append(range(state, chaincode, start, end, limit: .max))
      case .page(let start, let end, let size):
        answers.append(range(state, chaincode, start, end, limit: size))
      case .call(let name, let other, let called):
        let target = other.isEmpty ? channel : other
        // A call chain that comes back to where it is open is refused, as in Fabric.
        if open.contains("\(name)@\(target)") { return Outcome() }
        guard let callee = target == channel ? state : foreign(target) else { return Outcome() }
        let nested = run(
          called, chaincode: name, channel: target, state: callee, open: open, foreign: foreign)
        guard let answer = nested.answer else { return Outcome() }
        answers.append("(\(answer))")
        if target == channel { outcome.writes += nested.writes }
      case .wait: answers.append("ok")
      case .fail: return Outcome()
      }
    }
    outcome.answer = answers.joined(separator: ";")
    return outcome
  }

  private static func range(
    _ state: State, _ namespace: String, _ start: String, _ end: String, limit: Int
  ) -> String {
    let found = state.filter { $0.key.namespace == namespace && $0.key.key >= start && $0.key.key < end }
    return found.sorted { $0.key.key < $1.key.key }.prefix(limit).map { "\($0.key.key)=\($0.value)" }
      .joined(separator: ",")
  }
}
