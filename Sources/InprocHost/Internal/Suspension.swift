/// A task that waits for a value, to be resumed exactly once, by anyone.
///
/// The one place of the package where a task suspends. Whoever keeps a suspension must be able to answer: who resumes this if
/// the other end dies?
@safe package struct Suspension<Value: Sendable>: Sendable {
  private let continuation: UnsafeContinuation<Value, Never>
  #if TSAN
    // The sanitizer does not see that a resumed task goes on after whoever resumed it; this object tells it.
    fileprivate let order: TSANOrder
  #endif

  /// Resumes the task with `value`.
  package func resume(_ value: consuming Value) {
    #if TSAN
      order.release()
    #endif
    unsafe continuation.resume(returning: value)
  }

  fileprivate init(_ continuation: UnsafeContinuation<Value, Never>) {
    unsafe self.continuation = continuation
    #if TSAN
      self.order = TSANOrder()
    #endif
  }
}

/// Suspends the task and hands its suspension to `arrange`.
///
/// Returns what the suspension is resumed with, or at once what `arrange` returns, which has then kept nothing.
@inline(__always)
package func suspend<Value: Sendable>(_ arrange: (Suspension<Value>) -> Value?) async -> Value {
  // `withUnsafeContinuation` looks for the executor before it suspends and behind it; this one, which the library has for older
  // callers, only behind it. A look takes the lock of the task's records.
  #if TSAN
    var order: TSANOrder?
    let value = unsafe await _unsafeInheritExecutor_withUnsafeContinuation {
      (continuation: UnsafeContinuation<Value, Never>) in
      let suspension = unsafe Suspension(continuation)
      order = suspension.order
      if let value = arrange(suspension) { suspension.resume(value) }
    }
    order?.acquire()
    return value
  #else
    return unsafe await _unsafeInheritExecutor_withUnsafeContinuation {
      (continuation: UnsafeContinuation<Value, Never>) in
      let suspension = unsafe Suspension(continuation)
      if let value = arrange(suspension) { suspension.resume(value) }
    }
  #endif
}

/// Suspends the task as ``suspend(_:)`` does; `cancelled` is called when the task is cancelled before this returns, and before
/// `arrange` if it was cancelled already.
@inline(__always)
package func suspend<Value: Sendable>(
  _ arrange: (Suspension<Value>) -> Value?, onCancel cancelled: @Sendable () -> Void
) async -> Value {
  // As above: two looks for the executor instead of four.
  await _unsafeInheritExecutor_withTaskCancellationHandler {
    await suspend(arrange)
  } onCancel: {
    cancelled()
  }
}

#if TSAN
  @_silgen_name("__tsan_acquire") private func tsanAcquire(_ address: UnsafeMutableRawPointer)
  @_silgen_name("__tsan_release") private func tsanRelease(_ address: UnsafeMutableRawPointer)

  private final class TSANOrder: Sendable {
    func acquire() { unsafe tsanAcquire(Unmanaged.passUnretained(self).toOpaque()) }
    func release() { unsafe tsanRelease(Unmanaged.passUnretained(self).toOpaque()) }
  }
#endif
