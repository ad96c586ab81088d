// The only lock of the project.

#if TSAN
  internal import Foundation
#else
  internal import Synchronization
#endif

/// A value that is only touched under a lock.
///
/// It is `Mutex`, except under the thread sanitizer, which misreads `Mutex` on Linux and gets a pthread mutex instead.
package struct Locked<Value>: ~Copyable, Sendable {
  #if TSAN
    private final class Box: @unchecked Sendable {
      private let mutex = unsafe UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
      private var value: Value

      init(_ value: sending Value) {
        self.value = value
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(mutex, nil)
      }

      deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
      }

      func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
      ) throws(Failure) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&value)
      }
    }
    private let box: Box

    /// Guards `value`.
    package init(_ value: sending Value) {
      self.box = Box(value)
    }

    /// Calls `body` with the value while nobody else has it.
    package borrowing func withLock<Result, Failure: Error>(
      _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
      try box.withLock(body)
    }
  #else
    private let mutex: Mutex<Value>

    /// Guards `value`.
    package init(_ value: sending Value) {
      self.mutex = Mutex(value)
    }

    /// Calls `body` with the value while nobody else has it.
    package borrowing func withLock<Result, Failure: Error>(
      _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
      try mutex.withLock(body)
    }
  #endif
}
