//! `init`: the documents that a workspace begins with.

use super::args::Init;
use super::output::{Failure, Output};
use crate::workbench::{Outcome, Request, Workbench};

pub fn run(verb: &Init, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    let beginning = bench.init(&verb.layouts, chrono::Local::now().fixed_offset());
    for (path, there) in &beginning.kept {
        out.note(&if path == there {
            format!("{path} is there already and stays as it is")
        } else {
            format!("{there} is there, so {path} is not created")
        });
    }
    let Some(operation) = beginning.operation else {
        return super::report(Outcome::Unchanged { message: "nothing is missing".to_owned() }, out);
    };
    let created: Vec<String> = operation.edits.iter().map(|edit| edit.doc.to_string()).collect();
    let request = Request::Commit(operation);
    if verb.dry.dry_run {
        return super::history::dry_run(&request, bench, out);
    }
    let outcome = bench.run(&request, &super::actor("cli"));
    if matches!(outcome, Outcome::Done { .. }) {
        for path in &created {
            out.text(path);
            if path.starts_with(".github/") {
                out.note(&format!("{path} needs a secret and variables: they stand at its top"));
            }
        }
    }
    super::report(outcome, out)
}
