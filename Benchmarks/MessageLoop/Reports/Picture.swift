import Foundation

/// The results as an SVG: throughput per workload as bars, and over the number of clients as lines.
struct Picture {
  private let results: Results
  private let width = 1120.0

  init(_ results: Results) {
    self.results = results
  }

  private static let colors: [ExecutorKind: String] = [.pool: "#7a9cc6", .dedicated: "#d9773f"]
  private static let palette = [
    "#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951", "#ff8ab7", "#a463f2", "#97bbf5", "#9c6b4e",
    "#9498a0",
  ]

  var svg: String {
    let bars = barChart(top: 70)
    let lines = lineChart(top: bars.bottom + 90)
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(Int(width))" height="\(Int(lines.bottom + 40))" \
      font-family="system-ui, sans-serif" font-size="13" fill="#222">
      <rect width="100%" height="100%" fill="white"/>
      \(bars.svg)
      \(lines.svg)
      </svg>
      """
  }

  func write(to path: String) throws {
    try svg.write(toFile: path, atomically: true, encoding: .utf8)
  }

  private var workloads: [String] {
    results.measurements.reduce(into: []) { names, measurement in
      if names.last != measurement.workload { names.append(measurement.workload) }
    }
  }

  // MARK: Bars

  private func barChart(top: Double) -> (svg: String, bottom: Double) {
    let clients = results.measurements.map(\.clients).contains(16) ? 16 : results.measurements[0].clients
    let rows = results.measurements.filter { $0.clients == clients }
    let most = rows.map(\.perSecond).max() ?? 1
    let left = 170.0
    let span = width - left - 200
    // A decade per step, from what one can see at all.
    let low = pow(10, (log10(rows.map(\.perSecond).min() ?? 1) - 0.3).rounded(.down))
    let scale = span / log10(most / low)
    var svg = text(
      24, 36, "Operations per second with \(clients) clients (logarithmic)", size: 18, weight: "bold")
    svg += legend(x: width - 330, y: 36)
    var y = top
    for name in workloads {
      let ofName = rows.filter { $0.workload == name }
      guard !ofName.isEmpty else { continue }
      svg += text(left - 12, y + 9 * Double(ofName.count) + 4, name, anchor: "end")
      for row in ofName {
        let length = max(1, log10(row.perSecond / low) * scale)
        svg += rectangle(left, y, length, 16, Self.colors[row.executor] ?? "gray")
        let unsteady = row.isUnsteady ? "  (spread \(Figures.percent(row.spread)))" : ""
        svg += text(left + length + 6, y + 12, Figures.count(row.perSecond) + "/s" + unsteady, size: 11)
        y += 18
      }
      y += 10
    }
    return (svg, y)
  }

  private func legend(x: Double, y: Double) -> String {
    rectangle(x, y - 12, 14, 14, Self.colors[.pool] ?? "") + text(x + 20, y, "global pool")
      + rectangle(x + 130, y - 12, 14, 14, Self.colors[.dedicated] ?? "")
      + text(x + 150, y, "dedicated executor")
  }

  // MARK: Lines

  private func lineChart(top: Double) -> (svg: String, bottom: Double) {
    let clients = Set(results.measurements.map(\.clients)).sorted()
    let names = workloads.filter { name in
      results.measurements.contains { $0.workload == name && $0.kind == .loop }
    }
    guard clients.count > 1, !names.isEmpty else { return ("", top - 60) }
    let (left, height) = (90.0, 380.0)
    let span = width - left - 240
    let all = results.measurements.filter { $0.kind == .loop }.map(\.perSecond)
    let low = pow(10, log10(all.min() ?? 1).rounded(.down))
    let high = pow(10, log10(all.max() ?? 10).rounded(.up))
    func x(_ index: Int) -> Double { left + span * Double(index) / Double(clients.count - 1) }
    func y(_ value: Double) -> Double { top + height * (1 - log10(value / low) / log10(high / low)) }

    var svg = text(
      24, top - 34, "Transactions per second over clients (solid: dedicated, dashed: pool)", size: 18,
      weight: "bold")
    var decade = low
    while decade <= high * 1.01 {
      svg += line(left, y(decade), left + span, y(decade), "#ddd")
      svg += text(left - 10, y(decade) + 4, Figures.count(decade), anchor: "end", size: 11)
      decade *= 10
    }
    for (index, count) in clients.enumerated() {
      svg += text(x(index), top + height + 22, "\(count)", anchor: "middle")
    }
    for (index, name) in names.enumerated() {
      let color = Self.palette[index % Self.palette.count]
      for executor in ExecutorKind.allCases {
        let points = clients.enumerated().compactMap { place, count -> String? in
          results.measurement(name, count, executor).map { "\(x(place)),\(y($0.perSecond))" }
        }
        let dashes = executor == .pool ? " stroke-dasharray=\"5 4\"" : ""
        svg +=
          "<polyline points=\"\(points.joined(separator: " "))\" fill=\"none\" stroke=\"\(color)\""
          + " stroke-width=\"2\"\(dashes)/>\n"
      }
      let legendY = top + 10 + Double(index) * 22
      svg +=
        rectangle(left + span + 40, legendY - 10, 14, 14, color) + text(left + span + 62, legendY + 2, name)
    }
    return (svg, top + height + 40)
  }

  // MARK: Elements

  private func text(
    _ x: Double, _ y: Double, _ text: String, anchor: String = "start", size: Int = 13,
    weight: String = "normal"
  ) -> String {
    "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\" font-size=\"\(size)\" font-weight=\"\(weight)\">\(text)</text>\n"
  }

  private func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ color: String)
    -> String
  {
    "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\" rx=\"2\" fill=\"\(color)\"/>\n"
  }

  private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: String) -> String {
    "<line x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\" stroke=\"\(color)\"/>\n"
  }
}
