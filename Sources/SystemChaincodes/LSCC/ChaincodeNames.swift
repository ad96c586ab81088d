public import InprocHost
public import MessageFSM

/// How chaincodes and their versions may be called.
public enum ChaincodeNames: Sendable {
  /// Returns if the name is made of letters, digits, and single `-` and `_` between them.
  ///
  /// - Throws: Fabric's text if it is not.
  public static func checkName(_ name: WireString, version: FabricVersion = .v1_4) throws(LedgerError) {
    if name.isEmpty && version == .v1_4 { throw LedgerError("chaincode name not provided") }
    var lastIsLetter = false
    var isValid = !name.isEmpty
    for byte in name.bytes {
      let isLetter = isAlphanumeric(byte)
      let isSeparator = byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
      isValid = isValid && (isLetter || isSeparator && lastIsLetter)
      lastIsLetter = isLetter
    }
    guard isValid && lastIsLetter else {
      let rule =
        version == .v1_4
        ? "Names can only" : "Names must start with an alphanumeric character and can only"
      throw LedgerError(
        joining: "invalid chaincode name '", name, "'. ", rule, " consist of alphanumerics, '_', and '-'")
    }
  }

  /// Returns if the version is made of letters, digits, `_`, `.`, `+` and `-`.
  ///
  /// - Throws: Fabric's text if it is not.
  public static func checkVersion(
    _ chaincodeVersion: WireString, of name: WireString, version: FabricVersion = .v1_4
  ) throws(LedgerError) {
    if chaincodeVersion.isEmpty && version == .v1_4 {
      throw LedgerError(joining: "version not provided for chaincode with name '", name, "'")
    }
    let others = Array("_.+-".utf8)
    let isValid = chaincodeVersion.bytes.allSatisfy { isAlphanumeric($0) || others.contains($0) }
    guard isValid && !chaincodeVersion.isEmpty else {
      let rule = version == .v1_4 ? "Versions can only" : "Versions must not be empty and can only"
      throw LedgerError(
        joining: "invalid chaincode version '", chaincodeVersion, "'. ", rule,
        " consist of alphanumerics, '_',  '-', '+', and '.'")
    }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    case _: false
    }
  }
}
