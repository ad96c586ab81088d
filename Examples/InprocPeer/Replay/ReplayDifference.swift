import InprocHost
import MessageFSM

/// The first place where this host did something else than Fabric.
package struct ReplayDifference: Error, Sendable, CustomStringConvertible {
  /// Where in the scenario.
  var place: String
  /// What differs, and what it is on both sides.
  let what: String
  let expected: String
  let got: String

  init(_ what: String, expected: String, got: String, place: String = "") {
    self.place = place
    self.what = what
    self.expected = expected
    self.got = got
  }

  /// Bytes that differ.
  init(_ what: String, expected: [UInt8]?, got: [UInt8]?) {
    self.init(what, expected: Self.show(expected, beside: got), got: Self.show(got, beside: expected))
  }

  package var description: String {
    """
    differs at \(place): \(what)
      expected: \(expected)
      got:      \(got)
    """
  }

  /// Bytes from shortly before the first that differs.
  static func show(_ bytes: [UInt8]?, beside other: [UInt8]?) -> String {
    guard let bytes else { return "(none)" }
    let common = zip(bytes, other ?? []).prefix { $0 == $1 }.count
    let start = max(0, common - 40)
    let shown = bytes.dropFirst(start).prefix(120)
    let before = start > 0 ? "…" : ""
    let after = start + shown.count < bytes.count ? "…" : ""
    return "\(bytes.count) bytes, from byte \(common) on different: \(before)\(shown.hex)\(after)"
  }
}

/// A part of a file that was not compared, since the host cannot do it yet.
package enum SkippedPart: String, Sendable, CaseIterable, Comparable {
  /// A call of a system chaincode that this package does not have.
  case systemChaincode = "system chaincode"

  package static func < (left: SkippedPart, right: SkippedPart) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// A promise of this host that Fabric does not give, and that changed what a file says.
package enum DesignDifference: String, Sendable, Comparable {
  /// A deadline ends the chaincode's calls, and a called chaincode's deadline is not later than the caller's.
  case deadline = "calls after the deadline"
  /// An answer that belongs to an earlier run of the same txid.
  case earlierRun = "answer of an earlier run"
  /// Channel and txid are a pair, and not run together.
  case contextKey = "keys of contexts"
  /// Fabric's process died.
  case panic = "Fabric died"

  package static func < (left: DesignDifference, right: DesignDifference) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// What came of replaying one file.
package struct ReplayOutcome: Sendable {
  /// The first difference; `nil` if there is none.
  package var difference: ReplayDifference?
  /// How many parts of each kind were not compared.
  package var skipped: [SkippedPart: Int] = [:]
  /// How many places differ on purpose.
  package var byDesign: [DesignDifference: Int] = [:]
  /// How many messages were compared.
  package var comparedMessages = 0
}
