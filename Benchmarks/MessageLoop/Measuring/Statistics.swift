/// Figures of a few numbers.
enum Statistics {
  static func median(_ values: [Double]) -> Double { quantile(values, 0.5) }

  /// The distance of the quartiles as a part of the median; 0 for a single value.
  static func spread(_ values: [Double]) -> Double {
    let middle = median(values)
    guard middle > 0 else { return 0 }
    return (quantile(values, 0.75) - quantile(values, 0.25)) / middle
  }

  static func quantile(_ values: [Double], _ share: Double) -> Double {
    let sorted = values.sorted()
    guard let last = sorted.last else { return 0 }
    let position = share * Double(sorted.count - 1)
    let index = Int(position)
    guard index + 1 < sorted.count else { return last }
    return sorted[index] + (sorted[index + 1] - sorted[index]) * (position - Double(index))
  }
}
