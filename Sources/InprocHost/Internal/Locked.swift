#if TSAN
  import Glibc
#else
  import Synchronization
#endif

/// The only lock of the package: a value that is touched inside ``withLock(_:)`` alone.
///
/// Under `-DTSAN` it is a pthread mutex, since the thread sanitizer does not understand `Synchronization.Mutex` on Linux.
/// Decide inside, act outside: nothing foreign is called while it is held.
package struct Locked<Value: Sendable>: ~Copyable, Sendable {
  #if TSAN
    // Unchecked, since the compiler cannot see it: every access to `value` happens between lock and unlock of `mutex`.
    @safe private final class Storage: @unchecked Sendable {
      let mutex: UnsafeMutablePointer<pthread_mutex_t>
      var value: Value

      init(_ value: Value) {
        self.value = value
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(mutex, nil)
      }

      deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
      }
    }

    private let storage: Storage

    package init(_ value: Value) {
      self.storage = Storage(value)
    }

    package borrowing func withLock<Result: Sendable, Failure: Error>(
      _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
      unsafe pthread_mutex_lock(storage.mutex)
      defer { unsafe pthread_mutex_unlock(storage.mutex) }
      return try body(&storage.value)
    }
  #else
    private let mutex: Mutex<Value>

    package init(_ value: consuming Value) {
      self.mutex = Mutex(value)
    }

    @inline(__always)
    package borrowing func withLock<Result: Sendable, Failure: Error>(
      _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
      try mutex.withLock { value throws(Failure) in try body(&value) }
    }
  #endif
}
