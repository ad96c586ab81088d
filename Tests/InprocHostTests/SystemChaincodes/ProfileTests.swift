import InprocHost
import MessageFSM
import SystemChaincodes
import Testing

@Suite("System chaincode profiles")
struct ProfileTests {
  /// Deployed, callable by proposal, callable from chaincode.
  private static let expected: [String: [String: String]] = [
    "1.0": ["cscc": "dp-", "lscc": "dpc", "escc": "d--", "vscc": "d--", "qscc": "dpc"],
    "1.4": ["lscc": "dpc", "cscc": "dp-", "qscc": "dpc", "_lifecycle": "---"],
    "2.5": ["lscc": "dpc", "cscc": "dpc", "qscc": "dpc", "_lifecycle": "dpc"],
    "3.1": ["cscc": "dpc", "qscc": "dpc", "_lifecycle": "dpc", "lscc": "---"],
  ]

  @Test func flags() {
    for profile in SystemChaincodeProfile.all {
      let flags = Dictionary(
        uniqueKeysWithValues: profile.descriptors.map { descriptor in
          (
            descriptor.name.string,
            (descriptor.enabled ? "d" : "-") + (descriptor.invokableExternal ? "p" : "-")
              + (descriptor.invokableCC2CC ? "c" : "-")
          )
        })
      #expect(flags == Self.expected[profile.release], "\(profile.release)")
    }
  }

  @Test(arguments: [
    ("enable", true), ("true", true), ("yes", true), ("t", true), ("1", true), ("enabled", true),
    ("disable", false), ("Enable", false), ("on", false), ("", false), ("TRUE", false),
  ])
  func theAllowListIsReadWordForWord(_ value: String, _ allowed: Bool) {
    #expect(SystemChaincodeAllowList(["wa": value]).allows("wa") == allowed)
    #expect(!SystemChaincodeAllowList(["wa": value]).allows("wb"))
  }

  @Test func whatIsNotAllowedKeepsItsName() async throws {
    let ledgers = InMemoryLedgerProvider()
    let host = ChaincodeHost(
      HostConfiguration(version: .v1_4, ledgers: ledgers, clock: ContinuousClock()))
    let services = SystemChaincodeServices(
      channels: InMemoryChannels(ledgers, options: .init(fabricVersion: .v1_4)))
    try host.registerSystemChaincodes(
      .v1_4, services, allowList: SystemChaincodeAllowList(["qscc": "true", "clock": "yes"]),
      beside: [
        CustomSystemChaincode(SysccCounter(version: "1"), as: SystemChaincodeDescriptor(name: "clock")),
        CustomSystemChaincode(SysccCounter(version: "1"), as: SystemChaincodeDescriptor(name: "idle")),
      ])
    for name: WireString in ["qscc", "lscc", "cscc", "clock", "idle", "_lifecycle", "escc"] {
      #expect(host.isSystemChaincode(name), "\(name)")
    }
    let enabled = ["qscc", "lscc", "cscc", "clock", "idle"].filter {
      host.systemChaincode(WireString($0))?.enabled ?? false
    }
    #expect(enabled == ["qscc", "clock"])
  }

  @Test func aHostSpeaksTheProtocolOfItsRelease() {
    let ledgers = InMemoryLedgerProvider()
    let host = ChaincodeHost(
      HostConfiguration(version: .v3_1, ledgers: ledgers, clock: ContinuousClock()))
    let services = SystemChaincodeServices(
      channels: InMemoryChannels(ledgers, options: .init(fabricVersion: .v1_4)))
    #expect(throws: HostError.self) { try host.registerSystemChaincodes(.v1_4, services) }
  }

  @Test(arguments: SystemChaincodeProfile.all) func deploysAndStops(_ profile: SystemChaincodeProfile)
    async throws
  {
    try await SysccBench.run(profile) { (bench: SysccBench) async throws in
      try await bench.join(SysccGenesis())
      for descriptor in profile.descriptors {
        let state = bench.host.status(of: descriptor.name).state
        #expect(state == (descriptor.enabled ? .ready : .stopped), "\(descriptor.name)")
      }
    }
  }
}
