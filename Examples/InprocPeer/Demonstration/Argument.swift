import InprocHost
import SystemChaincodes

/// An argument of a call, and how it is shown: text as it is, a message by what it stands for.
struct Argument: ExpressibleByStringLiteral, Sendable {
  let bytes: [UInt8]
  let shown: String

  init(_ bytes: [UInt8], shown: String) {
    self.bytes = bytes
    self.shown = shown
  }

  init(stringLiteral text: String) {
    self.init(Array(text.utf8), shown: text)
  }

  /// A package, as lscc takes it.
  static func package(_ package: ChaincodePackage) -> Argument {
    Argument(package.wireBytes, shown: "«\(package.id.name):\(package.id.version)»")
  }
}
