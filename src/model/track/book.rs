//! What is remembered of a repository between two runs: where the enumeration stands, the open issues, our own writes, what is left
//! to do. Kept as one JSON file with one issue a line, and a journal beside it that says what happened since.
//!
//! Losing it costs a full enumeration and the ages before our own writes, nothing else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::issue::{Code, Flaw, Issue, Milestone};
use super::label::Labels;
use super::ledger::{Before, Window, human};
use super::supervise::Counted;

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

/// A page of the list of all issues, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Its address.
    pub url: String,
    /// Its `ETag`; none if it has to be read again.
    pub etag: Option<String>,
    /// The address of the next one.
    pub next: Option<String>,
    /// The numbers of its issues, from the smallest to the largest.
    pub numbers: Option<(u64, u64)>,
    /// How many there were.
    pub items: u64,
    /// How many had no number.
    pub nameless: u64,
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
    /// The server's time of the last full enumeration that was complete.
    pub swept: Option<i64>,
    /// The pages of that enumeration.
    pub pages: Vec<Page>,
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

type Row = (u64, String, String, u16, u8, Option<i64>, Option<i64>, Option<i64>, Option<i64>);

#[derive(Serialize, Deserialize)]
struct Stored {
    schema: String,
    epoch: u64,
    repository: String,
    repository_id: Option<u64>,
    exempt: Option<String>,
    project: Option<String>,
    cursor: Option<i64>,
    swept: Option<i64>,
    total: u64,
    newest: u64,
    deferred: Vec<u64>,
    counted: Option<Counted>,
    ours: Vec<(u64, i64, i64)>,
    flaws: Vec<(u64, String)>,
    pages: Vec<Page>,
    /// Number, id, title, labels, flags, milestone, created, updated, human.
    issues: Vec<Row>,
}

const PULL: u8 = 1;
const DASHBOARD: u8 = 2;
const LABELS_KNOWN: u8 = 4;
const MEMBER_KNOWN: u8 = 8;
const MEMBER: u8 = 16;
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
        let ours = self.ours.get(&number).map_or(&[][..], Vec::as_slice);
        let human = human(known, issue.updated, issue.created, ours);
        let member = before.and_then(|seen| seen.member);
        self.seen.insert(number, Seen { issue, human, member });
    }

    /// Remembers a write of ours.
    pub fn wrote(&mut self, number: u64, window: Window) {
        self.ours.entry(number).or_default().push(window);
    }

    /// Forgets writes that cannot be taken for somebody else's any more.
    pub fn forget(&mut self, now: i64) {
        let seen = &self.seen;
        self.ours.retain(|number, windows| {
            let updated = seen.get(number).and_then(|seen| seen.issue.updated);
            windows
                .retain(|window| window.to + KEEP_WINDOWS > now && updated.is_none_or(|updated| updated <= window.to));
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
                    self.wrote(*issue, Window::answered(*during));
                    if !open {
                        self.seen.remove(issue);
                    } else if let Some(seen) = self.seen.get_mut(issue) {
                        seen.issue.labels = Labels::of_bits(*labels);
                        seen.issue.milestone = milestone_of(*milestone);
                        seen.member = member.or(seen.member);
                    }
                }
            }
        }
        (answered, sent - answered)
    }

    /// The file's bytes.
    pub fn to_json(&self) -> Vec<u8> {
        let row = |seen: &Seen| {
            let flag = |is: bool, bit: u8| if is { bit } else { 0 };
            let issue = &seen.issue;
            let flags = flag(issue.pull, PULL)
                | flag(issue.names_dashboard, DASHBOARD)
                | flag(issue.labels_known, LABELS_KNOWN)
                | flag(seen.member.is_some(), MEMBER_KNOWN)
                | flag(seen.member == Some(true), MEMBER);
            (
                issue.number,
                issue.node.to_string(),
                issue.title.to_string(),
                issue.labels.bits(),
                flags,
                milestone_to(issue.milestone),
                issue.created,
                issue.updated,
                seen.human,
            )
        };
        let ours = self.ours.iter();
        let flaws = self.flaws.iter();
        super::telemetry::to_json(&Stored {
            schema: SCHEMA.to_owned(),
            epoch: self.epoch,
            repository: self.repository.clone(),
            repository_id: self.id,
            exempt: self.exempt.clone(),
            project: self.project.clone(),
            cursor: self.cursor,
            swept: self.swept,
            total: self.total,
            newest: self.newest,
            deferred: self.deferred.clone(),
            counted: self.counted.clone(),
            ours: ours.flat_map(|(number, all)| all.iter().map(|w| (*number, w.from, w.to))).collect(),
            flaws: flaws
                .flat_map(|(number, all)| all.iter().map(|flaw| (*number, flaw.code.word().to_owned())))
                .collect(),
            pages: self.pages.clone(),
            issues: self.seen.values().map(row).collect(),
        })
    }

    /// Reads the file.
    ///
    /// # Errors
    /// Why it cannot be used; the caller then begins anew.
    pub fn parse(text: &str) -> Result<Book, String> {
        let stored: Stored = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if stored.schema != SCHEMA {
            return Err(format!(
                "its form is `{}`, not `{SCHEMA}`",
                stored.schema.chars().take(60).collect::<String>()
            ));
        }
        let mut book = Book {
            epoch: stored.epoch,
            repository: stored.repository,
            id: stored.repository_id,
            exempt: stored.exempt,
            project: stored.project,
            cursor: stored.cursor,
            swept: stored.swept,
            pages: stored.pages,
            total: stored.total,
            newest: stored.newest,
            deferred: stored.deferred,
            counted: stored.counted,
            ..Book::default()
        };
        for (number, from, to) in stored.ours {
            book.wrote(number, Window { from, to });
        }
        for (number, word) in stored.flaws {
            let code = Code::of_word(&word).ok_or_else(|| "a code that is not known".to_owned())?;
            book.flaws.entry(number).or_default().push(Flaw::new(Some(number), code));
        }
        for (number, node, title, labels, flags, milestone, created, updated, human) in stored.issues {
            let is = |bit: u8| flags & bit != 0;
            let issue = Issue {
                number,
                node: node.into(),
                title: title.into(),
                names_dashboard: is(DASHBOARD),
                open: true,
                pull: is(PULL),
                labels: Labels::of_bits(labels),
                labels_known: is(LABELS_KNOWN),
                milestone: milestone_of(milestone),
                created,
                updated,
            };
            let member = is(MEMBER_KNOWN).then(|| is(MEMBER));
            book.seen.insert(number, Seen { issue, human, member });
        }
        Ok(book)
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
mod tests {
    use super::*;
    use crate::model::track::label::Label;

    fn book() -> Book {
        let mut book = Book { epoch: 3, repository: "acme/widgets".to_owned(), id: Some(7), ..Book::default() };
        let issue = |number, updated| Issue {
            number,
            node: format!("I_{number}").into(),
            open: true,
            labels: [Label::Codex].into_iter().collect(),
            labels_known: true,
            milestone: Milestone::Number(2),
            created: Some(10),
            updated: Some(updated),
            ..Issue::default()
        };
        book.take(issue(1, 500), Vec::new());
        book.take(
            Issue { milestone: Milestone::Malformed, pull: true, ..issue(2, 600) },
            vec![Flaw::new(Some(2), Code::MilestoneMalformed)],
        );
        book.pages = vec![Page { url: "u".to_owned(), numbers: Some((1, 2)), items: 2, ..Page::default() }];
        book.wrote(1, Window { from: 5, to: 6 });
        book.deferred = vec![1];
        book
    }

    #[test]
    fn a_book_reads_back() {
        let book = book();
        let text = String::from_utf8(book.to_json()).expect("UTF-8");
        assert_eq!(Book::parse(&text), Ok(book));
        for broken in ["", "{}", "[]", &text[..text.len() / 2], &text.replace("state@1", "state@9")] {
            assert!(Book::parse(broken).is_err());
        }
    }

    #[test]
    fn a_closed_issue_goes_and_an_older_state_is_passed_over() {
        let mut book = book();
        let older = Issue { updated: Some(400), labels: Labels::default(), ..book.seen[&1].issue.clone() };
        book.take(older.clone(), Vec::new());
        assert_eq!(book.seen[&1].issue.updated, Some(500));
        book.take(Issue { updated: Some(700), open: false, ..older }, Vec::new());
        assert_eq!(book.seen.keys().copied().collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn an_interrupted_run_is_taken_in() {
        let mut book = book();
        let entries = [
            Entry::Begin { epoch: 3, run: "r".to_owned() },
            Entry::Sent { issue: 1, at: 1000, what: "label".to_owned() },
            Entry::Done { issue: 1, during: (1000, 1001), labels: 3, milestone: Some(4), open: true, member: None },
            Entry::Sent { issue: 2, at: 1002, what: "milestone".to_owned() },
        ];
        let lines: Vec<String> = entries.iter().map(|entry| serde_json::to_string(entry).expect("JSON")).collect();
        let text = lines.join("\n") + "\n{\"entry\":\"se";
        assert_eq!(journal(&text, 3), entries);
        assert_eq!(journal(&text, 4), []);
        assert_eq!(book.replay(&entries), (1, 1));
        assert_eq!(book.seen[&1].issue.labels.names(), ["codex", "codex-trackmain"]);
        assert_eq!(book.ours[&1], [Window { from: 5, to: 6 }, Window::answered((1000, 1001))]);
        // Our write moved it: the human activity stays.
        let moved = Issue { updated: Some(1001), ..book.seen[&1].issue.clone() };
        book.take(moved, Vec::new());
        assert_eq!(book.seen[&1].human, Some(500));
        let moved = Issue { updated: Some(1030), ..book.seen[&2].issue.clone() };
        book.take(moved, Vec::new());
        assert_eq!(book.seen[&2].human, Some(600));
        book.forget(2000);
        assert_eq!(book.ours.keys().copied().collect::<Vec<_>>(), [1, 2]);
    }
}
