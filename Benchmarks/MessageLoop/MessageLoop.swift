import Foundation

/// Measures the message loop: see `--help`, and `Benchmarks/NOTES.md` for what was found.
@main
struct MessageLoop {
  static func main() async throws {
    let options: Options
    do {
      options = try Options(Array(CommandLine.arguments.dropFirst()))
    } catch let invalid as Options.Invalid {
      Console.error("message-loop: \(invalid.text)\n\n\(Options.help)\n")
      exit(2)
    }
    if options.showsHelp { return Console.output(Options.help) }

    let workloads = (Yardsticks.all + TransactionWorkloads.all).filter(options.wants)
    var results = Results(measurements: try await Runner(options: options).run(workloads))
    if !results.measurements.isEmpty { Console.output(Table(results).text) }
    if options.wantsGrowth {
      for executor in options.executors where executor != .perCore || options.executors == [.perCore] {
        let figures = try await Growth(executor: executor, seconds: options.seconds).run()
        results.growth += figures
        Console.output("\n\(executor.rawValue)\n" + Growth.Figure.text(figures))
      }
    }
    if let path = options.json { try results.write(to: path) }
    if let path = options.svg, !results.measurements.isEmpty { try Picture(results).write(to: path) }
    if let path = options.compare {
      Console.output("\n" + Comparison(old: try Results.read(from: path), new: results).text)
    }
    if let directory = options.check {
      let violations = try Threshold.read(from: directory).flatMap { $0.violations(in: results) }
      guard violations.isEmpty else {
        Console.error(violations.map { "not kept: \($0)\n" }.joined())
        exit(1)
      }
      Console.output("\nall thresholds are kept")
    }
  }
}
