//! What the cockpit tells the operator: the status line, the banner of a failed save, writes that are under way.

use super::overlay::ConflictDialog;
use crate::workbench::{Outcome, View};

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It worked.
    Good,
    /// For information.
    Plain,
    /// It did not work.
    Bad,
}

/// What the status line says until the next key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// How it is meant.
    pub tone: Tone,
    /// What it says.
    pub text: String,
}

/// All that is to be told.
#[derive(Debug, Default)]
pub struct Messages {
    /// Gone with the next key.
    pub status: Option<Status>,
    /// A failed save, until one succeeds.
    pub banner: Option<String>,
    /// Writes that were ordered and not answered.
    pub pending: usize,
    /// The newest message, in full.
    last: String,
}

impl Messages {
    /// Says something in the status line.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        let text = text.into();
        self.last.clone_from(&text);
        self.status = Some(Status { tone, text });
    }

    /// Says something that stays.
    pub fn fail(&mut self, text: String) {
        self.last.clone_from(&text);
        self.banner = Some(text);
    }

    /// A write was answered; a conflict needs a decision.
    pub fn answered(&mut self, outcome: Outcome) -> Option<ConflictDialog> {
        self.pending = self.pending.saturating_sub(1);
        match outcome {
            Outcome::Done { message, notes, .. } => {
                self.banner = None;
                let text = std::iter::once(message).chain(notes).collect::<Vec<_>>().join("; ");
                self.say(Tone::Good, text);
            }
            Outcome::Unchanged { message } => self.say(Tone::Plain, message),
            Outcome::Conflict { conflicts, mine } => {
                self.say(Tone::Bad, "changed meanwhile by someone else; nothing was written");
                return Some(ConflictDialog::new(conflicts, mine));
            }
            Outcome::Refused { message } | Outcome::Forbidden { message, .. } => self.say(Tone::Bad, message),
            // What the disk or the document prevents has to be known until a write succeeds.
            Outcome::Damaged { message } | Outcome::Failed { message } => self.fail(message),
        }
        None
    }

    /// Everything there is to tell, in full.
    pub fn in_full(&self, view: &View) -> Vec<String> {
        let mut lines: Vec<String> = self.banner.iter().map(|text| format!("Not saved: {text}")).collect();
        lines.extend(view.notices.iter().map(|notice| notice.text.clone()));
        lines.extend(view.damaged.iter().map(|(doc, count)| {
            let places = if *count == 1 { "place" } else { "places" };
            format!("{doc}: {count} damaged {places}; `codex-tui doctor` names them")
        }));
        if !self.last.is_empty() && self.banner.as_ref() != Some(&self.last) {
            lines.push(format!("Last message: {}", self.last));
        }
        if lines.is_empty() {
            lines.push("Nothing to report.".to_owned());
        }
        lines
    }
}
