//! Asks the kernel whether somebody has a file open for writing: a read lease is granted only when nobody has.
//!
//! Limits: Linux only, and only for the owner of the file or a process that may take leases; otherwise nobody knows.

use std::fs::File;
use std::time::{Duration, Instant};

/// Who has a file open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writers {
    /// Nobody has it open for writing.
    None,
    /// Somebody has.
    Some,
    /// The system does not tell.
    Unknown,
}

/// `F_SETSIG` of `fcntl(2)`, which the binding does not name.
#[cfg(target_os = "linux")]
const F_SETSIG: libc::c_int = 10;

/// Whether somebody has the file open for writing. `file` must be open for reading only.
#[cfg(target_os = "linux")]
pub fn writers(file: &File) -> Writers {
    use std::os::fd::AsRawFd;
    let fd = file.as_raw_fd();
    // A lease that is broken while it is held sends a signal; SIGURG is ignored by default, SIGIO would end us.
    if fcntl(fd, F_SETSIG, libc::SIGURG) < 0 {
        return Writers::Unknown;
    }
    if fcntl(fd, libc::F_SETLEASE, libc::F_RDLCK) == 0 {
        fcntl(fd, libc::F_SETLEASE, libc::F_UNLCK);
        return Writers::None;
    }
    match std::io::Error::last_os_error().raw_os_error() {
        Some(libc::EAGAIN) => Writers::Some,
        Some(_) | None => Writers::Unknown,
    }
}

/// `fcntl` with an integer argument touches no memory of ours, and a descriptor that is no longer open makes it fail.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn fcntl(fd: std::os::fd::RawFd, command: libc::c_int, argument: libc::c_int) -> libc::c_int {
    // SAFETY: see above.
    unsafe { libc::fcntl(fd, command, argument) }
}

/// Whether somebody has the file open for writing.
#[cfg(not(target_os = "linux"))]
pub fn writers(_file: &File) -> Writers {
    Writers::Unknown
}

/// Waits until nobody has the file open for writing any more, at most `limit`. What is known at the end.
pub fn wait_for_writers(file: &File, limit: Duration) -> Writers {
    let start = Instant::now();
    let mut pause = Duration::from_micros(200);
    loop {
        let now = writers(file);
        if now != Writers::Some || start.elapsed() >= limit {
            return now;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}
