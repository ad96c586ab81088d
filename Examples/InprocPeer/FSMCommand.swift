import MessageFSM

/// `inproc-peer fsm`: prints the state machines from their own tables.
struct FSMCommand {
  func run(arguments: [String]) -> Int32 {
    var format = "table"
    var version = FabricVersion.v1_4
    var rest = arguments[...]
    while let option = rest.popFirst() {
      if option == "--help" {
        print(InprocPeer.help)
        return 0
      }
      guard let value = rest.popFirst() else { return InprocPeer.refuse("fsm: \(option) needs a value") }
      switch option {
      case "--format":
        guard ["table", "mermaid", "dot", "article"].contains(value) else {
          return InprocPeer.refuse(
            "fsm: unknown format \"\(value)\"; table, mermaid, dot and article are known")
        }
        format = value
      case "--version":
        guard let known = FabricVersion(rawValue: value) else {
          return InprocPeer.refuse("fsm: unknown version \"\(value)\"; 1.4 and 3.1 are known")
        }
        version = known
      default: return InprocPeer.refuse("fsm: unknown option \"\(option)\"")
      }
    }
    if format == "article" {
      print(StateDiagram.article, terminator: "")
      return 0
    }
    for diagram in StateDiagram.all(version: version) {
      switch format {
      case "mermaid": print("%% \(diagram.name)\n\(diagram.mermaid)")
      case "dot": print(diagram.dot)
      default: print("\(diagram.name)\n\n\(diagram.table)")
      }
    }
    return 0
  }
}
