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

  /// The message that these bytes hold; 1.4 writes "unmarshaling" where they hold none, 2.0 and later "unmarshalling".
  ///
  /// - Throws: Fabric's text, which names the message as `what`, behind `prefix`.
  static func read(
    _ bytes: [UInt8], _ version: FabricVersion, as what: WireString, behind prefix: WireString = .empty
  ) throws(LedgerError) -> Self {
    let verb: WireString = version == .v1_4 ? "unmarshaling " : "unmarshalling "
    return try read(bytes, version) { WireString(joining: prefix, "error ", verb, what, ": ", $0) }
  }
}
