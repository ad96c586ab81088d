extension StateDiagram {
  /// The article of the documentation that shows all machines; a test compares it with the file.
  public static let article: String = {
    var text = """
      # State machines

      The four machines as pictures, generated from their tables.

      ## Overview

      Written by `inproc-peer fsm --format article`; do not edit. An arrow is labelled with the events that take it and, behind the
      slash, with what the machine asks for then.

      """
    for diagram in all(version: .v1_4) {
      text += "\n## \(diagram.name)\n\n```mermaid\n\(diagram.mermaid)```\n"
    }
    text += """

      ## Fabric 3.1

      `PURGE_PRIVATE_DATA`, `WRITE_BATCH_STATE` and `GET_STATE_MULTIPLE` are served in `ready` by a peer that speaks like 3.1; one that
      speaks like 1.4 refuses them. Nothing else differs.

      """
    return text
  }()
}
