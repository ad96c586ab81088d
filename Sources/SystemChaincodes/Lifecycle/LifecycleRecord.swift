internal import InprocHost
internal import MessageFSM

/// A structure whose fields are stored one by one, so that only what changes is written (Fabric `lifecycle.Serializer`).
protocol LifecycleRecord: Sendable {
  /// The name of the structure, which is stored with it.
  static var datatype: WireString { get }
  /// The names of the fields, in their order.
  static var fieldNames: [WireString] { get }

  /// The fields, in their order.
  var fields: [StateField] { get }

  /// A record of these fields; what is not stored is empty.
  ///
  /// - Throws: ``WireError`` if a field cannot be read.
  init(_ fields: [StateField]) throws(WireError)
}
