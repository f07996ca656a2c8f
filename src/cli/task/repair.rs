//! `task repair`: lists damaged rows with what is proposed, and writes one of them.

use crate::cli::args::DryRun;
use crate::cli::output::{Failure, Output};
use crate::workbench::Workbench;

pub fn run(
    place: Option<&str>,
    values: &[String],
    dry: &DryRun,
    bench: &mut Workbench,
    out: &mut Output,
) -> Result<u8, Failure> {
    let _ = (place, values, dry, bench, out);
    Err(Failure::usage("rows cannot be repaired yet".to_owned()))
}
