import Foundation
import InprocHost

/// Runs the same seeds again and again here, and in a second process, whose hash tables have another order.
struct DeterminismCheck {
  let options: SimulateOptions
  private let begun = ContinuousClock.now

  init(_ options: SimulateOptions) {
    self.options = options
  }

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
        let here = line(scenario, seed, result)
        let there = lines.popFirst().map(String.init) ?? "(nothing)"
        runs += 1
        guard here == there else { return differs(here, "in a second process", there) }
        for number in 2...max(2, options.repetitions) {
          let again = scenario.run(seed: seed, options.plan)
          guard again.traceHash == result.traceHash, again.steps == result.steps else {
            return differs(here, "when it was run for the \(number)th time", line(scenario, seed, again))
          }
        }
      }
    }
    let seconds = Int((ContinuousClock.now - begun) / .seconds(1))
    say(
      "\(runs) runs are the same \(max(2, options.repetitions)) times here and in a second process with another hash seed (\(seconds) s)"
    )
    return 0
  }

  private func line(_ scenario: any SimulationScenario, _ seed: UInt64, _ result: SimulationResult) -> String
  {
    "\(scenario.name) \(seed) \(result.steps) \(result.traceHash)"
  }

  private func differs(_ first: String, _ where: String, _ second: String) -> Int32 {
    say("not deterministic: scenario, seed, steps and hash are\n  \(first)\n  \(second) \(`where`)")
    return 3
  }

  private func second() throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    var arguments = ["simulate"] + options.scenarios.map(\.name)
    arguments += [
      "--hashes", "--faults", options.faultsName, "--from", "\(options.from)", "--seeds", "\(options.seeds)",
    ]
    if options.strategies.count == 1 { arguments += ["--strategy", "\(options.strategies[0])"] }
    if let operations = options.operations { arguments += ["--operations", "\(operations)"] }
    if let planted = options.planted { arguments += ["--plant", "\(planted)"] }
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
