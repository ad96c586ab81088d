import MessageFSM
import Testing

@testable import InprocHost

@Suite("Registering system chaincodes")
struct RegistrationTests {
  private static let chaincode = ClosureChaincode { _ in .success() }

  /// Registers both and gives what the second comes to.
  private static func second(
    _ first: SystemChaincodeDescriptor, _ second: SystemChaincodeDescriptor
  ) throws -> (ChaincodeHost, HostError?) {
    let host = ChaincodeHost(
      HostConfiguration(version: .v1_4, ledgers: TestLedger(), clock: ManualClock()))
    try host.register(chaincode, as: first)
    do throws(HostError) {
      try host.register(chaincode, as: second)
    } catch {
      return (host, error)
    }
    return (host, nil)
  }

  @Test("another version of a system chaincode is another chaincode: both are deployed")
  func anotherVersion() async throws {
    try await withHost { host, _ in
      for version in ["1", "2"] as [WireString] {
        try host.register(
          ClosureChaincode { _ in .success(version.bytes) },
          as: SystemChaincodeDescriptor(name: "a", version: version))
      }
      #expect(host.systemChaincode("a")?.version == "1")
      try await host.deploy()
      for version in ["1", "2"] as [WireString] {
        let result = try await host.execute(
          "a", version: version, input: ChaincodeInput(), params: TransactionParams(channelID: "", txid: "t"))
        #expect(result.response.payload == version.bytes)
      }
    }
  }

  @Test(
    "a name that is kept for a disabled system chaincode is refused to others, and to other versions",
    arguments: [nil, "2"] as [WireString?])
  func reserved(version: WireString?) throws {
    let (host, error) = try Self.second(
      SystemChaincodeDescriptor(name: "_lifecycle", enabled: false),
      SystemChaincodeDescriptor(name: "_lifecycle", version: version))
    #expect(error?.code == .alreadyRegistered)
    #expect(
      error?.message
        == """
        _lifecycle-\(version ?? "latest") already registered: \
        system chaincode _lifecycle is disabled and keeps its name
        """)
    #expect(host.systemChaincode("_lifecycle")?.enabled == false)
  }

  @Test("a chaincode that is registered cannot be registered again to disable it")
  func disabledAgain() throws {
    let (host, error) = try Self.second(
      SystemChaincodeDescriptor(name: "a"), SystemChaincodeDescriptor(name: "a", enabled: false))
    #expect(error?.code == .alreadyRegistered)
    #expect(host.systemChaincode("a")?.enabled == true)
  }

  @Test("a refused registration leaves nothing behind")
  func nothingLeft() async throws {
    try await withHost { host, _ in
      try host.register(Self.chaincode, as: SystemChaincodeDescriptor(name: "a"))
      #expect(throws: HostError.self) {
        try host.register(Self.chaincode, as: SystemChaincodeDescriptor(name: "a"))
      }
      #expect(throws: HostError.self) {
        try host.register(Self.chaincode, as: SystemChaincodeDescriptor(name: "b:c", enabled: false))
      }
      #expect(host.systemChaincode("b:c") == nil)
      try await host.deploy()
      #expect(host.status(of: "a").state == .ready)
    }
  }
}
