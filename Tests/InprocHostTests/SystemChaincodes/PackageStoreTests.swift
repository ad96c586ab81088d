import Foundation
import InprocHost
import MessageFSM
import SystemChaincodes
import Testing

@Suite("Package stores")
struct PackageStoreTests {
  private static let id = ChaincodeVersion(name: "assets", version: "1.0")

  /// Runs `body` with an empty folder that is gone afterwards.
  private static func folder(_ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("packages-\(UUID().uuidString)", isDirectory: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
  }

  private static func check(_ store: any PackageStore) async throws {
    let package = ChaincodePackage(id, code: [1, 2])
    let missing = await #expect(throws: LedgerError.self) { try await store.package(id) }
    #expect(missing?.message == "open chaincodes/assets.1.0: no such file or directory")
    #expect(try await store.packages().isEmpty)
    try await store.install(package)
    #expect(try await store.package(id) == package)
    let again = await #expect(throws: LedgerError.self) { try await store.install(package) }
    #expect(again?.message == "chaincode chaincodes/assets.1.0 exists")
    for other in ["b", "a-b", "a"] {
      try await store.install(ChaincodePackage(ChaincodeVersion(name: WireString(other), version: "2.0.1")))
    }
    #expect(try await store.packages().map(\.id.name) == ["a-b", "a", "assets", "b"])
  }

  @Test func memory() async throws {
    try await Self.check(MemoryPackageStore())
  }

  @Test func directory() async throws {
    try await Self.folder { folder in
      try await Self.check(try DirectoryPackageStore(folder: folder))
      // Another process finds the same.
      let reopened = try DirectoryPackageStore(folder: folder)
      #expect(try await reopened.package(Self.id).spec.codePackage == [1, 2])
    }
  }

  @Test func aFileThatWasChangedIsNotWhatWasInstalled() async throws {
    try await Self.folder { folder in
      let store = try DirectoryPackageStore(folder: folder)
      try await store.install(ChaincodePackage(Self.id, code: [1]))
      let file = folder.appendingPathComponent("assets.1.0")
      try Data(ChaincodePackage(Self.id, code: [2]).wireBytes).write(to: file)
      let error = await #expect(throws: LedgerError.self) { try await store.package(Self.id) }
      #expect(
        error?.message == "chaincode fingerprint mismatch: chaincodes/assets.1.0 is not what was installed")
      try Data([0xff]).write(to: folder.appendingPathComponent("garbage.1"))
      try Data([0xff]).write(to: folder.appendingPathComponent("nothing"))
      #expect(try await store.packages().isEmpty)
    }
  }

  @Test(arguments: ["../evil", "a/b", "", ".hidden", "a.b"])
  func namesDoNotLeadOutOfTheFolder(_ name: String) async throws {
    try await Self.folder { folder in
      let store = try DirectoryPackageStore(folder: folder)
      let id = ChaincodeVersion(name: WireString(name), version: "1")
      await #expect(throws: LedgerError.self) { try await store.install(ChaincodePackage(id)) }
      await #expect(throws: LedgerError.self) { try await store.package(id) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  @Test func signedPackagesBringTheirPolicy() throws {
    var signed = SignedChaincodeDeploymentSpec()
    let plain = ChaincodePackage(Self.id, code: [1])
    signed.deploymentSpec = plain.specBytes
    signed.instantiationPolicy = SysccGenesis.member("Org1").wireBytes()
    signed.ownerEndorsements = [Endorsement(endorser: [7], signature: [8])]
    func envelope(_ type: Int32) -> [UInt8] {
      let header = ChannelHeader(type: type, channelID: .empty, txid: .empty)
      return Envelope(
        payload: EnvelopePayload(
          header: Header(channelHeader: header.wireBytes(), signatureHeader: []), data: signed.wireBytes()
        ).wireBytes()
      ).wireBytes()
    }
    let package = try ChaincodePackage(wireBytes: envelope(6))
    #expect(package.id == Self.id)
    #expect(package.instantiationPolicy == signed.instantiationPolicy)
    #expect(package.specBytes == plain.specBytes)
    #expect(package.fingerprint != plain.fingerprint)
    // Another type of envelope is no package.
    #expect((try? ChaincodePackage(wireBytes: envelope(3)))?.id.name.bytes == nil)
    signed.instantiationPolicy = []
    // The bytes can be read as a plain package without a name, as in Fabric, which nobody can install.
    #expect((try? ChaincodePackage(wireBytes: envelope(6)))?.id.name ?? "" == "")
  }
}
