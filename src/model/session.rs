//! Session logs: `docs/agents/sessions/YYYY-MM-DD_session-NNNN.md` (`formats.md` §7).
//!
//! Starting one is in `session/start.rs`, what is written into it while it goes on in `session/note.rs`, its level in
//! `session/level.rs`.

pub mod block;
pub mod changed;
pub mod facts;
pub mod finish;
pub(in crate::model) mod form;
pub mod handoff;
pub mod level;
pub mod netops;
pub mod note;
pub mod open;
pub mod overrides;
pub mod plan;
pub mod record;
pub mod start;

use chrono::NaiveDate;

use super::autonomy::Level;
use super::cite;
use crate::doc::{DocId, Document};

/// What a session log says of itself. Keys that are missing stay empty: early logs have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionLog {
    /// The log.
    pub doc: DocId,
    /// Name of the session: the file's stem, for example `2025-12-22_session-0015`.
    pub name: String,
    /// Date from the file name.
    pub date: Option<NaiveDate>,
    /// Number from the file name.
    pub number: Option<u32>,
    /// `**Role:**`.
    pub role: String,
    /// `**Task board card:**` (or `cards`, or `Plans / Tasks`), as written.
    pub card: String,
    /// 1-based line of the card.
    pub card_line: Option<usize>,
    /// Task ids on the card line, in order.
    pub tasks: Vec<String>,
    /// `**Autonomy level:**` (or `Level`), as written.
    pub level: String,
    /// 1-based line of the level.
    pub level_line: Option<usize>,
    /// `Status:` of the outcome, as written.
    pub status: String,
    /// What early logs say instead: the first item under a heading `Outcome` or `Result`.
    pub outcome: String,
}

impl SessionLog {
    /// What the path of a log says: its name, date and number. The rest is empty.
    pub fn named(id: &DocId) -> SessionLog {
        let (date, number) = name_parts(id.stem());
        SessionLog {
            doc: id.clone(),
            name: id.stem().to_owned(),
            date,
            number,
            role: String::new(),
            card: String::new(),
            card_line: None,
            tasks: Vec::new(),
            level: String::new(),
            level_line: None,
            status: String::new(),
            outcome: String::new(),
        }
    }

    /// Reads a log.
    pub fn project(doc: &Document) -> SessionLog {
        let mut log = SessionLog::named(doc.id());
        let Some(markdown) = doc.markdown() else { return log };
        for bullet in markdown.key_bullets() {
            let key = doc.text(&bullet.key).to_ascii_lowercase();
            let value = || doc.text(&bullet.value).into_owned();
            match key.trim_end_matches(':') {
                "role" if log.role.is_empty() => log.role = value(),
                "autonomy level" | "level" if log.level_line.is_none() => {
                    log.level = value();
                    log.level_line = Some(bullet.line);
                }
                "task board card" | "task board cards" | "plans / tasks" if log.card.is_empty() => {
                    log.card = value();
                    log.card_line = Some(bullet.line);
                }
                _ => {}
            }
        }
        for item in markdown.items() {
            let text = doc.text(&item.text);
            let plain = text.trim_start_matches("**");
            if let Some(status) = plain.strip_prefix("Status:") {
                log.status = status.trim_start_matches("**").trim().to_owned();
            } else if log.outcome.is_empty() && says_outcome(&markdown.heading_text(item.heading)) {
                log.outcome = text.into_owned();
            }
        }
        log.tasks = cite::task_ids(&log.card);
        log
    }

    /// The level that the header says, which is not yet the one in force ([`level::in_force`]); without one it is
    /// [`Level::DEFAULT`].
    pub fn level(&self) -> Level {
        Level::in_header(&self.level)
    }

    /// The status of the outcome, unless it is still the template's `<…>`.
    pub fn said_status(&self) -> &str {
        let is_placeholder = self.status.starts_with('<') && self.status.ends_with('>');
        if is_placeholder { "" } else { &self.status }
    }

    /// Sort key: date, number, name. The largest is the newest log, the active session.
    pub fn order(&self) -> (Option<NaiveDate>, Option<u32>, &str) {
        (self.date, self.number, &self.name)
    }
}

/// Whether what stands under this heading says how a session ended.
fn says_outcome(heading: &str) -> bool {
    let heading = heading.to_lowercase();
    heading.starts_with("outcome") || heading.starts_with("result")
}

/// `2025-12-22_session-0015` is of 2025-12-22 and has number 15.
fn name_parts(stem: &str) -> (Option<NaiveDate>, Option<u32>) {
    let date = stem.get(..10).and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
    let digits = stem.len() - stem.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let number = if stem.len() > 10 { stem[stem.len() - digits..].parse().ok() } else { None };
    (date, number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_logs() {
        let date = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        assert_eq!(name_parts("2025-12-22_session-0015"), (date("2025-12-22"), Some(15)));
        assert_eq!(name_parts("2025-12-22"), (date("2025-12-22"), None));
        assert_eq!(name_parts("README"), (None, None));
    }

    #[test]
    fn a_log_with_a_bom_and_a_card() {
        let text = "\u{feff}# Agent Session Log\r\n- **Date:** 2026-01-02\r\n- **Role:** Docs\r\n- **Task board card:** HB-A-001 \
                    Probe, HB-B-002\r\n\r\n## Outcome\r\n- Status: Done\r\n";
        let id = DocId::new("docs/agents/sessions/2026-01-02_session-0003.md").expect("a path");
        let log = SessionLog::project(&Document::parse(id, text.as_bytes().to_vec()));
        assert_eq!((log.role.as_str(), log.status.as_str(), log.level()), ("Docs", "Done", Level::DEFAULT));
        assert_eq!(log.tasks, ["HB-A-001", "HB-B-002"]);
    }

    #[test]
    fn the_level_is_a_word_of_its_line() {
        let id = DocId::new("docs/agents/sessions/2026-01-02_session-0003.md").expect("a path");
        let text = b"- **Autonomy level:** **L0** (reading only)\n".to_vec();
        let log = SessionLog::project(&Document::parse(id, text));
        assert_eq!((log.level(), log.level_line), (Level::L0, Some(1)));
    }
}
