import Foundation

/// Two runs beside each other.
struct Comparison {
  let old: Results
  let new: Results

  var text: String {
    let rows = new.measurements.compactMap { measurement -> [String]? in
      guard let before = old.measurement(measurement.workload, measurement.clients, measurement.executor)
      else {
        return nil
      }
      let ratio = measurement.perSecond / before.perSecond
      let spread = max(measurement.spread, before.spread)
      let verdict =
        abs(ratio - 1) <= max(0.05, spread) ? "the same within the spread" : ratio > 1 ? "faster" : "slower"
      return [
        measurement.key, Figures.count(before.perSecond), Figures.count(measurement.perSecond),
        Figures.ratio(ratio), Figures.percent(spread), verdict,
        Figures.nanoseconds(before.cpuNanoseconds), Figures.nanoseconds(measurement.cpuNanoseconds),
        Figures.ratio(measurement.cpuNanoseconds / before.cpuNanoseconds),
        Figures.decimal(before.allocations),
        Figures.decimal(measurement.allocations),
      ]
    }
    return Table.aligned(
      [
        [
          "workload", "old tx/s", "new tx/s", "new/old", "spread", "", "old cpu/tx", "new cpu/tx", "new/old",
          "old allocs", "new allocs",
        ]
      ] + rows)
  }
}
