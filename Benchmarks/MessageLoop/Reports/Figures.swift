import Foundation

/// Numbers as a person reads them.
enum Figures {
  static func count(_ value: Double) -> String {
    switch value {
    case 1e6...: String(format: "%.2f M", value / 1e6)
    case 1e4...: String(format: "%.0f k", value / 1e3)
    case 1e3...: String(format: "%.2f k", value / 1e3)
    default: String(format: "%.0f", value)
    }
  }

  static func nanoseconds(_ value: Double) -> String {
    switch value {
    case 1e9...: String(format: "%.2f s", value / 1e9)
    case 1e6...: String(format: "%.2f ms", value / 1e6)
    case 1e4...: String(format: "%.1f µs", value / 1e3)
    case 1e3...: String(format: "%.2f µs", value / 1e3)
    case 10...: String(format: "%.0f ns", value)
    default: String(format: "%.1f ns", value)
    }
  }

  static func bytes(_ value: Double) -> String {
    switch value {
    case 1e6...: String(format: "%.1f MB", value / 1e6)
    case 1e4...: String(format: "%.0f kB", value / 1e3)
    case 1e3...: String(format: "%.2f kB", value / 1e3)
    default: String(format: "%.0f B", value)
    }
  }

  static func decimal(_ value: Double) -> String { String(format: "%.1f", value) }

  static func ratio(_ value: Double?) -> String { value.map { String(format: "%.2f", $0) } ?? "" }

  static func percent(_ value: Double) -> String { String(format: "%.0f %%", value * 100) }
}
