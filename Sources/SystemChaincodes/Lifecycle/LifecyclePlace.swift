internal import InprocHost
internal import MessageFSM

/// Where a record is: a namespace of `_lifecycle`'s own, and a name in it.
struct LifecyclePlace: Sendable {
  /// Definitions.
  static let definitions: WireString = "namespaces"
  /// Where the code of approved definitions is.
  static let sources: WireString = "chaincode-sources"

  let namespace: WireString
  let name: WireString

  var metadataKey: WireString { WireString(joining: namespace, "/metadata/", name) }

  func fieldKey(_ field: WireString) -> WireString {
    WireString(joining: namespace, "/fields/", name, "/", field)
  }

  /// What is stored there says of itself; `nil` if nothing is stored.
  ///
  /// - Throws: Fabric's text if it cannot be read.
  func metadata(in state: LifecycleState) async throws -> LifecycleMetadata? {
    guard let bytes = try await state.get(metadataKey) else { return nil }
    return try LifecycleMetadata.read(bytes, .v3_1) {
      WireString(
        joining: "could not unmarshal metadata for namespace ", namespace, "/", name, ": ", $0)
    }
  }

  /// One field; an empty one if it is not stored.
  ///
  /// - Throws: Fabric's text if it cannot be read.
  func field(_ name: WireString, in state: LifecycleState) async throws -> StateField {
    let key = fieldKey(name)
    return try StateField.read(await state.get(key) ?? [], .v3_1) {
      WireString(joining: "could not unmarshal state for key ", key, ": ", $0)
    }
  }

  /// The record that is stored there with this metadata.
  ///
  /// - Throws: Fabric's text if it is none of this type.
  func read<Record: LifecycleRecord>(_ metadata: LifecycleMetadata, in state: LifecycleState) async throws
    -> Record
  {
    guard metadata.datatype == Record.datatype else {
      throw LedgerError(joining: "type name mismatch '", Record.datatype, "' != '", metadata.datatype, "'")
    }
    var fields: [StateField] = []
    for name in Record.fieldNames { fields.append(try await field(name, in: state)) }
    do throws(WireError) {
      return try Record(fields)
    } catch {
      throw LedgerError(
        joining: "could not unmarshal a field of ", namespace, "/", name, ": ", error.text(.v3_1))
    }
  }

  /// Writes what differs from what is stored.
  ///
  /// - Throws: what hinders it.
  func write<Record: LifecycleRecord>(_ record: Record, to state: LifecycleState) async throws {
    let metadata = try await metadata(in: state)
    var stored: [(key: WireString, value: [UInt8]?)] = []
    for name in metadata?.fieldNames ?? [] {
      let key = fieldKey(name)
      stored.append((key, try await state.get(key)))
    }
    for (name, field) in zip(Record.fieldNames, record.fields) {
      let key = fieldKey(name)
      let value = field.wireBytes()
      let known = stored.first { $0.key == key }
      if known?.value != value { try await state.put(key, value) }
      stored.removeAll { $0.key == key }
    }
    let written = LifecycleMetadata(datatype: Record.datatype, fieldNames: Record.fieldNames)
    if !stored.isEmpty || metadata?.datatype != written.datatype
      || metadata?.fieldNames.count != written.fieldNames.count
    {
      try await state.put(metadataKey, written.wireBytes())
    }
    for (key, _) in stored { try await state.delete(key) }
  }

  /// Whether exactly this record is stored, as far as hashes tell.
  ///
  /// - Throws: what hinders it.
  func holds<Record: LifecycleRecord>(_ record: Record, in state: LifecycleState) async throws -> Bool {
    let metadata = LifecycleMetadata(datatype: Record.datatype, fieldNames: Record.fieldNames).wireBytes()
    var expected = [(metadataKey, metadata)]
    for (name, field) in zip(Record.fieldNames, record.fields) {
      expected.append((fieldKey(name), field.wireBytes()))
    }
    // All are read, whatever the first of them says, so that the read set is the same everywhere.
    var holds = true
    for (key, value) in expected where try await state.getHash(key) != SHA256.hash(value) { holds = false }
    return holds
  }
}
