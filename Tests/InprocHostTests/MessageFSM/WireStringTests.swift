import MessageFSM
import Testing

@Suite("Strings of the wire are bytes")
struct WireStringTests {
  @Test("two texts that look alike are two keys")
  func normalization() {
    let composed = WireString("\u{e9}")
    let decomposed = WireString("e\u{301}")
    #expect("\u{e9}" == "e\u{301}")
    #expect(composed != decomposed)
    #expect(composed.hashValue != decomposed.hashValue)
    #expect(Set([composed, decomposed]).count == 2)
    #expect(decomposed < composed)
    #expect(composed.bytes == [0xc3, 0xa9])
    #expect(decomposed.bytes == [0x65, 0xcc, 0x81])
    #expect(composed.count == 2 && decomposed.count == 3)
  }

  @Test(
    "order is that of the bytes",
    arguments: [
      ("a", "b"), ("", "a"), ("a", "aa"), ("Z", "a"), ("z", "é"), ("\u{ffff}", "\u{10000}"), ("a\u{0}", "ab"),
    ])
  func order(_ pair: (String, String)) {
    let (left, right) = (WireString(pair.0), WireString(pair.1))
    #expect(left < right)
    #expect(!(right < left))
    #expect(!(left < left))
    #expect(left.bytes.lexicographicallyPrecedes(right.bytes))
  }

  @Test(
    "bytes that are not UTF-8 are kept, and are no text",
    arguments: [
      [0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc0, 0x80], [0x61, 0x80],
    ] as [[UInt8]])
  func notUTF8(_ bytes: [UInt8]) {
    let string = WireString(bytes: bytes)
    #expect(!string.isValidUTF8)
    #expect(string.bytes == bytes)
    #expect(string.count == bytes.count)
    #expect(string == WireString(bytes: bytes))
    #expect(string != WireString(string.string))
    #expect(string.hashValue == WireString(bytes: Array(bytes)).hashValue)
  }

  @Test("however it was made, equal bytes are equal strings")
  func equality() {
    for text in ["", "a", "é", "日本", "\u{0}", "\u{10FFFF}", "a\u{301}b"] {
      let made = WireString(text)
      let read = WireString(bytes: Array(text.utf8))
      #expect(made == read)
      #expect(made.hashValue == read.hashValue)
      #expect(read.isValidUTF8 && read.string == text && made.isEmpty == text.isEmpty)
      #expect(read.wireString == text.wireString)
    }
    #expect(WireString.empty.isEmpty && WireString(bytes: []).isEmpty)
  }

  @Test(
    "bytes that begin like the form in which others are stored are themselves",
    arguments: [[], [0x61], [0xff], [0xc3, 0xa9], [0xf4, 0x8f, 0xbf, 0xbe]] as [[UInt8]])
  func marked(_ rest: [UInt8]) {
    let bytes = [0xf4, 0x8f, 0xbf, 0xbe] + rest
    let string = WireString(bytes: bytes)
    let text = String(validating: bytes, as: UTF8.self)
    #expect(string.bytes == bytes && string.count == bytes.count && !string.isEmpty)
    #expect(string.isValidUTF8 == (text != nil))
    #expect(string.string == String(decoding: bytes, as: UTF8.self))
    if let text { #expect(WireString(text) == string) }
    #expect(WireString(bytes: rest) != string)
    #expect("a" < string && "\u{10FFFD}" < string && string < WireString(bytes: [0xf5]))
  }
}
