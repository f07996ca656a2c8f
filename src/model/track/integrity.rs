//! The integrity list of a repository: what reading found, and what can only be seen against the milestones.

use super::book::Book;
use super::issue::{Code, Flaw, Milestone};
use super::rules::Rules;
use super::telemetry::Integrity;

/// All findings, by issue. Findings that are only worth knowing come after the others.
pub fn integrity(book: &Book, rules: &Rules) -> Integrity {
    let nameless: u64 = book.pages.iter().map(|page| page.nameless).sum();
    let mut flaws: Vec<Flaw> = (0..nameless).map(|_| Flaw::new(None, Code::NumberMissing)).collect();
    flaws.extend(book.flaws.values().flatten().cloned());
    for seen in book.seen.values().filter(|seen| !seen.issue.pull) {
        let number = Some(seen.issue.number);
        if rules.is_deleted(seen.issue.milestone) {
            flaws.push(Flaw::new(number, Code::MilestoneDeleted));
        } else if seen.issue.milestone == Milestone::None && rules.is_managed(&seen.issue) {
            flaws.push(Flaw::new(number, Code::MilestoneNull));
        }
    }
    flaws.sort_by_key(|flaw| (flaw.code.is_info(), flaw.number, flaw.code));
    Integrity { scanned: book.total, malformed: flaws.iter().map(Flaw::record).collect() }
}

/// Whether something is wrong that does not come right by itself.
pub fn is_sound(integrity: &Integrity) -> bool {
    integrity.malformed.iter().all(|one| Code::of_word(&one.code).is_some_and(Code::is_info))
}
