public import MessageFSM

/// The commonest requests as plain functions, of a simulator that never waits.
///
/// The message loop asks them without the price of asynchronous calls, which is a third of a read's time. They are the methods of
/// ``TxSimulator`` without `async`; a simulator whose methods are plain functions anyway only has to say that it is one, and
/// keeps the same promises. Its ``QueryExecutor/answersAtOnce`` has to be true.
public protocol ImmediateSimulator: AnyObject, Sendable {
  /// The committed value; `nil` if there is none.
  ///
  /// - Throws: what hinders it.
  func getState(namespace: WireString, key: WireString) throws -> [UInt8]?

  /// The committed values of several keys, in the order of the keys.
  ///
  /// - Throws: what hinders it.
  func getStateMultiple(namespace: WireString, keys: [WireString]) throws -> [[UInt8]?]

  /// Notes a write; an empty value is a deletion.
  ///
  /// - Throws: what hinders it.
  func setState(namespace: WireString, key: WireString, value: [UInt8]) throws

  /// Notes several writes together: all of them or, if one is refused, none.
  ///
  /// - Throws: the refusal of the first write that is refused.
  func applyWrites(_ writes: [StateWrite]) throws
}

extension TxSimulator {
  /// None.
  public var immediate: (any ImmediateSimulator)? { nil }
}

extension TxSimulator where Self: ImmediateSimulator {
  /// Itself.
  public var immediate: (any ImmediateSimulator)? { self }
}
