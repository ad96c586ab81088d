import Dispatch
import Foundation

/// One thread that runs the tasks of a host, or of several, one after another.
///
/// On the global pool every hand-over between peer, chaincode and client may wake a sleeping thread, which costs more than the
/// transaction itself. Here a hand-over is an append to a queue: with few clients, and with chaincode that computes little,
/// this is faster: a transaction takes 10 to 20 % less processor time than on the pool, and no other thread has to be woken for it
/// (`Benchmarks/NOTES.md`). Chaincode that computes for long is better off on the global pool, where it uses other cores, and so
/// is a host whose clients run elsewhere: put clients on the same executor, or every call crosses threads.
///
/// To use all cores for small transactions, have a host with a thread of its own for each core rather than one host on many threads:
/// nothing is shared then. One chaincode of a host that computes for long can do so on another executor, by
/// `withTaskExecutorPreference`, and comes back to this one for its calls of the peer.
///
/// The thread ends when ``shutDown()`` was called and nothing is left to run.
public final class DedicatedExecutor: TaskExecutor {
  private struct State {
    var jobs: [UnownedJob] = []
    var sleeps = false
    var ends = false
  }

  private let name: String
  private let state = Locked(State())
  private let wakeUp = DispatchSemaphore(value: 0)

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
    let slept = state.withLock { state in
      state.jobs.append(job)
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
      defer { state.sleeps = false }
      return state.sleeps
    }
    if slept { wakeUp.signal() }
  }

  private func run() {
    var jobs: [UnownedJob] = []
    while true {
      let (ends, sleeps) = state.withLock { state -> (Bool, Bool) in
        swap(&jobs, &state.jobs)
        if !jobs.isEmpty { return (false, false) }
        state.sleeps = !state.ends
        return (state.ends, state.sleeps)
      }
      if ends { return }
      if sleeps { wakeUp.wait() }
      for job in jobs { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
      jobs.removeAll(keepingCapacity: true)
    }
  }
}
