internal import InprocHost
internal import MessageFSM

/// The state that `_lifecycle` keeps records in: the public one, or an organization's implicit collection.
struct LifecycleState: Sendable {
  let stub: ChaincodeStub
  /// `nil` is the public state.
  var organization: WireString?

  private var collection: WireString? { organization.map { WireString(joining: "_implicit_org_", $0) } }

  func get(_ key: WireString) async throws -> [UInt8]? {
    guard let collection else { return try await stub.getState(key) }
    return try await stub.getPrivateData(collection, key)
  }

  /// The hash of a value, which peers of other organizations have too.
  func getHash(_ key: WireString) async throws -> [UInt8]? {
    try await stub.getPrivateDataHash(collection ?? .empty, key)
  }

  func put(_ key: WireString, _ value: [UInt8]) async throws {
    guard let collection else { return try await stub.putState(key, value) }
    try await stub.putPrivateData(collection, key, value)
  }

  func delete(_ key: WireString) async throws {
    guard let collection else { return try await stub.delState(key) }
    try await stub.delPrivateData(collection, key)
  }
}
