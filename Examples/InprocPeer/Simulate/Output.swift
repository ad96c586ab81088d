import Foundation

/// Writes a line at once, so that it can be seen while the command goes on.
func say(_ line: String) {
  FileHandle.standardOutput.write(Data((line + "\n").utf8))
}
