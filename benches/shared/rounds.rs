//! How long something takes, over several rounds.

use std::time::{Duration, Instant};

/// Runs it once to warm up and so many times for the figures, which are printed.
pub fn time(what: &str, rounds: usize, mut run: impl FnMut()) {
    run();
    let mut took: Vec<Duration> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    took.sort();
    println!("{what:<30} median {:>9.3?}  min {:>9.3?}  max {:>9.3?}", took[rounds / 2], took[0], took[rounds - 1]);
}
