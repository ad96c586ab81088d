/// Which Fabric the host speaks like; it decides messages, ids and texts where versions differ.
public enum FabricVersion: String, Sendable, Hashable, CaseIterable {
  /// Fabric 1.4: INIT at deployment, chaincode ids `name:version`, READY without a payload.
  case v1_4 = "1.4"
  /// Fabric 3.1: READY offers write batches and multi-key reads, ids `name.syscc`, no INIT at deployment.
  case v3_1 = "3.1"
}
