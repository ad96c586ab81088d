import Foundation
import SystemChaincodes
import Testing

@Suite("Table of functions")
struct FunctionTableTests {
  private static let module = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let article = module.appending(
    path: "Sources/SystemChaincodes/SystemChaincodes.docc/Functions.md")

  /// `SYSCC_WRITE_TABLE=1` writes the article instead of comparing it.
  @Test func theDocumentationHasTheTableOfTheCode() throws {
    let text =
      "# Functions of the system chaincodes\n\nWhich functions of Fabric's system chaincodes are here, and which "
      + "tests call them.\n\n## Overview\n\nThis table is made from the code.\n\n\(FunctionTable.markdown)"
    if ProcessInfo.processInfo.environment["SYSCC_WRITE_TABLE"] != nil {
      try Data(text.utf8).write(to: Self.article)
    }
    let written = try String(decoding: Data(contentsOf: Self.article), as: UTF8.self)
    #expect(written == text, "run this test with SYSCC_WRITE_TABLE=1")
  }

  @Test func everySuiteOfTheTableIsThere() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    for row in FunctionTable.rows {
      let file = folder.appending(path: "\(row.tests).swift")
      let source = try String(decoding: Data(contentsOf: file), as: UTF8.self)
      for name in row.names where !name.hasPrefix("(") {
        #expect(source.contains(name), "\(row.tests) does not call \(name)")
      }
    }
  }
}
