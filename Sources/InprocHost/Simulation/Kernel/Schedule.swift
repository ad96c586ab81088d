/// Which of the ready jobs ran at each step, as the steps at which it was not the one that had waited longest.
///
/// Its text is `fifo+{12:2,15:t}`: at step 12 the third of the ready jobs ran, at step 15 the time moved on although a job was
/// ready, and at all others the first job ran. `fifo+{12:stop}` stops the host at step 12 although jobs are ready,
/// `fifo+{12:idle-stop}` where none is and the time would have moved on.
public struct Schedule: Sendable, Hashable {
  /// A step at which something else than the first ready job came.
  public struct Departure: Sendable, Hashable {
    /// The step, counted from 0.
    public var step: Int
    /// What came.
    public var choice: Choice

    /// A departure.
    public init(step: Int, choice: Choice) {
      self.step = step
      self.choice = choice
    }

    /// Whether the host was stopped.
    var isStop: Bool { choice == .stop || choice == .stopAtIdle }
  }

  /// What can come at a step.
  public enum Choice: Sendable, Hashable {
    /// The job at this place of those that are ready, in the order in which they became so.
    case job(Int)
    /// The earliest timer, although jobs are ready.
    case time
    /// The stop of the host, although jobs are ready.
    case stop
    /// The stop of the host, when no job is ready and the time has not moved on yet.
    case stopAtIdle
  }

  /// The departures, in the order of the steps.
  public var departures: [Departure]

  /// A schedule with these departures; without any, first come first served.
  public init(_ departures: [Departure] = []) {
    self.departures = departures.sorted { $0.step < $1.step }
  }

  /// Where the host is stopped; `nil` if it is left to the scenario.
  public var stop: Departure? { departures.first(where: \.isStop) }
}

extension Schedule: LosslessStringConvertible {
  /// The schedule that has this text; `nil` if none has.
  public init?(_ description: String) {
    var text = description[...]
    guard text.hasPrefix("fifo") else { return nil }
    text = text.dropFirst(4)
    guard !text.isEmpty else {
      self.init()
      return
    }
    guard text.hasPrefix("+{"), text.hasSuffix("}") else { return nil }
    var departures: [Departure] = []
    for part in text.dropFirst(2).dropLast().split(separator: ",") {
      let sides = part.split(separator: ":")
      guard sides.count == 2, let step = Int(sides[0]) else { return nil }
      switch sides[1] {
      case "t": departures.append(Departure(step: step, choice: .time))
      case "stop": departures.append(Departure(step: step, choice: .stop))
      case "idle-stop": departures.append(Departure(step: step, choice: .stopAtIdle))
      case let text:
        guard let place = Int(text), place >= 0 else { return nil }
        departures.append(Departure(step: step, choice: .job(place)))
      }
    }
    self.init(departures)
  }

  /// `fifo`, and the departures behind it.
  public var description: String {
    let parts = departures.map { departure in
      switch departure.choice {
      case .job(let place): "\(departure.step):\(place)"
      case .time: "\(departure.step):t"
      case .stop: "\(departure.step):stop"
      case .stopAtIdle: "\(departure.step):idle-stop"
      }
    }
    return "fifo+{\(parts.joined(separator: ","))}"
  }
}

/// How a simulator chooses among the jobs that are ready.
public enum SimulationStrategy: Sendable, Hashable {
  /// The job whose task's name and number of wake-ups hash lowest: as good as chance, and stable when something unrelated changes.
  case keyed
  /// The job of the task with the highest priority, which at `depth - 1` steps of a run becomes the lowest (Burckhardt et al., 2010).
  case pct(depth: Int)
  /// Any, each as likely as the others.
  case uniform
  /// The one that has waited longest.
  case fifo
  /// The one that has waited longest, but at so many steps another.
  case delay(Int)
  /// What a schedule says.
  case replay(Schedule)
}

extension SimulationStrategy: LosslessStringConvertible {
  /// The strategy of this name: `keyed`, `pct:3`, `uniform`, `fifo`, `delay:2`, or a schedule's text.
  public init?(_ description: String) {
    let parts = description.split(separator: ":")
    switch (parts.first, parts.count) {
    case ("keyed", 1): self = .keyed
    case ("uniform", 1): self = .uniform
    case ("fifo", 1): self = .fifo
    case ("pct", 2):
      guard let depth = Int(parts[1]), depth > 0 else { return nil }
      self = .pct(depth: depth)
    case ("delay", 2):
      guard let delays = Int(parts[1]), delays >= 0 else { return nil }
      self = .delay(delays)
    default:
      guard let schedule = Schedule(description) else { return nil }
      self = .replay(schedule)
    }
  }

  /// The name, with its number where it has one.
  public var description: String {
    switch self {
    case .keyed: "keyed"
    case .pct(let depth): "pct:\(depth)"
    case .uniform: "uniform"
    case .fifo: "fifo"
    case .delay(let delays): "delay:\(delays)"
    case .replay(let schedule): schedule.description
    }
  }
}
