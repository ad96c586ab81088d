import InprocHost
import MessageFSM

/// A small contract: accounts with a balance, and transfers between them.
struct AssetChaincode: Chaincode {
  func invoke(_ stub: ChaincodeStub) async throws -> Response {
    let (function, parameters) = stub.functionAndParameters
    switch (function, parameters.count) {
    case ("open", 2):
      try await stub.putState(parameters[0], parameters[1].bytes)
      return .success()
    case ("transfer", 3):
      return try await transfer(stub, from: parameters[0], to: parameters[1], amount: parameters[2])
    case ("balance", 1):
      return .success(Array(String(try await balance(stub, parameters[0])).utf8))
    case ("payFee", 1):
      // The bank's fee is another chaincode's business.
      let fee = await stub.invokeChaincode("fees", args: [Array("fee".utf8)])
      guard fee.status == Response.ok else { return fee }
      return try await transfer(stub, from: parameters[0], to: "bank", amount: WireString(bytes: fee.payload))
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
    guard payer >= amount else { return .failure("\(from) has \(payer), which is less than \(amount)") }
    try await stub.putState(from, Array(String(payer - amount).utf8))
    try await stub.putState(to, Array(String(payee + amount).utf8))
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

/// A system chaincode that only answers: what a transfer costs.
struct FeeChaincode: Chaincode {
  func invoke(_ stub: ChaincodeStub) async throws -> Response {
    .success(Array("2".utf8))
  }
}
