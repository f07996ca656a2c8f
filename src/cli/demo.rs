//! `demo`: the embedded workspace, written into a folder, opened in the cockpit.

use std::path::Path;

use super::args::{Args, Demo};
use super::output::{Failure, Output};
use crate::workbench::demo;

pub fn run(verb: &Demo, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    match &verb.dir {
        Some(dir) => {
            demo::write(verb.layout, dir).map_err(|error| Failure::io(error.to_string()))?;
            open(dir, verb, args, out)
        }
        None => {
            let dir = demo::temporary_of(verb.layout).map_err(|error| Failure::io(error.to_string()))?;
            if verb.write_only {
                return open(&dir.keep(), verb, args, out);
            }
            // The folder goes when the cockpit has closed.
            open(dir.path(), verb, args, out)
        }
    }
}

fn open(dir: &Path, verb: &Demo, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    if verb.write_only {
        out.json(|| serde_json::json!({"schema": "codex-tui/demo@1", "root": dir}));
        out.text(&dir.display().to_string());
        return Ok(0);
    }
    super::cockpit(dir.to_owned(), args)
}
