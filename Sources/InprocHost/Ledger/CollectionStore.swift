public import MessageFSM

/// Answers who may read and write a private collection (Fabric `core/common/privdata.CollectionStore`).
public protocol CollectionStore: Sendable {
  /// Whether no method ever waits for anything, as ``QueryExecutor/answersAtOnce``; by default it may.
  var answersAtOnce: Bool { get }

  /// Whether the proposal's creator may read the collection; a collection open to non-members says yes.
  ///
  /// - Throws: an error with Fabric's text, such as `collection ch1/cc1/coll could not be found`.
  func hasReadAccess(
    channel: WireString, namespace: WireString, collection: WireString, proposal: SignedProposal?,
    executor: any QueryExecutor
  ) async throws -> Bool

  /// Whether the proposal's creator may write the collection. Asked from Fabric 2.0 on.
  ///
  /// - Throws: an error with Fabric's text.
  func hasWriteAccess(
    channel: WireString, namespace: WireString, collection: WireString, proposal: SignedProposal?,
    executor: any QueryExecutor
  ) async throws -> Bool
}

extension CollectionStore {
  /// It may wait.
  public var answersAtOnce: Bool { false }
}

/// What a channel's configuration allows its applications (Fabric `channelconfig.ApplicationCapabilities`).
public struct ApplicationCapabilities: Sendable, Hashable {
  /// V1_3: metadata of keys may be read and written.
  public var keyLevelEndorsement: Bool
  /// V2_5: private data may be purged.
  public var purgePrivateData: Bool
  /// V2_0: definitions of chaincodes are in `_lifecycle`.
  public var lifecycleV20: Bool
  /// V1_2: a definition may have private collections.
  public var privateChannelData: Bool
  /// V1_2: an upgrade may change them.
  public var collectionUpgrade: Bool

  /// These capabilities; all by default.
  public init(
    keyLevelEndorsement: Bool = true, purgePrivateData: Bool = true, lifecycleV20: Bool = true,
    privateChannelData: Bool = true, collectionUpgrade: Bool = true
  ) {
    self.keyLevelEndorsement = keyLevelEndorsement
    self.purgePrivateData = purgePrivateData
    self.lifecycleV20 = lifecycleV20
    self.privateChannelData = privateChannelData
    self.collectionUpgrade = collectionUpgrade
  }
}
