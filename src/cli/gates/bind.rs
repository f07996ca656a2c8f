//! `gates bind`: proposes entries for `codex-tui.toml`.

use serde_json::json;

use super::super::output::{Failure, Output};
use crate::model::gate::{Proposal, proposals};
use crate::workbench::Workbench;

pub fn run(write: bool, dry_run: bool, plan: Option<&str>, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let subject = bench.gates();
    let of_plan = |proposal: &Proposal| {
        let clause = subject.list().clauses.iter().find(|clause| clause.id == proposal.id);
        plan.is_none_or(|plan| {
            clause.and_then(|clause| clause.plan.as_deref()).is_some_and(|own| own.eq_ignore_ascii_case(plan))
        })
    };
    let proposals: Vec<Proposal> = proposals(subject.list()).into_iter().filter(of_plan).collect();
    let text = proposals.iter().map(|proposal| proposal.text.as_str()).collect::<Vec<_>>().join("\n\n");
    let complete = proposals.iter().filter(|proposal| proposal.complete).count();
    if write && !dry_run && complete > 0 {
        let entries: Vec<&str> =
            proposals.iter().filter(|proposal| proposal.complete).map(|proposal| proposal.text.as_str()).collect();
        if let Err(outcome) = bench.append_to_config(&format!("{}\n", entries.join("\n\n"))) {
            return super::super::report(outcome, out);
        }
    }
    out.json(|| {
        json!({
            "schema": "codex-tui/gates-bind@1",
            "root": bench.view().root,
            "proposals": proposals.iter().map(|one| json!({"id": one.id, "complete": one.complete, "toml": one.text})).collect::<Vec<_>>(),
            "written": if write && !dry_run { complete } else { 0 },
        })
    });
    if write && !dry_run {
        out.text(&match complete {
            0 => "nothing to write: what was compiled is bound".to_owned(),
            some => {
                format!("{some} bindings added to codex-tui.toml; {} clauses are left for you", proposals.len() - some)
            }
        });
    } else {
        out.text(&text);
    }
    Ok(0)
}
