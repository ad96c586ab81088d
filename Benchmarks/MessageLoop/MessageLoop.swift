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
    let results = Results(measurements: try await Runner(options: options).run(workloads))
    Console.output(Table(results).text)
    if let path = options.json { try results.write(to: path) }
  }
}
