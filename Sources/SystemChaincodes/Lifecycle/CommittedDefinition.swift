internal import InprocHost
internal import MessageFSM

/// What is in force on a channel (Fabric `lifecycle.ChaincodeDefinition`).
struct CommittedDefinition: LifecycleRecord {
  static let datatype: WireString = "ChaincodeDefinition"
  static let fieldNames: [WireString] = ["Sequence"] + ChaincodeParameters.fieldNames

  let sequence: Int64
  let parameters: ChaincodeParameters

  init(sequence: Int64, _ parameters: ChaincodeParameters) {
    self.sequence = sequence
    self.parameters = parameters
  }

  init(_ fields: [StateField]) throws(WireError) {
    sequence = fields.first?.int64 ?? 0
    parameters = try ChaincodeParameters(Array(fields.dropFirst()))
  }

  var fields: [StateField] {
    var first = StateField()
    first.int64 = sequence
    return [first] + parameters.fields
  }

  /// The definition as a client would send it.
  func message(_ name: WireString) -> ChaincodeDefinitionMessage {
    var message = ChaincodeDefinitionMessage()
    message.name = name
    message.sequence = sequence
    message.version = parameters.endorsement.version
    message.endorsementPlugin = parameters.endorsement.endorsementPlugin
    message.initRequired = parameters.endorsement.initRequired
    message.validationPlugin = parameters.validation.validationPlugin
    message.validationParameter = parameters.validation.validationParameter
    message.collections = parameters.collections
    return message
  }
}
