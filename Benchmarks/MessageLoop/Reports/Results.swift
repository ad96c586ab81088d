import Foundation

/// Everything that a run has found; what the JSON file holds.
struct Results: Sendable, Codable {
  var measurements: [Measurement]
  var growth: [Growth.Figure] = []

  func measurement(_ workload: String, _ clients: Int, _ executor: ExecutorKind) -> Measurement? {
    measurements.first { $0.workload == workload && $0.clients == clients && $0.executor == executor }
  }

  /// How often one transaction's time is that of a round trip over two bare streams, on the same executor in the same run.
  func ratio(_ measurement: Measurement, to yardstick: String) -> Double? {
    guard measurement.kind == .loop,
      let other = self.measurement(yardstick, measurement.clients, measurement.executor)
    else { return nil }
    return other.perSecond / measurement.perSecond
  }

  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(self).write(to: URL(filePath: path))
  }

  static func read(from path: String) throws -> Results {
    try JSONDecoder().decode(Results.self, from: Data(contentsOf: URL(filePath: path)))
  }
}
