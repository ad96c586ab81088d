import Foundation
import InprocHost

/// Runs the same seeds here and in a second process, whose hash tables have another order.
struct DeterminismCheck {
  let options: SimulateOptions

  func run() async -> Int32 {
    let output: String
    do {
      output = try second()
    } catch {
      return InprocPeer.refuse("the second process could not be started: \(error)")
    }
    var lines = output.split(separator: "\n")[...]
    var runs = 0
    for scenario in options.scenarios {
      for seed in options.plan.seeds {
        let result = scenario.run(seed: seed, options.plan)
        let again = scenario.run(seed: seed, options.plan)
        let here = "\(scenario.name) \(seed) \(result.steps) \(result.traceHash)"
        let there = lines.popFirst().map(String.init) ?? "(nothing)"
        runs += 1
        guard here == there, again.traceHash == result.traceHash else {
          say(
            "not deterministic: \(scenario.name), seed \(seed)\n  here  \(here)\n  again \(again.steps) \(again.traceHash)\n  there \(there)"
          )
          return 3
        }
      }
    }
    say("\(runs) runs are the same twice here and in a second process with another hash seed")
    return 0
  }

  private func second() throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    var arguments = ["simulate"] + options.scenarios.map(\.name)
    arguments += ["--hashes", "--from", "\(options.from)", "--seeds", "\(options.seeds)"]
    if options.strategies.count == 1 { arguments += ["--strategy", "\(options.strategies[0])"] }
    process.arguments = arguments
    var environment = ProcessInfo.processInfo.environment
    environment["SWIFT_DETERMINISTIC_HASHING"] = nil
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
