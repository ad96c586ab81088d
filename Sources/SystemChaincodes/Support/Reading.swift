internal import InprocHost
internal import MessageFSM

extension WireMessage {
  /// The message that these bytes hold.
  ///
  /// - Throws: Fabric's text, which `text` makes of what is wrong with the bytes.
  static func read(
    _ bytes: [UInt8], _ version: FabricVersion, _ text: (WireString) -> WireString = { $0 }
  ) throws(LedgerError) -> Self {
    do throws(WireError) {
      return try Self(wireBytes: bytes)
    } catch {
      throw LedgerError(text(WireString(error.text(version))))
    }
  }
}
