import Dispatch
import Foundation
import Synchronization

/// One thread that runs the tasks of a host, or of several, one after another.
///
/// On the global pool every hand-over between peer, chaincode and client may wake a sleeping thread, which costs more than the
/// transaction itself. Here a hand-over is an append to a queue: with few clients, and with chaincode that computes little,
/// this is faster: a transaction takes 40 to 50 % less processor time than on the pool, and no other thread has to be woken for it
/// (`Benchmarks/NOTES.md`). Chaincode that computes for long is better off on the global pool, where it uses other cores, and so
/// is a host whose clients run elsewhere: put clients on the same executor, or every call crosses threads.
///
/// To use all cores for small transactions, have a host with a thread of its own for each core rather than one host on many threads:
/// nothing is shared then. One chaincode of a host that computes for long can do so on another executor, by
/// `withTaskExecutorPreference`, and comes back to this one for its calls of the peer.
///
/// Jobs run in the order in which they come, but for the last one that a job hands over itself, which runs behind it at once.
///
/// The thread ends when ``shutDown()`` was called and nothing is left to run.
public final class DedicatedExecutor: TaskExecutor {
  /// What comes from other threads.
  private struct State {
    var jobs: [UnownedJob] = []
    var sleeps = false
    var ends = false
  }

  private let name: String
  private let state = Locked(State())
  private let wakeUp = DispatchSemaphore(value: 0)
  /// Whether other threads have left something, so that the thread need not take the lock to see that they have not.
  private let hasMail = Atomic(false)
  /// The thread, once it runs.
  private let thread = Atomic<UInt>(0)
  /// The jobs that the thread gives itself, nearly all there are.
  ///
  /// Unchecked, since the compiler cannot see it: only ``run()`` and those whose thread is ``thread`` touch it, one after another, and
  /// no job runs while they do.
  @exclusivity(unchecked)
  private nonisolated(unsafe) var own: [UnownedJob] = []
  /// What the job that runs has handed over last.
  ///
  /// It runs next, while what both work on is in the cache, as Go's scheduler and Tokio's do it. What that hands over waits behind the
  /// others, so that everybody has the same turns. Unchecked for the same reason as ``own``.
  @exclusivity(unchecked)
  private nonisolated(unsafe) var handedOver: UnownedJob?

  /// An executor whose thread runs at once, under this name.
  public init(name: String = "inproc-host") {
    self.name = name
    let thread = Thread { [self] in run() }
    thread.name = name
    // As much as a main thread has: chaincode may recurse.
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Puts a job behind those that wait.
  ///
  /// May be called from any thread.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if thread.load(ordering: .relaxed) == Self.currentThread {
      if let earlier = unsafe handedOver { unsafe own.append(earlier) }
      unsafe handedOver = job
      return
    }
    let slept = state.withLock { state in
      state.jobs.append(job)
      hasMail.store(true, ordering: .relaxed)
      // Only the first of several hand-overs from outside wakes the thread.
      defer { state.sleeps = false }
      return state.sleeps
    }
    if slept { wakeUp.signal() }
  }

  /// Lets the thread end when nothing is left to run.
  ///
  /// Jobs that come later do not run.
  public func shutDown() {
    let slept = state.withLock { state in
      state.ends = true
      hasMail.store(true, ordering: .relaxed)
      defer { state.sleeps = false }
      return state.sleeps
    }
    if slept { wakeUp.signal() }
  }

  private func run() {
    thread.store(Self.currentThread, ordering: .relaxed)
    var jobs: [UnownedJob] = []
    while true {
      unsafe swap(&jobs, &own)
      // What others have left goes behind what the thread has left for itself, and is looked for after each round of that.
      if jobs.isEmpty || hasMail.load(ordering: .relaxed) {
        let (ends, sleeps) = state.withLock { state -> (Bool, Bool) in
          hasMail.store(false, ordering: .relaxed)
          jobs += state.jobs
          state.jobs.removeAll(keepingCapacity: true)
          if !jobs.isEmpty { return (false, false) }
          state.sleeps = !state.ends
          return (state.ends, state.sleeps)
        }
        if ends { return }
        if sleeps { wakeUp.wait() }
      }
      for job in jobs {
        unsafe job.runSynchronously(on: asUnownedTaskExecutor())
        guard let second = unsafe handedOver.take() else { continue }
        unsafe second.runSynchronously(on: asUnownedTaskExecutor())
        if let third = unsafe handedOver.take() { unsafe own.append(third) }
      }
      jobs.removeAll(keepingCapacity: true)
    }
  }

  private static var currentThread: UInt {
    #if canImport(Darwin)
      UInt(bitPattern: pthread_self())
    #else
      pthread_self()
    #endif
  }
}
