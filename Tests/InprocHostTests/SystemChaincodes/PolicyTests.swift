import InprocHost
import MessageFSM
import SystemChaincodes
import Testing

@Suite("Policies")
struct PolicyTests {
  private static let roles = ["Org1": SysccGenesis.member("Org1"), "Org2": SysccGenesis.member("Org2")]

  private static func role(_ organization: WireString, _ role: Int32 = 0) -> MSPPrincipal {
    MSPPrincipal(principal: MSPRole(mspIdentifier: organization, role: role).wireBytes())
  }

  /// OrganizationUnit, which the package keeps to itself, by hand.
  private static func unit(_ organization: WireString, _ name: WireString) -> MSPPrincipal {
    let bytes =
      [0x0a, UInt8(organization.count)] + organization.bytes + [0x12, UInt8(name.count)] + name.bytes
    return MSPPrincipal(classification: 1, principal: bytes)
  }

  private static func combined(_ principals: [MSPPrincipal]) -> MSPPrincipal {
    let bytes = principals.flatMap { principal in
      let inner = principal.wireBytes()
      return [0x0a, UInt8(inner.count)] + inner
    }
    return MSPPrincipal(classification: 4, principal: bytes)
  }

  private static func some(_ n: Int32, _ rules: [SignaturePolicy]) -> SignaturePolicy {
    SignaturePolicy(nOutOf: NOutOf(n: n, rules: rules))
  }

  private static func evaluate(
    _ rule: SignaturePolicy?, _ principals: [MSPPrincipal], _ signers: [SysccIdentity], version: Int32 = 0,
    forged: Bool = false
  ) async -> String {
    let policies = ConfiguredPolicies(
      verifier: SysccVerifier(), ledgers: InMemoryLedgerProvider(), version: .v1_4)
    let data: [UInt8] = [1, 2, 3]
    let signatures = signers.map {
      SignedIdentity(identity: $0.serialized, data: data, signature: forged ? [] : $0.sign(data))
    }
    do {
      try await policies.evaluate(
        SignaturePolicyEnvelope(version: version, rule: rule, identities: principals), signatures,
        channel: "trade")
      return "OK"
    } catch {
      return "\(error)"
    }
  }

  private static let no = "signature set did not satisfy policy"

  @Test func principals() async {
    let one = SignaturePolicy(signedBy: 0)
    let cases: [(MSPPrincipal, SysccIdentity, Bool)] = [
      (Self.role("Org1"), .alice, true), (Self.role("Org1"), .bob, false),
      (Self.role("Org1", 1), .alice, false),
      (Self.role("Org1", 1), .admin, true), (Self.role("Org2", 3), .bob, true),
      (Self.role("Org2", 2), .bob, false),
      (Self.role("Org2", 4), .bob, false), (Self.role("Org1", 9), .alice, false),
      (Self.role("Org9"), .stranger, false),
      (Self.role("Org1"), SysccIdentity("Org1", "expired:carl"), false),
      (Self.unit("Org2", "sales"), .bob, true), (Self.unit("Org2", "other"), .bob, false),
      (Self.unit("Org1", "sales"), .bob, false),
      (MSPPrincipal(classification: 2, principal: SysccIdentity.alice.serialized), .alice, true),
      (MSPPrincipal(classification: 2, principal: SysccIdentity.alice.serialized), .admin, false),
      (MSPPrincipal(classification: 3), .alice, true),
      (MSPPrincipal(classification: 3, principal: [8, 1]), .alice, false),
      (Self.combined([Self.role("Org2"), Self.unit("Org2", "sales")]), .bob, true),
      (Self.combined([Self.role("Org2"), Self.role("Org2", 1)]), .bob, false),
      (Self.combined([]), .bob, false), (MSPPrincipal(classification: 7), .alice, false),
      (MSPPrincipal(classification: 0, principal: [0xff]), .alice, false),
    ]
    for (principal, signer, holds) in cases {
      let result = await Self.evaluate(one, [principal], [signer])
      #expect(result == (holds ? "OK" : Self.no), "\(principal) \(signer)")
    }
  }

  @Test func someOutOfMany() async {
    let by = (0..<3).map { SignaturePolicy(signedBy: $0) }
    let principals = [Self.role("Org1"), Self.role("Org2"), Self.role("Org1", 1)]
    let both = Self.some(2, [by[0], by[1]])
    #expect(await Self.evaluate(both, principals, [.alice, .bob]) == "OK")
    #expect(await Self.evaluate(both, principals, [.alice]) == Self.no)
    #expect(await Self.evaluate(both, principals, [.alice], forged: true) == Self.no)
    // The same identity twice is one signature, and one signature counts for one principal.
    #expect(await Self.evaluate(both, principals, [.alice, .alice]) == Self.no)
    #expect(await Self.evaluate(Self.some(2, [by[0], by[0]]), principals, [.alice]) == Self.no)
    #expect(await Self.evaluate(Self.some(2, [by[0], by[0]]), principals, [.alice, .admin]) == "OK")
    #expect(await Self.evaluate(Self.some(1, [both, by[2]]), principals, [.admin]) == "OK")
    #expect(await Self.evaluate(Self.some(0, []), principals, []) == "OK")
    #expect(await Self.evaluate(Self.some(1, []), principals, [.alice]) == Self.no)
    #expect(await Self.evaluate(Self.some(-1, []), principals, []) == "OK")
    // A failed branch gives back the signatures that it took.
    let branch = Self.some(2, [by[0], by[2]])
    #expect(await Self.evaluate(Self.some(1, [branch, both]), principals, [.alice, .bob]) == "OK")
  }

  @Test func policiesThatAreNone() async {
    let by = SignaturePolicy(signedBy: 1)
    #expect(await Self.evaluate(nil, [], []) == "Empty policy element")
    #expect(
      await Self.evaluate(by, [Self.role("Org1")], [])
        == "identity index out of range, requested 1, but identities length is 1")
    #expect(
      await Self.evaluate(SignaturePolicy(signedBy: -1), [Self.role("Org1")], [])
        == "identity index out of range, requested -1, but identities length is 1")
    #expect(
      await Self.evaluate(by, [], [], version: 2)
        == "This evaluator only understands messages of version 0, but version was 2")
    #expect(await Self.evaluate(SignaturePolicy(), [], []).hasPrefix("Unknown type"))
    var deep = by
    for _ in 0..<100 { deep = Self.some(1, [deep]) }
    #expect(await Self.evaluate(deep, [Self.role("Org1")], []) == "Empty policy element")
  }

  @Test func channelPoliciesAreThoseOfTheConfiguration() async throws {
    try await SysccPeer.run { (peer: SysccPeer) async throws in
      let policies = ConfiguredPolicies(verifier: SysccVerifier(), ledgers: peer.ledgers, version: .v1_4)
      func holds(_ name: WireString, _ signers: [SysccIdentity], channel: WireString = "trade") async
        -> String
      {
        let signatures = signers.map {
          SignedIdentity(identity: $0.serialized, data: [1], signature: $0.sign([1]))
        }
        do {
          try await policies.evaluate(named: name, signatures, channel: channel)
          return "OK"
        } catch {
          return "\(error)"
        }
      }
      #expect(await holds("/Channel/Application/Readers", [.alice]) == "OK")
      #expect(await holds("/Channel/Application/Readers", [.stranger]).hasPrefix("implicit policy"))
      // Most of two are two.
      #expect(await holds("/Channel/Application/Admins", [.admin]).contains("1 sub-policies were satisfied"))
      let other = SysccIdentity("Org2", "admin:olga")
      #expect(await holds("/Channel/Application/Admins", [.admin, other]) == "OK")
      #expect(await holds("/Channel/Application/Org1/Admins", [.admin]) == "OK")
      #expect(await holds("/Channel/Application/Nobody", [.admin]) == "no such policy: 'Nobody'")
      #expect(await holds("/Channel/Orderer/Admins", [.admin]) == "no such policy: '/Channel/Orderer/Admins'")
      #expect(await holds("", [.admin]) == "no such policy: ''")
      #expect(
        await holds("/Channel/Application/Readers", [.alice], channel: "no") == "there is no channel no")
      #expect(await holds("Admins", [.admin], channel: "") == "OK")
      #expect(await holds("Admins", [.alice], channel: "") == "This identity is not an admin")
      #expect(await holds("Members", [.alice], channel: "") == "OK")
      #expect(await holds("Members", [.bob], channel: "") == "MSP Org2 is unknown")
      #expect(await holds("Others", [.alice], channel: "") == "MSP Principal [Others] not supported.")
    }
  }

  @Test(arguments: FabricVersion.allCases) func everyResourceHasARule(_ version: FabricVersion) async throws {
    let table = AccessTable(version)
    for function in QueryChaincode.Function.allCases {
      #expect(table.rules["qscc/\(function.rawValue)"] == .channel(AccessTable.readers))
    }
    for function in ConfigurationChaincode.Function.allCases where function.exists(in: version) {
      #expect(table.rules["cscc/\(function.rawValue)"] != nil, "\(function)")
    }
    let access = PolicyAccess(policies: RefusingPolicyEvaluator(), version: version)
    for resource in table.rules.keys.sorted() + ["lscc/Deploy", "no/such"] {
      await #expect(throws: LedgerError.self) {
        try await access.checkACL(resource: resource, channel: "trade", proposal: sysccProposal("x"))
      }
      await #expect(throws: LedgerError.self) {
        try await access.checkACL(resource: resource, channel: "", proposal: nil)
      }
    }
  }
}
