internal import InprocHost
internal import MessageFSM

/// What organizations agree on (Fabric `lifecycle.ChaincodeParameters`).
struct ChaincodeParameters: LifecycleRecord {
  static let datatype: WireString = "ChaincodeParameters"
  static let fieldNames: [WireString] = ["EndorsementInfo", "ValidationInfo", "Collections"]

  var endorsement = EndorsementInfo()
  var validation = ValidationInfo()
  var collections = CollectionConfigPackage()

  init(_ message: ChaincodeDefinitionMessage) {
    endorsement.version = message.version
    endorsement.initRequired = message.initRequired
    endorsement.endorsementPlugin = message.endorsementPlugin
    validation.validationPlugin = message.validationPlugin
    validation.validationParameter = message.validationParameter
    collections = message.collections ?? CollectionConfigPackage()
  }

  init(_ fields: [StateField]) throws(WireError) {
    let fields = fields.map { $0.bytes ?? [] }
    guard fields.count == 3 else { return }
    endorsement = try EndorsementInfo(wireBytes: fields[0])
    validation = try ValidationInfo(wireBytes: fields[1])
    collections = try CollectionConfigPackage(wireBytes: fields[2])
  }

  var fields: [StateField] {
    [endorsement.wireBytes(), validation.wireBytes(), collections.wireBytes()].map { bytes in
      var field = StateField()
      field.bytes = bytes
      return field
    }
  }

  /// Returns if the other says the same.
  ///
  /// - Throws: Fabric's text with the first difference.
  func check(equals other: ChaincodeParameters) throws(LedgerError) {
    func check(_ field: WireString, _ own: WireString, _ other: WireString) throws(LedgerError) {
      guard own == other else {
        throw LedgerError(
          joining: "expected ", field, " '", own, "' does not match passed ", field, " '", other, "'")
      }
    }
    try check("Version", endorsement.version, other.endorsement.version)
    try check("EndorsementPlugin", endorsement.endorsementPlugin, other.endorsement.endorsementPlugin)
    try check("InitRequired", "\(endorsement.initRequired)", "\(other.endorsement.initRequired)")
    try check("ValidationPlugin", validation.validationPlugin, other.validation.validationPlugin)
    try check(
      "ValidationParameter", WireString(validation.validationParameter.hex),
      WireString(other.validation.validationParameter.hex))
    guard collections == other.collections else { throw LedgerError("Collections do not match") }
  }
}
