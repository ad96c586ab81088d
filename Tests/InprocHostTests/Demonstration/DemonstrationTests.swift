import InprocHost
import InprocPeer
import Testing

@Suite("Demonstration of inproc-peer")
struct DemonstrationTests {
  /// Exit code and lines of a run.
  private static func run(fee: Int = 1) async -> (code: Int32, lines: [String]) {
    let lines = Locked<[String]>([])
    let screen = Screen { line in lines.withLock { $0.append(line) } }
    let code = await Demonstration(on: screen, fee: fee).run()
    return (code, lines.withLock { $0 })
  }

  @Test func everyActFitsOnAScreen() async {
    let (code, lines) = await Self.run()
    #expect(code == 0, "\(lines.last ?? "")")
    #expect(lines.allSatisfy { $0.count <= Screen.columns })
    // An act begins with a rule.
    let acts = lines.split { $0.hasPrefix("── ") }
    #expect(acts.count == 9)
    for act in acts { #expect(act.count < 24, "\(act.joined(separator: "\n"))") }
  }

  @Test func twoRunsShowTheSame() async {
    let (first, second) = (await Self.run(), await Self.run())
    #expect(first.lines == second.lines)
  }

  @Test func whatIsNotAsExpectedIsAFailure() async {
    // While the audit waits, so that the stop has something to end.
    let (code, lines) = await Self.run(fee: 2)
    #expect(code == 1)
    #expect(lines.last?.hasSuffix("the demonstration failed: expected version 2 to take its fee") ?? false)
  }
}
