// Chaincode of users, whose versions stand side by side (Fabric's packages, compiled in).
extension ChaincodeHost {
  /// Makes a version of a user chaincode available.
  ///
  /// It is started by the first call on a channel on which that version is in force, which the configuration's `lifecycle` tells.
  ///
  /// - Parameters:
  ///   - chaincode: what it does.
  ///   - id: its name and version.
  /// - Throws: ``HostError/Code/alreadyRegistered``; ``HostError/Code/invalidName``, also for a system chaincode's name.
  public func offer(_ chaincode: any Chaincode, as id: ChaincodeVersion) throws(HostError) {
    if isSystemChaincode(id.name) {
      throw HostError(.invalidName, "\(id.name) is the name of a system chaincode")
    }
    try addVersion(chaincode, as: id)
  }

  /// Stops a version of a chaincode as soon as no transaction runs on it.
  ///
  /// Returns at once. One that is being started serves the calls that it was started for first. A transaction that needs the
  /// version later starts it again. A version that does not run is left alone.
  public func retire(_ id: ChaincodeVersion) {
    retireHandler(id)
  }

  /// Waits until a version of a chaincode has ended, such as one that was retired.
  ///
  /// Returns when both ends of its stream are torn down, or the waiting task is cancelled; at once if it does not run.
  ///
  /// - Returns: who ended it; `nil` if it did not run.
  @discardableResult
  public func waitForExit(of id: ChaincodeVersion) async -> ContainerExit? {
    await containerExit(id)
  }
}
