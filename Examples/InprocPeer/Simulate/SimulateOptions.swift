import InprocHost
import SystemChaincodes

/// What the command line of `inproc-peer simulate` says.
struct SimulateOptions {
  /// Why a command line cannot be understood.
  struct Misunderstood: Error {
    let text: String
  }

  /// Those of a host, and those of a whole peer.
  static let allScenarios: [any SimulationScenario] = HostScenario.all + PeerScenario.all

  /// The same, as small as an exhaustive search wants them; they run when they are named, too.
  static let smallScenarios: [any SimulationScenario] = HostScenario.small + PeerScenario.small

  var scenarios = allScenarios
  var seeds: UInt64 = 1000
  var from: UInt64 = 0
  var minutes: Double?
  var operations: Int?
  var workers = 1
  var strategies = SimulationPlan.portfolio
  var faults = FaultPlan.swarm(byzantine: true)
  /// What the command line calls them.
  var faultsName = "swarm"
  var planted: PlantedBug?
  var replay: String?
  /// The operations of a replay, none where it is empty; `nil` is the whole script of the seed.
  var script: [String]?
  var faultTexts: [String] = []
  var corpus: String?
  var markdown: String?
  var blockedAfter = 10.0
  var needsGoals = false
  var exhaust: Int?
  /// The departures beside a stop; `nil` is as many as without.
  var stops: Int?
  var checksDeterminism = false
  /// How often a determinism check runs each seed in this process.
  var repetitions = 2
  var selfTest = false
  var hashes = false
  var json = false

  static let help = """
    inproc-peer simulate [SCENARIO…]: runs the host under many orders of everything

    scenarios   \(allScenarios.map(\.name).joined(separator: " ")); all of them by default
    --seeds N           how many seeds for each scenario (1000)
    --from N            the first seed (0)
    --operations N      how many operations of a script at most (all)
    --minutes M         ends after so many minutes at the latest
    --workers N         how many threads (1)
    --strategy S        keyed, pct:3, uniform, fifo, delay:2 or portfolio (default)
    --faults F          swarm (default), legal, none, or only:5,9 by their numbers
    --plant BUG         puts a bug in
    --replay SCHEDULE   runs one run again, with --from, --script, --fault; prints its messages and steps
    --script TEXT       operations, separated by " | "
    --fault TEXT        one fault of a replay; may be given again
    --exhaust N         runs small scripts under all schedules with at most N departures from first come, first served,
                        and again with the host stopped at every step; --seeds is how many configurations (1)
    --stops N           at most N departures where the host is stopped (as many as --exhaust says)
    --check-determinism runs every seed again, here and in a second process with another hash seed
    --repeat N          runs every seed N times here (2)
    --self-test         every planted bug has to be found
    --corpus FILE       runs the failures that are noted there first, and notes new ones
    --json              the report as JSON on the standard output
    --markdown PATH     the whole report as Markdown, too: a file, or a directory for simulation.md
    --goals             every goal has to be reached: all faults, all states, 9 of 10 pairs of fault and state
    --blocked-after S   a step that takes more than S seconds of real time is blocked (10)

    exit codes: 0 nothing found, 1 a counterexample, 2 the command cannot be understood, 3 not deterministic,
                4 something ran outside of the simulator, 5 a step has blocked its thread,
                6 a planted bug was not found, or a goal not reached
    """

  init(_ arguments: [String]) throws(Misunderstood) {
    var rest = arguments[...]
    var named: [any SimulationScenario] = []
    while let argument = rest.popFirst() {
      func value() throws(Misunderstood) -> String {
        guard let value = rest.popFirst() else { throw Misunderstood(text: "\(argument) needs a value") }
        return value
      }
      func number<Number: LosslessStringConvertible>() throws(Misunderstood) -> Number {
        let text = try value()
        guard let number = Number(text) else {
          throw Misunderstood(text: "\(argument): \(text) is no number")
        }
        return number
      }
      switch argument {
      case "--seeds": seeds = try number()
      case "--from": from = try number()
      case "--minutes": minutes = try number()
      case "--workers": workers = max(1, try number())
      case "--operations": operations = try number()
      case "--exhaust": exhaust = try number()
      case "--stops": stops = try number()
      case "--strategy": strategies = try Self.strategies(try value())
      case "--faults":
        let text = try value()
        guard let plan = FaultPlan(name: text) else { throw Misunderstood(text: "no fault plan: \(text)") }
        faults = plan
        faultsName = text
      case "--plant":
        let text = try value()
        guard let bug = PlantedBug(name: text) else { throw Misunderstood(text: "no planted bug: \(text)") }
        planted = bug
      case "--replay": replay = try value()
      case "--script":
        script = try value().split(separator: "|").map { $0.trimming(" ") }
      case "--fault": faultTexts.append(try value())
      case "--corpus": corpus = try value()
      case "--check-determinism": checksDeterminism = true
      case "--repeat": repetitions = try number()
      case "--self-test": selfTest = true
      case "--hashes": hashes = true
      case "--json": json = true
      case "--markdown": markdown = try value()
      case "--goals": needsGoals = true
      case "--blocked-after": blockedAfter = max(0.000_001, try number())
      default:
        let known = Self.allScenarios + Self.smallScenarios
        guard let scenario = known.first(where: { $0.name == argument }) else {
          throw Misunderstood(text: "unknown scenario or option \"\(argument)\"")
        }
        named.append(scenario)
      }
    }
    if !named.isEmpty { scenarios = named }
    // An exhaustive search has one script for all seeds.
    if exhaust != nil && !arguments.contains("--seeds") { seeds = 1 }
  }

  private static func strategies(_ text: String) throws(Misunderstood) -> [SimulationStrategy] {
    if text == "portfolio" { return SimulationPlan.portfolio }
    guard let strategy = SimulationStrategy(text) else { throw Misunderstood(text: "no strategy: \(text)") }
    return [strategy]
  }

  /// The campaign of one scenario.
  var plan: SimulationPlan {
    var plan = SimulationPlan(
      seeds: from..<(from + seeds), strategies: strategies, faults: faults, planted: planted)
    plan.operationsMax = operations
    plan.stepLimit = 20_000
    return plan
  }
}

extension Substring {
  fileprivate func trimming(_ character: Character) -> String {
    var text = self
    while text.first == character { text.removeFirst() }
    while text.last == character { text.removeLast() }
    return String(text)
  }
}
