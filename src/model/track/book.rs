//! What is remembered of a repository between two runs: where the enumeration stands, the open issues, our own writes, what is left
//! to do. Kept as one JSON file with one issue a line, and a journal beside it that says what happened since.
//!
//! Losing it costs a full enumeration and the ages before our own writes, nothing else.

mod noise;
mod page;
mod stored;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::issue::{Flaw, Issue, Milestone};
use super::label::Labels;
use super::ledger::{Before, Mark, Window, human};
use super::supervise::Counted;
pub use noise::{DAYS, Noise};
pub use page::{DAY, ListPage, Page, covered, due};

/// The form of the file.
pub const SCHEMA: &str = "codex-tui/track-state@1";

/// An open issue or pull request as it was seen last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The issue.
    pub issue: Issue,
    /// The last human activity.
    pub human: Option<i64>,
    /// Whether it is in the project, once that is known.
    pub member: Option<bool>,
}

/// What is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    /// Counts the times that it was saved: a journal belongs to one of them.
    pub epoch: u64,
    /// `owner/name`.
    pub repository: String,
    /// The repository's id.
    pub id: Option<u64>,
    /// The label that exempts, as it was when issues were read.
    pub exempt: Option<String>,
    /// The project whose members are known.
    pub project: Option<String>,
    /// The server's time from which on changes have to be looked for.
    pub cursor: Option<i64>,
    /// The pages of the list of all issues, in its order, each with the time when it was looked at.
    pub pages: Vec<Page>,
    /// The small lists, as they were read last.
    pub lists: Vec<ListPage>,
    /// Issues ever seen, closed ones and pull requests with them.
    pub total: u64,
    /// The largest number ever seen.
    pub newest: u64,
    /// Open issues and pull requests.
    pub seen: BTreeMap<u64, Seen>,
    /// What is wrong with issues, closed ones too.
    pub flaws: BTreeMap<u64, Vec<Flaw>>,
    /// Our writes that may still be taken for somebody else's.
    pub ours: BTreeMap<u64, Vec<Window>>,
    /// Issues that the last run did not come to.
    pub deferred: Vec<u64>,
    /// What the supervisor counted last.
    pub counted: Option<Counted>,
    /// How much of what happens is ours.
    pub noise: Noise,
}

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "lowercase")]
pub enum Entry {
    /// The first line: which state it continues.
    Begin {
        /// That state's epoch.
        epoch: u64,
        /// The run.
        run: String,
    },
    /// A write goes out now.
    Sent {
        /// The issue; 0 for one that is to be created.
        issue: u64,
        /// The server's time.
        at: i64,
        /// What for.
        what: String,
    },
    /// A write was answered, and the answer says that it is done.
    Done {
        /// The issue.
        issue: u64,
        /// The server's time from sending to answer.
        during: (i64, i64),
        /// The labels that matter, afterwards.
        labels: u16,
        /// The milestone afterwards.
        milestone: Option<i64>,
        /// Whether it is still open.
        open: bool,
        /// Whether it is in the project.
        member: Option<bool>,
    },
}

/// Days that our writes are kept when the issue does not show up any more.
const KEEP_WINDOWS: i64 = 7 * 86400;

/// A milestone as a number: −1 for a malformed one.
pub fn milestone_to(milestone: Milestone) -> Option<i64> {
    match milestone {
        Milestone::None => None,
        Milestone::Number(number) => i64::try_from(number).ok(),
        Milestone::Malformed => Some(-1),
    }
}

/// The milestone of such a number.
pub fn milestone_of(number: Option<i64>) -> Milestone {
    match number.map(u64::try_from) {
        None => Milestone::None,
        Some(Ok(number)) => Milestone::Number(number),
        Some(Err(_)) => Milestone::Malformed,
    }
}

impl Seen {
    /// A write of ours was answered without telling `updated_at`: it is not before the window began, so that whatever still shows
    /// an earlier one is passed over.
    pub fn overlay(&mut self, window: Window) {
        self.issue.updated = self.issue.updated.map(|updated| updated.max(window.from));
    }
}

impl Book {
    /// Takes in an issue as it was just read. Keeps it only while it is open. An older state than the one known is passed over:
    /// lists lag behind writes.
    pub fn take(&mut self, mut issue: Issue, flaws: Vec<Flaw>) {
        let number = issue.number;
        self.newest = self.newest.max(number);
        let before = self.seen.get(&number);
        if let Some(before) = before
            && let (Some(known), Some(updated)) = (before.issue.updated, issue.updated)
            && updated < known
        {
            return;
        }
        if flaws.is_empty() {
            self.flaws.remove(&number);
        } else {
            self.flaws.insert(number, flaws);
        }
        let ours = self.ours.get(&number).map_or(&[][..], Vec::as_slice);
        if let Some(updated) = issue.updated
            && before.is_none_or(|before| before.issue.updated != Some(updated))
            && (before.is_some() || issue.open)
            && !ours.iter().any(|window| window.has(updated))
        {
            self.noise.others(updated);
        }
        if !issue.open {
            self.seen.remove(&number);
            return;
        }
        if let Some(before) = before {
            // What cannot be read does not take away what is known: a milestone that we set and that was read back then.
            if issue.milestone == Milestone::Malformed {
                issue.milestone = before.issue.milestone;
            }
            if !issue.labels_known && before.issue.labels_known {
                issue.labels = before.issue.labels;
                issue.labels_known = true;
            }
        }
        let known = before.map(|seen| Before { updated: seen.issue.updated, human: seen.human });
        let human = human(known, issue.updated, issue.created, ours);
        let member = before.and_then(|seen| seen.member);
        self.seen.insert(number, Seen { issue, human, member });
    }

    /// Remembers a write of ours.
    pub fn wrote(&mut self, number: u64, window: Window) {
        self.ours.entry(number).or_default().push(window);
    }

    /// Remembers a write of ours that was read back.
    pub fn did(&mut self, number: u64, window: Window) {
        self.wrote(number, window);
        self.noise.ours(window.to);
    }

    /// Open issues whose last change falls into a window that is wide, and into no other: it may be somebody else's.
    pub fn doubtful(&self) -> Vec<u64> {
        let is_doubtful = |(number, windows): &(&u64, &Vec<Window>)| {
            let updated = self.seen.get(number).and_then(|seen| seen.issue.updated);
            updated.is_some_and(|updated| {
                let mut holding = windows.iter().filter(|window| window.has(updated)).peekable();
                holding.peek().is_some() && holding.all(|window| window.is_wide())
            })
        };
        self.ours.iter().filter(is_doubtful).map(|(number, _)| *number).collect()
    }

    /// Decides about a doubtful issue by its timeline; without one its last change counts as ours. A wide window in which none of
    /// our writes shows stays open as long as one may still take effect.
    pub fn settle(&mut self, number: u64, marks: Option<Vec<Mark>>, now: i64) {
        let (Some(seen), Some(windows)) = (self.seen.get_mut(&number), self.ours.get_mut(&number)) else { return };
        let Some(updated) = seen.issue.updated else { return };
        let (wide, narrow): (Vec<Window>, Vec<Window>) = windows.iter().partition(|window| window.is_wide());
        *windows = narrow;
        let Some(marks) = marks else { return windows.push(Window::answered((updated, updated))) };
        let inside = |mark: &&Mark| wide.iter().any(|window| window.has(mark.at));
        windows.extend(
            marks.iter().filter(inside).filter(|mark| mark.ours).map(|mark| Window::answered((mark.at, mark.at))),
        );
        let moved = Some(updated).filter(|updated| !windows.iter().any(|window| window.has(*updated)));
        let others = marks.iter().filter(inside).filter(|mark| !mark.ours).map(|mark| mark.at).chain(moved).max();
        if let Some(at) = others {
            seen.human = seen.human.max(Some(at));
            self.noise.others(at);
        }
        if !marks.iter().any(|mark| mark.ours && inside(&mark)) {
            windows.extend(wide.into_iter().filter(|window| window.to >= now));
        }
    }

    /// Forgets writes that cannot be taken for somebody else's any more.
    pub fn forget(&mut self, now: i64) {
        let seen = &self.seen;
        self.ours.retain(|number, windows| {
            let updated = seen.get(number).and_then(|seen| seen.issue.updated);
            windows.retain(|window| {
                window.to.saturating_add(KEEP_WINDOWS) > now && updated.is_none_or(|updated| updated <= window.to)
            });
            !windows.is_empty()
        });
    }

    /// Takes in what a run noted before it was interrupted; returns how many of its writes were answered and how many were not.
    pub fn replay(&mut self, entries: &[Entry]) -> (usize, usize) {
        let (mut answered, mut sent) = (0, 0);
        for entry in entries {
            match entry {
                Entry::Begin { .. } => {}
                Entry::Sent { issue, at, .. } => {
                    sent += 1;
                    self.wrote(*issue, Window::unanswered(*at));
                }
                Entry::Done { issue, during, labels, milestone, open, member } => {
                    answered += 1;
                    // The answer says when it was; the guess made at sending is not needed any more.
                    if let Some(windows) = self.ours.get_mut(issue) {
                        windows.pop();
                    }
                    self.did(*issue, Window::answered(*during));
                    if !open {
                        self.seen.remove(issue);
                    } else if let Some(seen) = self.seen.get_mut(issue) {
                        seen.issue.labels = Labels::of_bits(*labels);
                        seen.issue.milestone = milestone_of(*milestone);
                        seen.member = member.or(seen.member);
                        seen.overlay(Window::answered(*during));
                    }
                }
            }
        }
        (answered, sent - answered)
    }
}

/// The entries of a journal that continues a state of that epoch. A last line that broke off is passed over; a journal of another
/// epoch is already part of the state.
pub fn journal(text: &str, epoch: u64) -> Vec<Entry> {
    let entries: Vec<Entry> = text.lines().map_while(|line| serde_json::from_str(line).ok()).collect();
    match entries.first() {
        Some(Entry::Begin { epoch: of, .. }) if *of == epoch => entries,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
