import MessageFSM
import Testing

@testable import InprocHost

@Suite("Write batches")
struct WriteBatchTests {
  private func put(_ key: WireString, _ value: UInt8, _ collection: WireString = "") -> WriteRecord {
    WriteRecord(type: 9, key: key, value: [value], collection: collection)
  }

  @Test("records stay where their keys were first written, with what was written last")
  func lastWriteWins() {
    var batch = WriteBatch()
    for record in [put("a", 1), put("b", 2), put("c", 3), put("b", 4), put("a", 5), put("d", 6)] {
      batch.add(record)
    }
    #expect(batch.records == [put("a", 5), put("b", 4), put("c", 3), put("d", 6)])
    batch.add(WriteRecord(type: 10, key: "c"))
    #expect(batch.records[2] == WriteRecord(type: 10, key: "c"))
  }

  @Test("a key, its metadata, and the same key of a collection are three things")
  func slots() {
    let metadata = WriteRecord(type: 21, key: "a", metadata: StateMetadata(metakey: "m", value: [1]))
    let records = [put("a", 1), metadata, put("a", 2, "coll"), put("b", 3), put("b", 4, "coll")]
    var batch = WriteBatch()
    for record in records { batch.add(record) }
    #expect(batch.records == records)
  }

  @Test("any order of keys gives what a list that is searched gives", arguments: 0..<50)
  func model(_ seed: UInt64) {
    var generator = SplitMix(state: seed)
    var batch = WriteBatch()
    var model: [WriteRecord] = []
    for step in 0..<Int.random(in: 1...60, using: &generator) {
      // Every third run begins in the order of the keys.
      let number = seed % 3 == 0 && step < 20 ? step : Int.random(in: 0..<25, using: &generator)
      let collection: WireString = Int.random(in: 0..<8, using: &generator) == 0 ? "coll" : ""
      let type: Int32 = Int.random(in: 0..<6, using: &generator) == 0 ? 21 : 9
      let key = WireString("key\(number / 10)\(number % 10)")
      let record = WriteRecord(type: type, key: key, value: [UInt8(step)], collection: collection)
      batch.add(record)
      let known = model.firstIndex {
        $0.key == key && $0.collection == collection && ($0.type == 21) == (type == 21)
      }
      if let known { model[known] = record } else { model.append(record) }
    }
    #expect(batch.records == model)
  }
}
