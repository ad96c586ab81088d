internal import MessageFSM

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The file `blocks` of a folder, made if it is not there; the folder is locked as long as this lives.
///
/// A new file gets its first bytes under another name and is renamed when they are on the disk, so that a file `blocks` is never
/// half begun. Folder and file are on the disk, names and all, when the initializer returns.
package final class DiskBlockFile: BlockFile {
  /// The file.
  package let path: String
  private let folder: Descriptor
  private let file: Descriptor

  /// Closes what it holds when it goes.
  private final class Descriptor: Sendable {
    let number: Int32

    init(_ path: String, _ flags: Int32) throws(LedgerError) {
      number = unsafe path.withCString { path in
        var number: Int32
        repeat { number = unsafe open(path, flags | O_CLOEXEC, 0o666) } while number < 0 && errno == EINTR
        return number
      }
      if number < 0 { throw DiskBlockFile.failure(path, "open") }
    }

    deinit { _ = close(number) }
  }

  /// Opens the file in this folder; a new one holds the beginning of a file of blocks.
  ///
  /// - Throws: what the system says, or that another store has the folder open.
  package init(directory: String) throws(LedgerError) {
    path = directory + "/blocks"
    if unsafe mkdir(directory, 0o777) != 0 && errno != EEXIST { throw Self.failure(directory, "mkdir") }
    folder = try Descriptor(directory, O_RDONLY | O_DIRECTORY)
    if flock(folder.number, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK else { throw Self.failure(directory, "flock") }
      throw LedgerError(WireString("\(directory): another block store has this directory open"))
    }
    if unsafe access(path, F_OK) != 0 {
      guard errno == ENOENT else { throw Self.failure(path, "access") }
      let new = path + ".new"
      let file = try Descriptor(new, O_RDWR | O_CREAT | O_TRUNC)
      try Self.write(FileBlockStore.beginning, at: 0, to: file, new)
      try Self.synchronize(file, new)
      if unsafe rename(new, path) != 0 { throw Self.failure(path, "rename") }
    }
    file = try Descriptor(path, O_RDWR)
    // Not only for a new file: whoever made it may have died before it came to this.
    try Self.synchronize(folder, directory)
    // The directory above may be one that this process cannot read; then whoever made it has seen to its being there.
    let parent = directory + "/.."
    if let descriptor = try? Descriptor(parent, O_RDONLY | O_DIRECTORY) {
      try Self.synchronize(descriptor, parent)
    }
  }

  /// Unlocks the folder, which closing it does not do as long as a process that was forked just now has a copy of the descriptor.
  deinit { flock(folder.number, LOCK_UN) }

  // MARK: BlockFile

  package func size() throws(LedgerError) -> UInt64 {
    let size = lseek(file.number, 0, SEEK_END)
    if size < 0 { throw Self.failure(path, "lseek") }
    return UInt64(size)
  }

  package func read(at offset: UInt64, count: Int) throws(LedgerError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let taken = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe pread(
          file.number, UnsafeMutableRawBufferPointer(rebasing: buffer[done...]).baseAddress, count - done,
          off_t(clamping: offset) + done)
      }
      if taken < 0 {
        if errno == EINTR { continue }
        throw Self.failure(path, "read", at: offset)
      }
      guard taken > 0 else { break }
      done += taken
    }
    bytes.removeLast(count - done)
    return bytes
  }

  package func write(_ bytes: [UInt8], at offset: UInt64) throws(LedgerError) {
    try Self.write(bytes, at: offset, to: file, path)
  }

  package func truncate(to size: UInt64) throws(LedgerError) {
    while ftruncate(file.number, off_t(clamping: size)) != 0 {
      if errno != EINTR { throw Self.failure(path, "ftruncate", at: size) }
    }
  }

  package func synchronize() throws(LedgerError) { try Self.synchronize(file, path) }

  // MARK: The system

  private static func write(
    _ bytes: [UInt8], at offset: UInt64, to file: Descriptor, _ path: String
  ) throws(LedgerError) {
    var done = 0
    while done < bytes.count {
      let written = unsafe bytes.withUnsafeBytes { buffer in
        unsafe pwrite(
          file.number, UnsafeRawBufferPointer(rebasing: buffer[done...]).baseAddress, bytes.count - done,
          off_t(clamping: offset) + done)
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw failure(path, "write", at: offset) }
      done += written
    }
  }

  /// Not repeated when it fails: what the first one could not write, a second one may believe to be written.
  private static func synchronize(_ file: Descriptor, _ path: String) throws(LedgerError) {
    if fsync(file.number) != 0 { throw failure(path, "fsync") }
  }

  private static func failure(_ path: String, _ operation: String, at offset: UInt64? = nil) -> LedgerError {
    let reason = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "unknown error"
    let place = offset.map { " at byte \($0)" } ?? ""
    return LedgerError(WireString("\(path): \(operation)\(place) failed: \(reason)"))
  }
}
