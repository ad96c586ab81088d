import Dispatch
import Foundation

/// Notices that a step of a simulation does not come back: chaincode that computes for ever, or blocks its thread.
///
/// Such a step cannot be taken back, nor its thread; it can only be named. Two looks at a run between which nothing moves mean
/// that its step is blocked. A thread of the watchdog's own looks at intervals of real time between ``start(every:)`` and
/// ``stop()``; whoever wants to decide for himself when it is time calls ``look()``.
///
/// Give it to a ``SimulationPlan``; one watchdog can see to any number of runs at once. A step that comes back after all fails
/// its run as ``SimulationViolation/Kind/blocked``.
public final class SimulationWatchdog: Sendable {
  /// A step that has not come back.
  public struct BlockedStep: Sendable, Hashable, CustomStringConvertible {
    /// The scenario.
    public let scenario: String
    /// The seed of the run.
    public let seed: UInt64
    /// The step.
    public let step: Int
    /// The task whose step it is; `nil` if it is an invariant that does not come back.
    public let task: String?

    /// What does not come back, and the run.
    public var description: String {
      "\(task.map { "task \($0)" } ?? "an invariant") does not come back from step \(step) of \(scenario), seed \(seed)"
    }
  }

  private struct Watched {
    let id: UInt64
    let simulator: Simulator
    let scenario: String
    let seed: UInt64
    /// At which step the last look found it.
    var step: Int?
    var isTold = false
  }

  private struct State {
    var watched: [Watched] = []
    var nextID: UInt64 = 0
    var generation = 0
  }

  private let state = Locked(State())
  private let wakeUp = DispatchSemaphore(value: 0)
  private let onBlocked: @Sendable (BlockedStep) -> Void

  /// A watchdog that looks only when it is told to.
  ///
  /// - Parameter onBlocked: called once for each run whose step is blocked, on the thread that looks.
  public init(onBlocked: @escaping @Sendable (BlockedStep) -> Void) {
    self.onBlocked = onBlocked
  }

  /// Looks at all runs; tells those that have not moved since the last look.
  public func look() {
    let blocked = state.withLock { state -> [(Simulator, BlockedStep)] in
      var blocked: [(Simulator, BlockedStep)] = []
      for index in state.watched.indices {
        let watched = state.watched[index]
        let (step, task) = watched.simulator.position
        state.watched[index].step = step
        guard watched.step == step, !watched.isTold else { continue }
        state.watched[index].isTold = true
        blocked.append(
          (
            watched.simulator,
            BlockedStep(scenario: watched.scenario, seed: watched.seed, step: step, task: task)
          ))
      }
      return blocked
    }
    for (simulator, step) in blocked {
      simulator.isBlocked(step.task ?? "an invariant")
      onBlocked(step)
    }
  }

  /// Looks at intervals of this length, until ``stop()``: a step is told when it has taken one to two of them.
  public func start(every interval: Duration) {
    let generation = state.withLock { state in
      state.generation += 1
      return state.generation
    }
    let seconds = interval / .seconds(1)
    let thread = Thread { [self] in
      while state.withLock({ $0.generation == generation }) {
        if wakeUp.wait(timeout: .now() + seconds) == .timedOut { look() }
      }
    }
    thread.name = "simulation-watchdog"
    thread.start()
  }

  /// Ends the looks at intervals; returns at once.
  public func stop() {
    state.withLock { $0.generation += 1 }
    wakeUp.signal()
  }

  // MARK: Runs

  func watch(_ simulator: Simulator, scenario: String, seed: UInt64) -> UInt64 {
    state.withLock { state in
      state.nextID += 1
      state.watched.append(
        Watched(id: state.nextID, simulator: simulator, scenario: scenario, seed: seed))
      return state.nextID
    }
  }

  func forget(_ id: UInt64) {
    state.withLock { $0.watched.removeAll { $0.id == id } }
  }
}
