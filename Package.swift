// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),  // SE-0335
  .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
  .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
  .enableUpcomingFeature("InferIsolatedConformances"),  // SE-0470
  .strictMemorySafety(),  // SE-0458
  .treatAllWarnings(as: .error),  // SE-0480
  .treatWarning("ExplicitSendable", as: .error),
]

// Through the dynamic linker's tables the calls of the runtime cost a tenth of a transaction's time (Benchmarks/NOTES.md). Whoever
// embeds the libraries has the same with `--static-swift-stdlib`; these flags concern our own executables alone.
let linksStatically: [LinkerSetting] = [
  .unsafeFlags(
    [
      "-use-ld=lld", "-static-stdlib", "-lFoundation", "-lCoreFoundation", "-lFoundationInternationalization",
      "-lFoundationEssentials", "-l_FoundationCShims", "-l_FoundationCollections", "-l_FoundationICU",
      "-lswiftSynchronization",
    ], .when(platforms: [.linux], configuration: .release))
]

let package = Package(
  name: "inproc-host",
  products: [
    .library(name: "MessageFSM", targets: ["MessageFSM"]),
    .library(name: "InprocHost", targets: ["InprocHost"]),
    .library(name: "SystemChaincodes", targets: ["SystemChaincodes"]),
    .executable(name: "inproc-peer", targets: ["inproc-peer"]),
  ],
  targets: [
    .target(name: "MessageFSM", swiftSettings: settings),
    .target(name: "InprocHost", dependencies: ["MessageFSM"], swiftSettings: settings),
    .target(
      name: "SystemChaincodes", dependencies: ["MessageFSM", "InprocHost"],
      swiftSettings: settings),
    .target(
      name: "InprocPeer", dependencies: ["MessageFSM", "InprocHost", "SystemChaincodes"],
      path: "Examples/InprocPeer", swiftSettings: settings),
    // By itself, since tests cannot be linked like this.
    .executableTarget(
      name: "inproc-peer", dependencies: ["InprocPeer"], path: "Examples/Main", swiftSettings: settings,
      linkerSettings: linksStatically),
    .executableTarget(
      name: "message-loop",
      dependencies: ["MessageFSM", "InprocHost", "SystemChaincodes", "AllocationCounter"],
      path: "Benchmarks/MessageLoop", swiftSettings: settings, linkerSettings: linksStatically),
    .target(name: "AllocationCounter", path: "Benchmarks/AllocationCounter"),
    .executableTarget(
      name: "ledger-bench", dependencies: ["MessageFSM", "InprocHost"],
      path: "Benchmarks/Ledger", swiftSettings: settings),
    .testTarget(
      name: "InprocHostTests",
      dependencies: ["MessageFSM", "InprocHost", "SystemChaincodes", "InprocPeer"],
      resources: [.copy("Golden")], swiftSettings: settings),
  ]
)
