internal import InprocHost
internal import MessageFSM

/// Whether an update of a channel's configuration would be accepted (Fabric `configtx.ValidatorImpl.ProposeConfigUpdate`).
struct ConfigUpdateCheck {
  let channel: WireString
  let current: ChannelConfig
  let policies: any PolicyEvaluator
  let version: FabricVersion

  /// Returns if the envelope holds an update that would be accepted.
  ///
  /// - Throws: Fabric's text if it does not.
  func check(_ envelope: Envelope) async throws {
    let update: ConfigUpdateEnvelope
    do throws(LedgerError) {
      let payload = try EnvelopePayload.read(envelope.payload, version, Self.text("Payload"))
      update = try ConfigUpdateEnvelope.read(
        payload.data, version, Self.text("message for type CONFIG_UPDATE"))
    } catch {
      throw LedgerError(joining: "error converting envelope to config update: ", error.message)
    }
    do {
      try await authorize(update)
    } catch {
      throw LedgerError(joining: "error authorizing update: ", error.text)
    }
  }

  private func authorize(_ envelope: ConfigUpdateEnvelope) async throws {
    let update = try ConfigUpdate.read(envelope.configUpdate, version, Self.text("ConfigUpdate"))
    guard update.channelID == channel else {
      throw LedgerError(
        joining: "ConfigUpdate for channel '", update.channelID, "' but envelope for channel '", channel, "'")
    }
    let existing = try ConfigElements(current.channelGroup)
    let readSet = try step("error mapping ReadSet") { try ConfigElements(update.readSet) }
    try step("error validating ReadSet") { try check(readSet, against: existing) }
    let writeSet = try step("error mapping WriteSet") { try ConfigElements(update.writeSet) }
    // What has the version that was read is there to hold what is below it, and does not change.
    let changes = writeSet.byKey.filter { readSet.byKey[$0.key]?.version != $0.value.version }
    let signatures = try signatures(of: envelope)
    do {
      if changes.isEmpty { throw LedgerError("delta set was empty -- update would have no effect") }
      for (key, element) in changes {
        try await check(element, key, existing.byKey[key], signatures)
      }
    } catch {
      throw LedgerError(joining: "error validating DeltaSet: ", error.text)
    }
  }

  private func step<Result>(_ what: WireString, _ body: () throws -> Result) throws(LedgerError) -> Result {
    do {
      return try body()
    } catch {
      throw LedgerError(joining: what, ": ", error.text)
    }
  }

  private func check(_ readSet: ConfigElements, against existing: ConfigElements) throws(LedgerError) {
    for (key, element) in readSet.byKey {
      guard let there = existing.byKey[key] else {
        throw LedgerError(
          joining: "existing config does not contain element for ", key, " but was in the read set")
      }
      guard there.version == element.version else {
        throw LedgerError(
          joining: "readset expected key ", key,
          " at version \(element.version), but got version \(there.version)")
      }
    }
  }

  private func check(
    _ element: ConfigElements.Element, _ key: WireString, _ there: ConfigElements.Element?,
    _ signatures: [SignedIdentity]
  ) async throws {
    try step(WireString(joining: "invalid mod_policy for element ", key)) {
      try ConfigElements.checkModPolicy(element.modPolicy)
    }
    guard let there else {
      guard element.version == 0 else {
        throw LedgerError(
          joining: "attempted to set key ", key, " to version \(element.version), but key does not exist")
      }
      return
    }
    guard element.version == there.version &+ 1, element.version != 0 else {
      throw LedgerError(
        joining: "attempt to set key ", key,
        " to version \(element.version), but key is at version \(there.version)")
    }
    guard let policy = there.policyPath else {
      throw LedgerError(joining: "unexpected missing policy ", there.modPolicy, " for item ", key)
    }
    do {
      try await policies.evaluate(named: policy, signatures, channel: channel)
    } catch {
      throw LedgerError(joining: "policy for ", key, " not satisfied: ", error.text)
    }
  }

  private func signatures(of envelope: ConfigUpdateEnvelope) throws(LedgerError) -> [SignedIdentity] {
    var signatures: [SignedIdentity] = []
    for signature in envelope.signatures {
      let header = try SignatureHeader.read(signature.signatureHeader, version, Self.text("SignatureHeader"))
      signatures.append(
        SignedIdentity(
          identity: header.creator, data: signature.signatureHeader + envelope.configUpdate,
          signature: signature.signature))
    }
    return signatures
  }

  /// Written so by all releases with this check.
  private static func text(_ what: WireString) -> (WireString) -> WireString {
    { WireString(joining: "error unmarshaling ", what, ": ", $0) }
  }
}
