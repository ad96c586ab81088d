/// The few things that a ``FileBlockStore`` does with its file, so that tests can let each of them fail.
///
/// Errors name the file, the place and what the system said.
package protocol BlockFile: Sendable {
  /// How the file is called in errors.
  var path: String { get }

  /// The number of bytes.
  ///
  /// - Throws: what the system says.
  func size() throws(LedgerError) -> UInt64

  /// `count` bytes from `offset` on, or fewer if the file ends before.
  ///
  /// - Throws: what the system says.
  func read(at offset: UInt64, count: Int) throws(LedgerError) -> [UInt8]

  /// Writes all the bytes from `offset` on; they need not be on the disk afterwards.
  ///
  /// - Throws: what the system says; some of the bytes may be written then.
  func write(_ bytes: [UInt8], at offset: UInt64) throws(LedgerError)

  /// Cuts the file off.
  ///
  /// - Throws: what the system says.
  func truncate(to size: UInt64) throws(LedgerError)

  /// Returns when all that was written is on the disk (`fsync`).
  ///
  /// - Throws: what the system says; nobody knows then what is on the disk.
  func synchronize() throws(LedgerError)
}
