/// What can go wrong around a host, each on its own.
///
/// A channel between two ends in one process neither loses, doubles nor reorders; it can only be late. What is *legal* can happen
/// with any chaincode and ledger; what is *byzantine* takes a chaincode end that breaks the protocol.
public enum FaultKind: Int, Sendable, Hashable, CaseIterable {
  /// A message is taken late; those behind it wait.
  case delayedDelivery = 1
  /// One direction stands still for long.
  case clog
  /// An end takes a message only after other tasks have made so many steps.
  case slowConsumer
  /// The chaincode throws.
  case chaincodeThrows
  /// The chaincode does not return before it is cancelled.
  case chaincodeHangs
  /// The chaincode goes on after it was cancelled.
  case chaincodeIgnoresCancellation
  /// The chaincode's end of the stream ends in the middle of anything.
  case chaincodeExits
  /// The chaincode is stopped, and deployed again, in the middle of anything.
  case stopAtAnyStep
  /// A transaction's deadline is as near as the answers are.
  case timeoutRace
  /// The ledger throws.
  case ledgerError
  /// The ledger answers late, so that answers of several transactions change places.
  case slowLedger
  /// The client gives up.
  case clientCancelled
  /// A txid is used twice at once, or again.
  case duplicateTxid
  /// Several launches and stops at once.
  case relaunchRace
  /// A chaincode calls itself, on this channel or another.
  case reentrantCall
  /// An iterator is left open, closed twice, or used after its end.
  case iteratorAbuse
  /// All clients call in the same instant.
  case burst
  /// The host is stopped by several at once, and called while it stops.
  case stopDuringStop
  /// A chaincode end answers twice.
  case replyTwice
  /// A chaincode end sends what cannot be read, or names a wrong channel or txid.
  case garbage
  /// A chaincode end sends a message that does not fit its state.
  case illegalMessage
  /// A chaincode end answers what was never asked.
  case strayResponse
  /// A chaincode end sends after its stream was finished.
  case sendAfterFinish
  /// Batches and pages are as small as they can be.
  case smallLimits
  /// Other tasks run between two steps of the host that usually follow each other.
  case sectionSplit

  /// Whether it takes a chaincode end that breaks the protocol.
  public var isByzantine: Bool {
    switch self {
    case .replyTwice, .garbage, .illegalMessage, .strayResponse, .sendAfterFinish: true
    case .delayedDelivery, .clog, .slowConsumer, .chaincodeThrows, .chaincodeHangs,
      .chaincodeIgnoresCancellation,
      .chaincodeExits, .stopAtAnyStep, .timeoutRace, .ledgerError, .slowLedger, .clientCancelled,
      .duplicateTxid,
      .relaunchRace, .reentrantCall, .iteratorAbuse, .burst, .stopDuringStop, .smallLimits, .sectionSplit:
      false
    }
  }

  /// Whether calls may fail because of it that would not fail otherwise.
  ///
  /// What is only late, or asked for in another order, is no excuse.
  var mayFailCalls: Bool {
    switch self {
    case .delayedDelivery, .clog, .slowConsumer, .timeoutRace, .slowLedger, .duplicateTxid, .reentrantCall,
      .iteratorAbuse, .burst, .smallLimits, .sectionSplit:
      false
    case .chaincodeThrows, .chaincodeHangs, .chaincodeIgnoresCancellation, .chaincodeExits, .stopAtAnyStep,
      .ledgerError, .clientCancelled, .relaunchRace, .stopDuringStop, .replyTwice, .garbage, .illegalMessage,
      .strayResponse, .sendAfterFinish:
      true
    }
  }

  /// Out of 1024 occasions, how often it happens when it is rare, usual, frequent.
  var rates: [Int] {
    switch self {
    case .delayedDelivery, .slowConsumer, .sectionSplit, .slowLedger: [16, 64, 256]
    case .clog, .ledgerError: [4, 12, 32]
    case .chaincodeExits: [1, 4, 16]
    case .chaincodeThrows, .chaincodeHangs, .chaincodeIgnoresCancellation, .clientCancelled, .timeoutRace,
      .duplicateTxid, .reentrantCall, .iteratorAbuse:
      [32, 96, 256]
    case .stopAtAnyStep, .relaunchRace, .burst, .stopDuringStop, .smallLimits: [512, 768, 1024]
    case .replyTwice, .garbage, .illegalMessage, .strayResponse, .sendAfterFinish: [64, 128, 256]
    }
  }
}

/// One fault that happened: its kind, the place, which occasion there, and how much.
///
/// Its text is `chaincodeExits@shim bank:latest#3=250`.
public struct FaultOccurrence: Sendable, Hashable, LosslessStringConvertible {
  /// What went wrong.
  public let kind: FaultKind
  /// Where: a point of the host, a transaction, a client.
  public let site: String
  /// On which occasion at that place, counted from 1.
  public let occasion: Int
  /// How long or how many, in the measure of the kind.
  public let amount: Int

  init(kind: FaultKind, site: String, occasion: Int, amount: Int) {
    self.kind = kind
    self.site = site
    self.occasion = occasion
    self.amount = amount
  }

  /// The occurrence with this text; `nil` if none has.
  public init?(_ description: String) {
    guard let at = description.firstIndex(of: "@"), let number = description.lastIndex(of: "#"),
      let equals = description.lastIndex(of: "="), at < number, number < equals,
      let kind = FaultKind.allCases.first(where: { String(describing: $0) == description[..<at] }),
      let occasion = Int(description[description.index(after: number)..<equals]),
      let amount = Int(description[description.index(after: equals)...])
    else { return nil }
    self.init(
      kind: kind, site: String(description[description.index(after: at)..<number]), occasion: occasion,
      amount: amount)
  }

  /// Kind, place, occasion and amount.
  public var description: String { "\(kind)@\(site)#\(occasion)=\(amount)" }
}
