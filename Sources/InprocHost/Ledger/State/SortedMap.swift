/// A sorted map whose copies cost nothing and share what they have in common.
///
/// It is a B+ tree of values: a copy shares all nodes, a change copies the nodes on the way to the leaf that others still hold and
/// changes the rest in place. So a snapshot is a copy, needs no lock, and a commit never waits for whoever reads one.
package struct SortedMap<Key: Comparable & Sendable, Value: Sendable>: Sendable {
  /// The most entries of a node; half of it is what a node has after it was split.
  fileprivate static var entriesMax: Int { 64 }
  /// A node with fewer entries is joined with a neighbour if both fit into one.
  fileprivate static var entriesMin: Int { 16 }

  /// A leaf has values, an inner node children; `keys[i]` is then a lower bound of the keys of `children[i]`.
  fileprivate struct Node: Sendable {
    var keys: [Key] = []
    var values: [Value] = []
    var children: [Node] = []

    var isLeaf: Bool { children.count == 0 }
  }

  fileprivate var root = Node()

  /// A map without entries.
  package init() {}

  /// Whether there are no entries.
  package var isEmpty: Bool { root.keys.isEmpty }

  /// The value of `key`; setting `nil` removes it.
  package subscript(key: Key) -> Value? {
    get {
      var node = root
      while !node.isLeaf { node = node.children[node.child(for: key)] }
      let index = node.lowerBound(key)
      return index < node.keys.count && node.keys[index] == key ? node.values[index] : nil
    }
    set {
      if let newValue {
        update(key, default: newValue) { $0 = newValue }
      } else {
        remove(key)
      }
    }
  }

  /// Changes the value of `key` where it is; a key that is not there begins with `initial`.
  package mutating func update(
    _ key: Key, default initial: @autoclosure () -> Value, _ body: (inout Value) -> Void
  ) {
    guard let (first, sibling) = root.update(key, initial, body) else { return }
    let left = root
    root = Node()
    root.keys = [left.keys.first ?? first, first]
    root.children = [left, sibling]
  }

  /// Removes `key` and its value.
  package mutating func remove(_ key: Key) {
    root.remove(key)
    while root.children.count == 1 { root = root.children[0] }
  }

  /// An iterator over the entries from `key` on, or over all; it keeps the map as it is now.
  package func cursor(from key: Key? = nil) -> Cursor {
    Cursor(root: root, from: key)
  }

  /// The last entry.
  package var last: (key: Key, value: Value)? {
    var node = root
    while let child = node.children.last { node = child }
    guard let key = node.keys.last, let value = node.values.last else { return nil }
    return (key, value)
  }

  /// Walks entries in the order of their keys, holding one path of the tree.
  package struct Cursor: Sendable, IteratorProtocol {
    private var path: [(node: Node, next: Int)] = []

    fileprivate init(root: Node, from key: Key?) {
      var node = root
      while !node.isLeaf {
        let index = key.map { node.child(for: $0) } ?? 0
        path.append((node, index + 1))
        node = node.children[index]
      }
      path.append((node, key.map { node.lowerBound($0) } ?? 0))
    }

    /// The next entry; `nil` after the last.
    package mutating func next() -> (key: Key, value: Value)? {
      while path.count > 0 {
        let depth = path.count - 1
        let index = path[depth].next
        path[depth].next = index + 1
        if path[depth].node.isLeaf {
          if index < path[depth].node.keys.count {
            return (path[depth].node.keys[index], path[depth].node.values[index])
          }
        } else if index < path[depth].node.children.count {
          path.append((path[depth].node.children[index], 0))
          continue
        }
        path.removeLast()
      }
      return nil
    }
  }
}

extension SortedMap: Sequence {
  /// An iterator over all entries.
  package func makeIterator() -> Cursor { cursor() }
}

extension SortedMap.Node {
  /// The first index whose key is not less than `key`.
  func lowerBound(_ key: Key) -> Int {
    var low = 0
    var high = keys.count
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The child that has `key`, or would have it.
  func child(for key: Key) -> Int {
    var low = 1
    var high = keys.count
    while low < high {
      let middle = (low + high) / 2
      if key < keys[middle] { high = middle } else { low = middle + 1 }
    }
    return low - 1
  }

  /// Changes or inserts; gives the right half and its first key if the node had to be split.
  mutating func update(_ key: Key, _ initial: () -> Value, _ body: (inout Value) -> Void) -> (Key, Self)? {
    if isLeaf {
      let index = lowerBound(key)
      if index < keys.count && keys[index] == key {
        body(&values[index])
        return nil
      }
      var value = initial()
      body(&value)
      keys.insert(key, at: index)
      values.insert(value, at: index)
    } else {
      let index = child(for: key)
      guard let (first, sibling) = children[index].update(key, initial, body) else { return nil }
      keys.insert(first, at: index + 1)
      children.insert(sibling, at: index + 1)
    }
    guard keys.count > SortedMap.entriesMax else { return nil }
    return split()
  }

  private mutating func split() -> (Key, Self) {
    let half = keys.count / 2
    let first = keys[half]
    var right = Self()
    right.keys = Array(keys[half...])
    keys.removeSubrange(half...)
    if isLeaf {
      right.values = Array(values[half...])
      values.removeSubrange(half...)
    } else {
      right.children = Array(children[half...])
      children.removeSubrange(half...)
    }
    return (first, right)
  }

  mutating func remove(_ key: Key) {
    if isLeaf {
      let index = lowerBound(key)
      guard index < keys.count && keys[index] == key else { return }
      keys.remove(at: index)
      values.remove(at: index)
      return
    }
    let index = child(for: key)
    children[index].remove(key)
    guard children[index].keys.count < SortedMap.entriesMin else { return }
    if children[index].keys.isEmpty {
      // An inner node keeps one child at least, even an empty leaf, so that it does not turn into a leaf of another depth.
      guard children.count > 1 else { return }
      children.remove(at: index)
      keys.remove(at: index)
    } else if index + 1 < children.count {
      join(index)
    } else if index > 0 {
      join(index - 1)
    }
  }

  /// Joins a child with its right neighbour if one node can hold both.
  private mutating func join(_ index: Int) {
    guard children[index].keys.count + children[index + 1].keys.count <= SortedMap.entriesMax else { return }
    let right = children.remove(at: index + 1)
    let bound = keys.remove(at: index + 1)
    // The right node's first key may be gone; its bound in this node still separates.
    var rightKeys = right.keys
    if !right.isLeaf { rightKeys[0] = bound }
    children[index].keys += rightKeys
    children[index].values += right.values
    children[index].children += right.children
  }
}
