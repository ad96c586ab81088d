import InprocHost
import MessageFSM

/// A small contract: accounts with a balance, and transfers between them.
///
/// From version 2 on a transfer costs a fee.
struct AssetChaincode: Chaincode {
  static let v1 = ChaincodeVersion(name: "assets", version: "1")
  static let v2 = ChaincodeVersion(name: "assets", version: "2")

  let fee: Int
  let auditor: Auditor

  /// Runs when a version is put into force: opens the accounts that the arguments name, each with its amount behind it.
  func initialize(_ stub: ChaincodeStub) async throws -> Response {
    var rest = stub.args[...]
    while let account = rest.popFirst(), let amount = rest.popFirst() {
      try await stub.putState(WireString(bytes: account), amount)
    }
    return .success()
  }

  func invoke(_ stub: ChaincodeStub) async throws -> Response {
    let (function, parameters) = stub.functionAndParameters
    switch (function, parameters.count) {
    case ("transfer", 3):
      return try await transfer(stub, from: parameters[0], to: parameters[1], amount: parameters[2])
    case ("balance", 1):
      return .success(Array(String(try await balance(stub, parameters[0])).utf8))
    case ("chain", 0):
      // What the chain holds is another chaincode's business.
      return await stub.invokeChaincode("qscc", args: [Array("GetChainInfo".utf8), stub.channelID.bytes])
    case ("audit", 0):
      let total = try await balance(stub, "alice") + balance(stub, "bob")
      await auditor.audit()
      return .success(Array(String(total).utf8))
    default:
      return .failure("unknown function \(function) with \(parameters.count) parameters")
    }
  }

  private func transfer(
    _ stub: ChaincodeStub, from: WireString, to: WireString, amount: WireString
  ) async throws -> Response {
    guard let amount = Int(amount.string), amount > 0 else {
      return .failure("the amount must be a whole number above zero")
    }
    let (payer, payee) = (try await balance(stub, from), try await balance(stub, to))
    guard payer >= amount + fee else {
      return .failure("\(from) has \(payer), which is less than \(amount + fee)")
    }
    try await stub.putState(from, Array(String(payer - amount - fee).utf8))
    try await stub.putState(to, Array(String(payee + amount).utf8))
    if fee > 0 {
      let bank = try await balance(stub, "bank")
      try await stub.putState("bank", Array(String(bank + fee).utf8))
    }
    try stub.setEvent("transferred", payload: Array("\(from) → \(to): \(amount)".utf8))
    return .success()
  }

  private func balance(_ stub: ChaincodeStub, _ account: WireString) async throws -> Int {
    guard let bytes = try await stub.getState(account) else {
      throw TransactionError(.invalidArgument, "there is no account \(account)")
    }
    return Int(String(decoding: bytes, as: UTF8.self)) ?? 0
  }
}
