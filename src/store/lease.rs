//! Waits for writers: as far as the system tells who has a file open.

use std::fs::File;
use std::time::{Duration, Instant};

use crate::sys::Writers;
use crate::sys::file::writers;

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
