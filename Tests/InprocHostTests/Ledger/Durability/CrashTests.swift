import Foundation
import Glibc
import InprocHost
import InprocPeer
import MessageFSM
import Testing

/// Kills a process that commits, again and again, and looks at what it leaves.
@Suite("Ledger whose process is killed")
struct CrashTests {
  private struct Failure: Error {
    let text: String
  }

  /// What a child said of a commit that had returned.
  private struct Acknowledged: Equatable {
    var hash: String
    var digest: String
  }

  /// A process that runs `inproc-peer ledger-crash-child`, and the end of the pipe that it writes to.
  private struct Child {
    let process: pid_t
    let output: Int32
    private var bytes: [UInt8] = []

    init(directory: String, seed: Int) throws {
      let program = Bundle.module.bundleURL.deletingLastPathComponent().appendingPathComponent("inproc-peer")
        .path
      var ends: [Int32] = [0, 0]
      guard unsafe pipe(&ends) == 0 else { throw Failure(text: "pipe") }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      var actions = unsafe posix_spawn_file_actions_t()
      unsafe posix_spawn_file_actions_init(&actions)
      defer { unsafe posix_spawn_file_actions_destroy(&actions) }
      unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
      var arguments: [UnsafeMutablePointer<CChar>?] = unsafe []
      for text in [program, LedgerCrashChild.command, directory, "\(seed)"] {
        unsafe arguments.append(strdup(text))
      }
      unsafe arguments.append(nil)
      defer { while let argument = unsafe arguments.popLast() { unsafe free(argument) } }
      var started: pid_t = 0
      let code = unsafe posix_spawn(&started, program, &actions, nil, arguments, environ)
      close(ends[1])
      output = ends[0]
      process = started
      guard code == 0 else {
        close(output)
        throw Failure(text: "\(program) does not start: \(code)")
      }
    }

    /// Reads what comes; false at the end.
    mutating func read() -> Bool {
      var chunk = [UInt8](repeating: 0, count: 4_096)
      let count = unsafe Glibc.read(output, &chunk, chunk.count)
      if count > 0 { bytes += chunk.prefix(count) }
      return count > 0
    }

    var lineCount: Int { bytes.reduce(0) { $1 == 0x0a ? $0 + 1 : $0 } }

    /// Kills it and gives what it acknowledged until then; the pipe keeps what was written before.
    mutating func kill() throws -> [UInt64: Acknowledged] {
      Glibc.kill(process, SIGKILL)
      while read() {}
      close(output)
      var status: Int32 = 0
      guard unsafe waitpid(process, &status, 0) == process, status & 0x7f == SIGKILL else {
        throw Failure(text: "the child ended by itself: \(status) \(String(decoding: bytes, as: UTF8.self))")
      }
      var acknowledged: [UInt64: Acknowledged] = [:]
      // A line that is not whole does not count.
      for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n").prefix(lineCount) {
        let parts = line.split(separator: " ").map(String.init)
        guard parts.count == 3, let number = UInt64(parts[0]) else { throw Failure(text: "line \(line)") }
        acknowledged[number] = Acknowledged(hash: parts[1], digest: parts[2])
      }
      return acknowledged
    }
  }

  /// Every ten kills begin a new directory, so that a child also goes on where another was killed.
  ///
  /// A child is killed after its n-th acknowledgement and some turns of an empty loop. The children of one half are on a real
  /// file system, so they mostly wait for the disk then; those of the other half are in memory if there is such a file system,
  /// and write in pieces, so they are mostly in the middle of a record. After each kill the hash of every acknowledged block is
  /// compared, and the state if the last acknowledged block is the last of all; after ten, the state is also compared with that
  /// of a ledger without a store.
  @Test("after each of 200 kills all acknowledged blocks are there, none in half", arguments: 0..<2)
  func kills(worker: Int) throws {
    let isInMemory = worker == 1 && FileManager.default.isWritableFile(atPath: "/dev/shm")
    let parent = isInMemory ? "/dev/shm" : FileManager.default.temporaryDirectory.path
    var random = LedgerRandom(seed: UInt64(worker) &+ 5)
    var compared = 0
    for round in 0..<10 {
      let directory = "\(parent)/crash-\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: directory) }
      var known: [UInt64: Acknowledged] = [:]
      for kill in 0..<10 {
        var child = try Child(directory: directory, seed: round * 2 + worker)
        let wanted = random.next(below: 4)
        while child.lineCount < wanted, child.read() {}
        var turns = random.next(below: 20_000)
        while turns > 0 { turns -= 1 }
        known.merge(try child.kill()) { $1 }
        // Before its first acknowledgement a child may not even have made the directory.
        guard FileManager.default.fileExists(atPath: directory) else { continue }
        let store = try FileBlockStore(directory: directory)
        let ledger = try InMemoryLedger(channel: "crash", store: store)
        let height = ledger.blockchainInfo().height
        // One block more may be there: on the disk, but killed before it was acknowledged. One that is not acknowledged by a child
        // but that the next one went on from counts likewise.
        try #require(known.keys.allSatisfy { $0 < height })
        for (number, block) in known {
          try #require(try ledger.block(number: number).header?.hash.hex == block.hash, "kill \(kill)")
        }
        if let last = known[height &- 1] {
          try #require(LedgerCrashChild.digest(ledger) == last.digest)
          compared += 1
        }
        guard kill == 9 else { continue }
        let fresh = InMemoryLedger(channel: "crash")
        for number in 0..<height { try fresh.commit(ledger.block(number: number)) }
        try #require(fresh.blockchainInfo() == ledger.blockchainInfo())
        try #require(LedgerCrashChild.digest(fresh) == LedgerCrashChild.digest(ledger))
      }
    }
    #expect(compared > 10)
  }
}
