/// What a simulated transaction does: a list of steps, in a form that the chaincode runs and the model predicts.
public struct TransactionProgram: Sendable, Hashable {
  /// One step.
  public indirect enum Step: Sendable, Hashable {
    /// Reads a key.
    case get(String)
    /// Writes a key.
    case put(String, String)
    /// Deletes a key.
    case delete(String)
    /// Reads a number and writes it back, increased.
    case add(String, Int)
    /// Reads several keys at once, each in a task of its own.
    case many([String])
    /// Reads a range to its end.
    case range(String, String)
    /// Reads one page of a range.
    case page(String, String, Int)
    /// Calls another chaincode, on this channel if none is named.
    case call(String, String, TransactionProgram)
    /// Lets virtual time pass, in milliseconds.
    case wait(Int)
    /// Ends the transaction with status 500.
    case fail
  }

  /// The steps.
  public var steps: [Step]

  /// A program of these steps.
  public init(_ steps: [Step] = []) {
    self.steps = steps
  }

  /// All steps, those of called chaincodes too.
  var allSteps: [Step] {
    steps.flatMap { step -> [Step] in
      if case .call(_, _, let program) = step { return [step] + program.allSteps }
      return [step]
    }
  }
}

extension TransactionProgram: LosslessStringConvertible {
  /// `get a; add b 1; call bank trade (put a 5)`.
  public var description: String {
    steps.map { step in
      switch step {
      case .get(let key): "get \(key)"
      case .put(let key, let value): "put \(key) \(value)"
      case .delete(let key): "del \(key)"
      case .add(let key, let amount): "add \(key) \(amount)"
      case .many(let keys): "many \(keys.joined(separator: ","))"
      case .range(let start, let end): "range \(start) \(end)"
      case .page(let start, let end, let size): "page \(start) \(end) \(size)"
      case .call(let name, let channel, let program):
        "call \(name) \(channel.isEmpty ? "." : channel) (\(program))"
      case .wait(let milliseconds): "wait \(milliseconds)"
      case .fail: "fail"
      }
    }.joined(separator: "; ")
  }

  /// The program with this text; `nil` if none has.
  public init?(_ description: String) {
    self.init()
    var level = 0
    var part = ""
    var parts: [String] = []
    for character in description {
      switch character {
      case "(": level += 1
      case ")": level -= 1
      case ";" where level == 0:
        parts.append(part)
        part = ""
        continue
      case _: break
      }
      part.append(character)
    }
    parts.append(part)
    guard level == 0 else { return nil }
    for text in parts {
      let text = String(text.drop { $0 == " " })
      if text.isEmpty { continue }
      guard let step = Step(text) else { return nil }
      steps.append(step)
    }
  }
}

extension TransactionProgram.Step {
  fileprivate init?(_ text: String) {
    let words = text.split(separator: " ", maxSplits: 3).map(String.init)
    func number(_ index: Int) -> Int? { index < words.count ? Int(words[index]) : nil }
    switch (words.first, words.count) {
    case ("get", 2): self = .get(words[1])
    case ("put", 3): self = .put(words[1], words[2])
    case ("del", 2): self = .delete(words[1])
    case ("add", 3):
      guard let amount = number(2) else { return nil }
      self = .add(words[1], amount)
    case ("many", 2): self = .many(words[1].split(separator: ",").map(String.init))
    case ("range", 3): self = .range(words[1], words[2])
    case ("page", 4):
      guard let size = number(3) else { return nil }
      self = .page(words[1], words[2], size)
    case ("call", 4):
      guard words[3].hasPrefix("("), words[3].hasSuffix(")"),
        let program = TransactionProgram(String(words[3].dropFirst().dropLast()))
      else { return nil }
      self = .call(words[1], words[2] == "." ? "" : words[2], program)
    case ("wait", 2):
      guard let milliseconds = number(1) else { return nil }
      self = .wait(milliseconds)
    case ("fail", 1): self = .fail
    default: return nil
    }
  }
}
