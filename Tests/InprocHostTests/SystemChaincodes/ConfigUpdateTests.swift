import InprocHost
import MessageFSM
import SystemChaincodes
import Testing

@Suite("Configuration updates")
struct ConfigUpdateTests {
  /// An update of `/Channel/Application`, in parts that can be spoilt.
  private struct Draft {
    var channel: WireString = "trade"
    var type = ChannelHeader.HeaderType.configUpdate.rawValue
    var readSet: ConfigGroup?
    var writeSet: ConfigGroup?
    var signers: [SysccIdentity] = [.admin, SysccIdentity("Org2", "admin:olga")]

    /// The root with this application group in it.
    static func root(_ application: ConfigGroup?) -> ConfigGroup {
      var root = ConfigGroup()
      root.groups = application.map { [SysccGenesis.entry("Application", $0)] } ?? []
      root.modPolicy = "Admins"
      return root
    }

    static func application(version: UInt64 = 0, values: [(WireString, ConfigValue)] = []) -> ConfigGroup {
      var group = SysccGenesis.application(["Org1", "Org2"])
      group.version = version
      group.values = values.map { SysccGenesis.entry($0.0, $0.1) }
      return group
    }

    static func value(version: UInt64 = 0, modPolicy: WireString = "Admins") -> ConfigValue {
      var value = ConfigValue()
      value.version = version
      value.value = [1]
      value.modPolicy = modPolicy
      return value
    }

    /// Adds a value to the application group, which therefore gets its next version.
    static var good: Draft {
      var draft = Draft()
      draft.readSet = root(application())
      draft.writeSet = root(application(version: 1, values: [("Capabilities", value())]))
      return draft
    }

    var envelope: [UInt8] {
      var update = ConfigUpdate()
      update.channelID = channel
      update.readSet = readSet
      update.writeSet = writeSet
      var signed = ConfigUpdateEnvelope()
      signed.configUpdate = update.wireBytes()
      signed.signatures = signers.map { signer in
        var signature = ConfigSignature()
        signature.signatureHeader = SignatureHeader(creator: signer.serialized, nonce: [1]).wireBytes()
        signature.signature = signer.sign(signature.signatureHeader + signed.configUpdate)
        return signature
      }
      let header = ChannelHeader(type: type, channelID: channel, txid: .empty)
      return Envelope(
        payload: EnvelopePayload(
          header: Header(channelHeader: header.wireBytes(), signatureHeader: []), data: signed.wireBytes()
        ).wireBytes()
      ).wireBytes()
    }
  }

  private static let cases: [(name: String, change: @Sendable (inout Draft) -> Void, text: String)] = [
    ("accepted", { _ in }, "Simulation is successful"),
    ("another type", { $0.type = 3 }, "invalid payload header type: 3"),
    (
      "another channel", { $0.channel = "other" },
      "error authorizing update: ConfigUpdate for channel 'other' but envelope for channel 'trade'"
    ),
    (
      "nothing written", { $0.writeSet = nil },
      "error authorizing update: error validating DeltaSet: delta set was empty -- update would have no effect"
    ),
    (
      "nothing changed", { $0.writeSet = $0.readSet },
      "error authorizing update: error validating DeltaSet: delta set was empty -- update would have no effect"
    ),
    (
      "an old read set", { $0.readSet = Draft.root(Draft.application(version: 4)) },
      "error authorizing update: error validating ReadSet: readset expected key [Group]  /Channel/Application "
        + "at version 4, but got version 0"
    ),
    (
      "an unknown element read",
      { $0.readSet = Draft.root(Draft.application(values: [("No", Draft.value())])) },
      "error authorizing update: error validating ReadSet: existing config does not contain element for "
        + "[Value]  /Channel/Application/No but was in the read set"
    ),
    (
      "a version left out", { $0.writeSet = Draft.root(Draft.application(version: 2)) },
      "error authorizing update: error validating DeltaSet: attempt to set key [Group]  /Channel/Application "
        + "to version 2, but key is at version 0"
    ),
    (
      "a new element that is not new",
      { $0.writeSet = Draft.root(Draft.application(version: 1, values: [("A", Draft.value(version: 3))])) },
      "error authorizing update: error validating DeltaSet: attempted to set key [Value]  /Channel/Application/A "
        + "to version 3, but key does not exist"
    ),
    (
      "no policy",
      {
        $0.writeSet = Draft.root(Draft.application(version: 1, values: [("A", Draft.value(modPolicy: ""))]))
      },
      "error authorizing update: error validating DeltaSet: invalid mod_policy for element "
        + "[Value]  /Channel/Application/A: mod_policy not set"
    ),
    (
      "an illegal policy",
      {
        $0.writeSet = Draft.root(
          Draft.application(version: 1, values: [("A", Draft.value(modPolicy: "/a//b"))]))
      },
      "error authorizing update: error validating DeltaSet: invalid mod_policy for element "
        + "[Value]  /Channel/Application/A: path element at 1 is invalid: config ID illegal, cannot be empty"
    ),
    (
      "an illegal name",
      { $0.writeSet = Draft.root(Draft.application(version: 1, values: [("a b", Draft.value())])) },
      "error authorizing update: error mapping WriteSet: illegal characters in key: /Channel/Application/a b: "
        + "config ID 'a b' contains illegal characters"
    ),
    (
      "one signature of two", { $0.signers = [.admin] },
      "error authorizing update: error validating DeltaSet: policy for [Group]  /Channel/Application "
        + "not satisfied: implicit policy evaluation failed - 1 sub-policies were satisfied, but this policy "
        + "requires 2 of the 'Admins' sub-policies to be satisfied"
    ),
    (
      "no signature", { $0.signers = [] },
      "error authorizing update: error validating DeltaSet: policy for [Group]  /Channel/Application "
        + "not satisfied: implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy "
        + "requires 2 of the 'Admins' sub-policies to be satisfied"
    ),
  ]

  @Test(arguments: cases.indices) func simulates(_ index: Int) async throws {
    let update = Self.cases[index]
    var draft = Draft.good
    update.change(&draft)
    let response = try await SysccPeer.run { (peer: SysccPeer) async throws in
      try await peer.ask("cscc", ["SimulateConfigTreeUpdate", "trade", draft.envelope], as: .alice)
    }
    let text =
      response.status == Response.ok
      ? String(decoding: response.payload, as: UTF8.self) : response.message.string
    #expect(text == update.text, "\(update.name)")
  }

  @Test func anUnknownChannelHasNoConfiguration() async throws {
    let text = try await SysccBench.run { (bench: SysccBench) async throws in
      try await bench.call(
        "cscc", [Array("SimulateConfigTreeUpdate".utf8), Array("nochan".utf8), Draft.good.envelope]
      ).message.string
    }
    #expect(text == "Unknown chain ID, nochan")
  }
}
