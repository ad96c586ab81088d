import Foundation
import MessageFSM

/// Where a result stands in the order of its query; a bookmark is the position of a page's last result.
///
/// A position and not a count, so that a page goes on at the right place although documents before it came or
/// went.
struct MangoPosition: Sendable {
  /// The bookmark of a query without any result, as CouchDB's; it is the beginning.
  static let none: WireString = "nil"

  /// The values of the sort's fields.
  let values: [JSONValue]
  /// The key.
  let key: WireString

  init(values: [JSONValue], key: WireString) {
    self.values = values
    self.key = key
  }

  /// The position that a bookmark stands for.
  init(bookmark: WireString, fields: Int) throws(LedgerError) {
    guard let data = Data(base64Encoded: bookmark.string),
      case .array(let parts)? = try? JSONValue(parsing: [UInt8](data)), parts.count - 1 == fields,
      case .string(let encoded)? = parts.first, let key = Data(base64Encoded: encoded.string)
    else { throw MangoRefusal.bookmark(bookmark) }
    self.init(values: Array(parts.dropFirst()), key: WireString(bytes: key))
  }

  /// The text that stands for the position.
  var bookmark: WireString {
    let encoded = Data(key.bytes).base64EncodedString()  // keys need not be UTF-8
    let text = JSONValue.array([.string(WireString(encoded))] + values).text
    return WireString(Data(text).base64EncodedString())
  }
}
