import Foundation

/// What must stay as good as it is; a file of `Benchmarks/Thresholds` holds a list of them.
///
/// Counts of allocations are the same in every run, so they are kept strictly. A ratio to a yardstick of the same run is what a
/// time becomes that another machine, or a busy one, can repeat; its limit leaves room.
struct Threshold: Sendable, Codable {
  var workload: String
  var clients: Int
  var executor: ExecutorKind
  /// The most allocations of a transaction.
  var allocations: Double?
  /// The most processor time of a transaction, in processor times of a round trip of the yardstick.
  var ratio: Double?
  /// The yardstick of the ratio.
  var yardstick: String?

  static func read(from directory: String) throws -> [Threshold] {
    let files = try FileManager.default.contentsOfDirectory(atPath: directory)
      .filter { $0.hasSuffix(".json") }.sorted()
    return try files.flatMap { file in
      let url = URL(filePath: directory).appending(path: file)
      return try JSONDecoder().decode([Threshold].self, from: Data(contentsOf: url))
    }
  }

  /// What the results do not keep, in words; empty if they keep it.
  func violations(in results: Results) -> [String] {
    guard let measurement = results.measurement(workload, clients, executor) else {
      return ["\(workload)/\(clients)/\(executor.rawValue) was not measured"]
    }
    var texts: [String] = []
    // A buffer that grows once in a round is no allocation of a transaction.
    if let allocations, measurement.allocations > allocations + 0.5 {
      let found = Figures.decimal(measurement.allocations)
      texts.append("\(measurement.key): \(found) allocations, at most \(Figures.decimal(allocations))")
    }
    if let ratio, let yardstick {
      guard let other = results.measurement(yardstick, clients, executor) else {
        return texts + ["\(yardstick)/\(clients)/\(executor.rawValue) was not measured"]
      }
      let found = measurement.cpuNanoseconds / other.cpuNanoseconds
      if found > ratio {
        texts.append(
          "\(measurement.key): \(Figures.ratio(found)) × \(yardstick), at most \(Figures.ratio(ratio))")
      }
    }
    return texts
  }
}
