import Foundation

/// A peer in one process: shows the host at work, replays golden files, draws the state machines.
package struct InprocPeer {
  static let help = """
    inproc-peer: a chaincode host in one process

    usage:
      inproc-peer                          a demonstration: a peer from its start to its end
      inproc-peer replay FILE…             replays golden files of real Fabric and compares every message
      inproc-peer fsm [--format FORMAT] [--version VERSION]
                                           prints the state machines; FORMAT is table (default), mermaid, dot or article,
                                           VERSION is 1.4 (default) or 3.1
      inproc-peer simulate [SCENARIO…] [OPTION…]
                                           runs the host under many orders of everything; simulate --help tells more
      inproc-peer --help                   this text

    exit codes: 0 all is well, 1 something differs or failed, 2 the command cannot be understood or a file not read
    """

  /// Runs the command of this process and ends it.
  package static func main() async {
    exit(await run(Array(CommandLine.arguments.dropFirst())))
  }

  /// Runs the command and returns the exit code.
  static func run(_ arguments: [String]) async -> Int32 {
    guard let command = arguments.first else { return await Demonstration().run() }
    let rest = Array(arguments.dropFirst())
    switch command {
    case "--help", "-h", "help":
      print(help)
      return 0
    case "fsm": return FSMCommand().run(arguments: rest)
    case LedgerCrashChild.command: return await LedgerCrashChild().run(arguments: rest)
    case "replay": return await ReplayCommand().run(arguments: rest)
    case "simulate": return await SimulateCommand().run(arguments: rest)
    default: return refuse("unknown command \"\(command)\"; inproc-peer --help lists the commands")
    }
  }

  /// Says what is wrong with the command, on the standard error, and returns the exit code for it.
  static func refuse(_ text: String) -> Int32 {
    FileHandle.standardError.write(Data("inproc-peer: \(text)\n".utf8))
    return 2
  }
}
