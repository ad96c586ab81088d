/// A machine's table as a picture or as text.
public struct StateDiagram: Sendable {
  /// The machine's name.
  public let name: String
  /// The rows of its table.
  public let transitions: [Transition]

  /// A diagram of these rows.
  public init(name: String, transitions: [Transition]) {
    self.name = name
    self.transitions = transitions
  }

  /// The four machines of the package, as the version speaks.
  public static func all(version: FabricVersion) -> [StateDiagram] {
    [
      StateDiagram(
        name: "PeerStateMachine", transitions: PeerStateMachine.transitions(version: version)),
      StateDiagram(name: "PeerTransactionMachine", transitions: PeerTransactionMachine.transitions),
      StateDiagram(name: "ShimStateMachine", transitions: ShimStateMachine.transitions()),
      StateDiagram(name: "ShimTransactionMachine", transitions: ShimTransactionMachine.transitions),
    ]
  }

  /// A Mermaid state diagram.
  public var mermaid: String {
    var lines = ["stateDiagram-v2", "  [*] --> \(transitions.first?.state ?? "")"]
    for edge in edges {
      lines.append(
        "  \(edge.state) --> \(edge.next): \(edge.events.joined(separator: ", ")) / \(edge.action)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A Graphviz digraph.
  public var dot: String {
    var lines = ["digraph \(name) {", "  rankdir=LR;", "  node [shape=box, style=rounded];"]
    for edge in edges {
      let label = edge.events.joined(separator: "\\n") + "\\n/ \(edge.action)"
      lines.append("  \(edge.state) -> \(edge.next) [label=\"\(label)\"];")
    }
    return lines.joined(separator: "\n") + "\n}\n"
  }

  /// One line per row, in columns.
  public var table: String {
    let header = ["state", "event", "action", "next"]
    let rows = [header] + transitions.map { [$0.state, $0.event, $0.action, $0.next] }
    let widths = header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        line += cell
        if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
      }
      return line + "\n"
    }.joined()
  }

  /// The rows with the same ends and the same action as one arrow, in the order of their first row.
  private var edges: [(state: String, next: String, action: String, events: [String])] {
    var edges: [(state: String, next: String, action: String, events: [String])] = []
    for row in transitions {
      if let known = edges.firstIndex(where: {
        $0.state == row.state && $0.next == row.next && $0.action == row.action
      }) {
        edges[known].events.append(row.event)
      } else {
        edges.append((row.state, row.next, row.action, [row.event]))
      }
    }
    return edges
  }
}
