/// What the command line asks for.
struct Options: Sendable {
  /// What cannot be understood.
  struct Invalid: Error {
    let text: String
  }

  var clients = [1, 16, 256]
  var executors = ExecutorKind.allCases
  var filter: [String] = []
  var seconds = 0.2
  var rounds = 5
  var json: String?
  var svg: String?
  var compare: String?
  var check: String?
  var showsGrowth = true
  var showsProgress = true
  var showsHelp = false

  static let help = """
    usage: message-loop [options]

    Measures the message loop beside what people would use instead, interleaved round by round.

      --filter NAME,NAME     only the workloads with these names (noop get1 get100 rw10 range1000 cc2cc batch1000
                             multiget1000 launch system; streams mailboxes actor direct); "loop" is all that is no
                             yardstick, "growth" only what grows
      --clients 1,16,256     only these numbers of clients
      --executor KIND        pool, dedicated, or per-core: a host with a thread for each core, and its share of the clients;
                             all by default
      --seconds S            how long a round lasts (0.2)
      --rounds N             how many rounds there are (5); all figures are medians of the rounds
      --no-growth            without memory and the curves over open transactions and chaincodes
      --json FILE            writes all samples
      --svg FILE             draws the results
      --compare FILE         compares with the JSON of an earlier run
      --check DIRECTORY      compares with thresholds; exit code 1 if one is not kept
      --quiet                shows no progress
    """

  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    func value(_ option: String) throws -> String {
      guard let value = rest.popFirst() else { throw Invalid(text: "\(option) needs a value") }
      return value
    }
    while let option = rest.popFirst() {
      switch option {
      case "--filter": filter = try value(option).split(separator: ",").map(String.init)
      case "--clients":
        clients = try value(option).split(separator: ",").map { text in
          guard let number = Int(text), number > 0 else {
            throw Invalid(text: "\(text) is no number of clients")
          }
          return number
        }
      case "--executor":
        let name = try value(option)
        guard let kind = ExecutorKind(rawValue: name) else { throw Invalid(text: "no executor \(name)") }
        executors = [kind]
      case "--seconds": seconds = try number(value(option))
      case "--rounds": rounds = max(1, Int(try number(value(option))))
      case "--json": json = try value(option)
      case "--svg": svg = try value(option)
      case "--compare": compare = try value(option)
      case "--check": check = try value(option)
      case "--no-growth": showsGrowth = false
      case "--quiet": showsProgress = false
      case "--help", "-h": showsHelp = true
      default: throw Invalid(text: "unknown option \(option)")
      }
    }
  }

  /// Whether memory and growth are to be measured.
  var wantsGrowth: Bool {
    showsGrowth && check == nil && (filter.isEmpty || filter.contains("growth"))
  }

  /// Whether a workload is to be measured.
  func wants(_ workload: Workload) -> Bool {
    filter.isEmpty || filter.contains(workload.name)
      || (workload.kind == .loop && filter.contains("loop"))
  }
}

private func number(_ text: String) throws -> Double {
  guard let number = Double(text), number > 0 else { throw Options.Invalid(text: "\(text) is no number") }
  return number
}
