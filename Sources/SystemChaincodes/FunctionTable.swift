import MessageFSM

/// Which functions of Fabric's system chaincodes are here, as data: the documentation's table is made from it.
package struct FunctionTable: Sendable {
  /// One function.
  package struct Row: Sendable, Hashable {
    /// The chaincode.
    package let chaincode: String
    /// Its names.
    package let names: [String]
    /// The releases that have it.
    package let releases: String
    /// Whether it is implemented, or why not.
    package let state: String
    /// The suite of tests that calls it; empty if there is nothing to call.
    package let tests: String
  }

  /// All, by chaincode.
  package static let rows: [Row] = queries + configuration + lifecycle + signatures + definitions

  private static let queries = QueryChaincode.Function.allCases.map { function in
    Row(
      chaincode: "qscc", names: [function.rawValue], releases: "1.0–3.1", state: "yes",
      tests: "QueryChaincodeTests")
  }

  private static let configuration = ConfigurationChaincode.Function.allCases.map { function in
    let releases =
      switch (function.exists(in: .v1_4), function.exists(in: .v3_1)) {
      case (true, true): "1.0–3.1"
      case (true, false): "1.1–1.4"
      case (false, _): "2.3–3.1"
      }
    let state =
      switch function {
      case .joinChainBySnapshot, .joinBySnapshotStatus: "refused: ledgers here keep every block"
      case _: "yes"
      }
    let tests = function == .simulateConfigTreeUpdate ? "ConfigUpdateTests" : "ConfigurationChaincodeTests"
    return Row(
      chaincode: "cscc", names: [function.rawValue], releases: releases, state: state, tests: tests)
  }

  private static let lifecycle = LifecycleChaincode.Function.allCases.map { function in
    Row(
      chaincode: "lscc", names: function.names,
      releases: function == .getCollectionsConfig ? "1.3–2.5" : "1.0–2.5", state: "yes",
      tests: "LifecycleChaincodeTests")
  }

  private static let definitions = DefinitionChaincode.Function.allCases.map { function in
    let releases =
      switch function {
      case .queryApproved: "2.2–3.1"
      case .queryAllApproved: "3.0–3.1"
      case _: "2.0–3.1"
      }
    return Row(
      chaincode: "_lifecycle", names: [function.rawValue], releases: releases,
      state: function.refusal.map { "refused: \($0.string)" }
        ?? (function == .checkCommitReadiness ? "yes, without the `mismatches` of 3.0" : "yes"),
      tests: "DefinitionChaincodeTests")
  }

  private static let signatures = [
    Row(
      chaincode: "escc", names: ["(any)"], releases: "1.0–1.1",
      state: "yes; `processProposal` endorses by itself",
      tests: "EndorsementChaincodeTests"),
    Row(
      chaincode: "vscc", names: ["(any)"], releases: "1.0–1.1", state: "yes; a commit does not call it",
      tests: "ValidationChaincodeTests"),
  ]

  /// The table in Markdown.
  package static var markdown: String {
    let head = "| chaincode | function | Fabric | implemented | tests |\n| --- | --- | --- | --- | --- |\n"
    return rows.reduce(into: head) { text, row in
      let names = row.names.map { $0.hasPrefix("(") ? $0 : "`\($0)`" }.joined(separator: ", ")
      text += "| \(row.chaincode) | \(names) | \(row.releases) | \(row.state) | \(row.tests) |\n"
    }
  }
}
