/// The results as text, a line per measurement.
struct Table {
  private let results: Results

  init(_ results: Results) {
    self.results = results
  }

  private static let head = [
    "workload", "clients", "executor", "tx/s", "spread", "per op", "p50", "p99", "cpu/tx", "allocs/tx",
    "bytes/tx",
    "× streams", "× mailboxes", "× actor",
  ]

  var text: String {
    Self.aligned([Self.head] + results.measurements.map(row))
      + "\n\nMedians of the rounds; spread is the distance of the quartiles."
      + " \"!\": too large to conclude anything from a difference of a tenth."
      + "\n× streams: a transaction's time in round trips over two bare AsyncStreams, same clients, same executor."
  }

  private func row(_ measurement: Measurement) -> [String] {
    [
      measurement.workload, String(measurement.clients), measurement.executor.rawValue,
      Figures.count(measurement.perSecond),
      Figures.percent(measurement.spread) + (measurement.isUnsteady ? " !" : ""),
      Figures.nanoseconds(measurement.nanosecondsPerOperation), Figures.nanoseconds(measurement.p50),
      Figures.nanoseconds(measurement.p99), Figures.nanoseconds(measurement.cpuNanoseconds),
      Figures.decimal(measurement.allocations), Figures.bytes(measurement.bytes),
      Figures.ratio(results.ratio(measurement, to: "streams")),
      Figures.ratio(results.ratio(measurement, to: "mailboxes")),
      Figures.ratio(results.ratio(measurement, to: "actor")),
    ]
  }

  /// Columns of equal width, the first to the left, the others to the right.
  static func aligned(_ rows: [[String]]) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      row.enumerated().map { column, text in
        let pad = String(repeating: " ", count: widths[column] - text.count)
        return column == 0 ? text + pad : pad + text
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
