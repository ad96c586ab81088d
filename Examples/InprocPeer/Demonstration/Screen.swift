/// Where the demonstration is seen: acts of a screen each, that stop at what is not as they say.
package struct Screen: Sendable {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// The most columns of a line.
  package static let columns = 100
  private static let indent = 2
  private static let column = 46

  private let write: @Sendable (_ line: String) -> Void

  /// A screen whose lines go to `write`.
  package init(write: @escaping @Sendable (_ line: String) -> Void = { print($0) }) {
    self.write = write
  }

  /// Begins an act; `lookAt` says what is worth seeing.
  func act(_ title: String, _ lookAt: String) {
    write("")
    write("── \(title) ".filled(to: Self.columns, with: "─"))
    for line in lookAt.wrapped(to: Self.columns - Self.indent) { write(line.indented(Self.indent)) }
    write("")
  }

  func line(_ text: String = "") {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      write(line.isEmpty ? "" : String(line).indented(Self.indent))
    }
  }

  /// What was done on the left, what came of it on the right.
  func line(_ left: String, _ right: String) {
    var left = left
    if left.count >= Self.column {
      line(left)
      left = ""
    }
    for part in right.wrapped(to: Self.columns - Self.column - Self.indent) {
      line(left.filled(to: Self.column, with: " ") + part)
      left = ""
    }
  }

  /// Stops the demonstration if it is not as expected.
  func expect(_ condition: Bool, _ what: String) throws {
    if !condition { throw Failure(description: "expected \(what)") }
  }
}

extension String {
  func filled(to width: Int, with filler: Character) -> String {
    self + String(repeating: filler, count: max(0, width - count))
  }

  func indented(_ columns: Int) -> String {
    String(repeating: " ", count: columns) + self
  }

  /// Lines of at most this width, broken at spaces.
  func wrapped(to width: Int) -> [String] {
    var lines: [String] = []
    for word in split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
