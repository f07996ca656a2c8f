//! One heap for all threads. The C library gives each thread a heap of its own, and what a thread frees there stays with the
//! process: with the threads that load, watch, judge and listen that is a fifth of the cockpit's memory. Allocation is no
//! bottleneck here, so sharing one costs nothing that can be measured.

/// Makes all threads share the heap of the first one. To be called before there are others. Does nothing where the C library
/// is not glibc.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
pub fn share() {
    // SAFETY: sets one number of the allocator; no memory of ours is touched, and no other thread runs yet.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn share() {}
