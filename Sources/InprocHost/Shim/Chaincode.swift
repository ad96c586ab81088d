public import MessageFSM

/// What runs on a channel's state: a contract, or a part of the peer (Fabric `shim.Chaincode`).
///
/// One value serves all transactions, several at a time; that it is `Sendable` is what keeps them apart. A thrown error ends the
/// transaction with status 500 and the error's text. When nobody waits for the transaction any more its task is cancelled and
/// every later call of the stub throws.
public protocol Chaincode: Sendable {
  /// Called when the chaincode is deployed or upgraded (INIT). A status of 500 or more fails the deployment.
  ///
  /// - Throws: anything; it becomes status 500 with the error's text.
  func initialize(_ stub: ChaincodeStub) async throws -> Response

  /// Called for every transaction.
  ///
  /// - Throws: anything; it becomes status 500 with the error's text.
  func invoke(_ stub: ChaincodeStub) async throws -> Response
}

extension Chaincode {
  /// Succeeds without doing anything.
  public func initialize(_ stub: ChaincodeStub) async throws -> Response {
    .success()
  }
}
