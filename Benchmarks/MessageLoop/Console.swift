import Foundation

/// Writes to the terminal.
enum Console {
  static func output(_ text: String) { write(text + "\n", to: .standardOutput) }

  /// For progress and complaints; without a line end.
  static func error(_ text: String) { write(text, to: .standardError) }

  private static func write(_ text: String, to file: FileHandle) {
    file.write(Data(text.utf8))
  }
}
