import Foundation
import MessageFSM
import Testing

@Suite("State diagrams")
struct StateDiagramTests {
  @Test("the article in the documentation is the one that the tables give")
  func articleIsCurrent() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appending(path: "Sources/MessageFSM/MessageFSM.docc/State-machines.md")
    let written = try String(contentsOf: file, encoding: .utf8)
    #expect(
      written == StateDiagram.article, "run: inproc-peer fsm --format article > \(file.lastPathComponent)")
  }

  @Test("a diagram has an arrow for every row of its table", arguments: FabricVersion.allCases)
  func everyRowHasAnArrow(version: FabricVersion) {
    for diagram in StateDiagram.all(version: version) {
      for row in diagram.transitions {
        let arrow = "\(row.state) --> \(row.next): "
        let label = diagram.mermaid.split(separator: "\n").filter { $0.contains(arrow) }
        #expect(label.contains { $0.contains(row.event) && $0.hasSuffix("/ \(row.action)") })
      }
    }
  }
}
