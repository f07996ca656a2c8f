//! The book as a file: one JSON object with one issue a line, so that a difference between two runs is short.

use serde::{Deserialize, Serialize};

use super::{Book, ListPage, Noise, Page, SCHEMA, Seen, milestone_of, milestone_to};
use crate::model::track::issue::{Code, Flaw, Issue};
use crate::model::track::label::Labels;
use crate::model::track::ledger::Window;
use crate::model::track::supervise::Counted;
use crate::model::track::telemetry::to_json;

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
    total: u64,
    newest: u64,
    deferred: Vec<u64>,
    counted: Option<Counted>,
    ours: Vec<(u64, i64, i64)>,
    flaws: Vec<(u64, String)>,
    #[serde(default)]
    noise: Noise,
    #[serde(default)]
    lists: Vec<ListPage>,
    pages: Vec<Page>,
    /// Number, id, title, labels, flags, milestone, created, updated, human.
    issues: Vec<Row>,
}

const PULL: u8 = 1;
const DASHBOARD: u8 = 2;
const LABELS_KNOWN: u8 = 4;
const MEMBER_KNOWN: u8 = 8;
const MEMBER: u8 = 16;

impl Book {
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
        to_json(&Stored {
            schema: SCHEMA.to_owned(),
            epoch: self.epoch,
            repository: self.repository.clone(),
            repository_id: self.id,
            exempt: self.exempt.clone(),
            project: self.project.clone(),
            cursor: self.cursor,
            total: self.total,
            newest: self.newest,
            deferred: self.deferred.clone(),
            counted: self.counted.clone(),
            ours: ours.flat_map(|(number, all)| all.iter().map(|w| (*number, w.from, w.to))).collect(),
            flaws: flaws
                .flat_map(|(number, all)| all.iter().map(|flaw| (*number, flaw.code.word().to_owned())))
                .collect(),
            noise: self.noise.clone(),
            lists: self.lists.clone(),
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
            noise: stored.noise,
            lists: stored.lists,
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
