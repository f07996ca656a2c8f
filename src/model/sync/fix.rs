//! Several fixes as one operation.

use super::check::VERB;
use crate::model::finding::Finding;
use crate::op::{Change, Edit, Intent, Operation};

/// Two fixes that want different things in one place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "two fixes want the same cell of {doc}: {first}, and {second}; nothing was changed. Choose one with --rule or --id"
)]
pub struct Clash {
    /// The document.
    pub doc: String,
    /// What the first one is, and where.
    pub first: String,
    /// What the second one is, and where.
    pub second: String,
}

/// The operation that mends all of these findings that can be mended; none when none can.
pub fn mend<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Result<Option<Operation>, Clash> {
    let mut edits: Vec<(&'a Finding, Edit)> = Vec::new();
    let mut mended: Vec<&'a Operation> = Vec::new();
    for finding in findings {
        let Some(fix) = &finding.fix else { continue };
        mended.push(fix);
        for edit in &fix.edits {
            let known = edits.iter().find(|(_, other)| want_one_place(other, edit));
            match known {
                None => edits.push((finding, edit.clone())),
                Some((_, other)) if other == edit => {}
                Some((first, _)) => {
                    return Err(Clash { doc: edit.doc.to_string(), first: named(first), second: named(finding) });
                }
            }
        }
    }
    let summary = match mended.as_slice() {
        [] => return Ok(None),
        [one] => one.intent.summary.clone(),
        [first, _] => format!("{}, and 1 more fix", first.intent.summary),
        [first, rest @ ..] => format!("{}, and {} more fixes", first.intent.summary, rest.len()),
    };
    let intent = Intent { verb: VERB.to_owned(), summary };
    Ok(Some(Operation { intent, edits: edits.into_iter().map(|(_, edit)| edit).collect(), undoes: None }))
}

fn named(finding: &Finding) -> String {
    let id = finding.id.as_deref().unwrap_or_default();
    format!("{} of {id} ({})", finding.rule, finding.place())
}

fn want_one_place(a: &Edit, b: &Edit) -> bool {
    if a.doc != b.doc {
        return false;
    }
    match (&a.change, &b.change) {
        (Change::Set { cell: a, .. }, Change::Set { cell: b, .. }) => a == b,
        (Change::Rewrite { expect: a, occurrence: nth, .. }, Change::Rewrite { expect: b, occurrence: mth, .. }) => {
            (a, nth) == (b, mth)
        }
        // The same row need not be added twice; two different ones do not stand in each other's way.
        (Change::Add { .. }, Change::Add { .. }) => a.change == b.change,
        (Change::Set { .. } | Change::Add { .. } | Change::TakeOut { .. } | Change::Rewrite { .. }, _) => false,
    }
}
