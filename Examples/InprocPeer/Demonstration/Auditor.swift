/// Whom an audit waits for, so that a transaction can be watched while it runs.
struct Auditor: Sendable {
  private let beginnings = AsyncStream.makeStream(of: Void.self)
  private let signatures = AsyncStream.makeStream(of: Void.self)

  /// The chaincode's side: says that it has begun, and waits for the signature.
  func audit() async {
    beginnings.continuation.yield()
    for await _ in signatures.stream { return }
  }

  /// Waits until an audit has begun; returns too when none will.
  func begun() async {
    for await _ in beginnings.stream { return }
  }

  func sign() {
    signatures.continuation.yield()
  }

  func close() {
    beginnings.continuation.finish()
    signatures.continuation.finish()
  }
}
