internal import InprocHost
internal import MessageFSM

/// Where an organization's peers find the code (Fabric `lifecycle.ChaincodeLocalPackage`).
struct LocalPackageRecord: LifecycleRecord {
  static let datatype: WireString = "ChaincodeLocalPackage"
  static let fieldNames: [WireString] = ["PackageID"]

  /// Empty if they have none.
  let packageID: WireString

  init(packageID: WireString) {
    self.packageID = packageID
  }

  init(_ fields: [StateField]) throws(WireError) {
    packageID = WireString(bytes: fields.first?.string ?? [])
  }

  var fields: [StateField] {
    var field = StateField()
    field.string = packageID.bytes
    return [field]
  }
}
