//! The self-test: one issue a run, created once, read back, and told as it is.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::desk::Desk;
use super::repair::Want;
use crate::hub::api::{NewIssue, repo_path};
use crate::hub::{Fetched, Hub, HubError};
use crate::model::track::book::Entry;
use crate::model::track::issue::parse;
use crate::model::track::label::Label;
use crate::model::track::ledger::Window;
use crate::model::track::telemetry::{Check, Note, Selftest, Status};

/// What came of a workflow: its body, how it ended, and what is to be said.
pub struct Outcome<B> {
    /// The body of its record.
    pub body: B,
    /// How it ended, if worse than its notes say.
    pub status: Status,
    /// Warnings of its own.
    pub warnings: Vec<Note>,
    /// Errors of its own.
    pub errors: Vec<Note>,
}

impl<B> Outcome<B> {
    /// One that went well so far.
    pub fn of(body: B) -> Outcome<B> {
        Outcome { body, status: Status::Ok, warnings: Vec::new(), errors: Vec::new() }
    }

    /// With a warning.
    pub fn warn(&mut self, code: &str, message: impl Into<String>) {
        self.warnings.push(Note::new(code, message));
    }

    /// With an error.
    pub fn error(&mut self, code: &str, message: impl Into<String>) {
        self.errors.push(Note::new(code, message));
    }
}

/// What the body of a self-test issue says of its run.
fn marker(run: &str) -> String {
    format!("codex-selftest run:{run} ")
}

impl Desk {
    /// Creates the issue of this run, unless it is there, and reads it back.
    pub fn selftest(&mut self, hub: &mut Hub, run: &str, at: DateTime<Utc>) -> Outcome<Selftest> {
        let mut outcome = Outcome::of(Selftest::default());
        let Some(milestone) = self.rules.milestones.selftest.clone() else {
            outcome.status = Status::Skipped;
            outcome.warn("milestone_missing", "there is no milestone for self-tests: no issue is made");
            return outcome;
        };
        outcome.body.milestone = Some(milestone.number.to_string());
        outcome.body.milestone_title = Some(milestone.title.clone());
        let mut check = |name: &str, ok: bool, message: Option<String>| {
            outcome.body.checks.push(Check { name: name.to_owned(), ok, message });
        };
        let number = match self.find_or_create(hub, run, at, milestone.number) {
            Ok(number) => {
                check("create", true, None);
                number
            }
            Err(why) => {
                check("create", false, Some(why.clone()));
                outcome.error("create_failed", why);
                return outcome;
            }
        };
        let path = format!("{}/issues/{number}", repo_path(&self.name));
        let read = hub.object(&path, false);
        let parsed = read.and_then(|(_, answer)| {
            parse(&answer.body, self.settings.exempt.as_deref(), hub.now())
                .map(|(issue, _)| issue)
                .map_err(|flaw| HubError::Broken(flaw.reason))
        });
        let issue = match parsed {
            Ok(issue) => {
                check("read_back", true, None);
                issue
            }
            Err(error) => {
                check("read_back", false, Some(error.to_string()));
                outcome.error("read_back_failed", format!("issue {number} could not be read back: {error}"));
                return outcome;
            }
        };
        let kept = issue.labels.has(Label::Codex) && issue.labels.has(Label::Selftest);
        check("labels_kept", kept, None);
        let placed = issue.milestone == crate::model::track::issue::Milestone::Number(milestone.number);
        check("milestone_kept", placed, None);
        outcome.body.issue = Some(number);
        self.book.total += u64::from(number > self.book.newest);
        self.book.take(issue, Vec::new());
        if !kept || !placed {
            let why = "the server dropped labels or milestone silently: the token may not set them";
            outcome.error("dropped", format!("issue {number}: {why}; it is closed again"));
            if let Err(miss) = self.make(hub, number, &Want::Closed) {
                outcome.error("stray", format!("issue {number} could not be closed: {}", miss.reason()));
            }
        }
        outcome
    }

    fn find_or_create(&mut self, hub: &mut Hub, run: &str, at: DateTime<Utc>, milestone: u64) -> Result<u64, String> {
        if let Some(number) = self.find(hub, run).map_err(|error| error.to_string())? {
            return Ok(number);
        }
        let new = NewIssue {
            title: format!("Codex Self-Test: {} UTC", at.format("%Y-%m-%d %H:%M")),
            body: format!("Made and closed by the pipeline.\n\n<!-- {}-->\n", marker(run)),
            labels: vec![self.spelled(Label::Codex), self.spelled(Label::Selftest)],
            milestone,
        };
        let sent = Entry::Sent { issue: 0, at: hub.now(), what: "create".to_owned() };
        self.shelf.note(&sent).map_err(|error| error.to_string())?;
        match hub.create_issue(&self.name, &new) {
            Ok((number, during)) => {
                self.book.did(number, Window::answered(during));
                Ok(number)
            }
            Err(HubError::Ambiguous { sent, why }) => {
                // It may be there. Never created twice: where it does not show, the next run looks again.
                for paces in [2, 4] {
                    hub.rest(paces).map_err(|error| error.to_string())?;
                    if let Ok(Some(number)) = self.find(hub, run) {
                        self.book.did(number, Window::unanswered(sent));
                        return Ok(number);
                    }
                }
                Err(format!("it is not known whether the issue was created ({why}); it is not created again"))
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// The issue of this run among the newest hundred. Not by label: the server may have dropped it.
    fn find(&mut self, hub: &mut Hub, run: &str) -> Result<Option<u64>, HubError> {
        let path = format!("{}/issues?state=all&sort=created&direction=desc&per_page=100", repo_path(&self.name));
        let Fetched::Fresh(answer) = hub.page(&path, None)? else { return Ok(None) };
        let list: Vec<Value> = serde_json::from_str(&answer.body).unwrap_or_default();
        let is_ours = |issue: &&Value| issue["body"].as_str().is_some_and(|body| body.contains(&marker(run)));
        Ok(list.iter().find(is_ours).and_then(|issue| issue["number"].as_u64()))
    }
}
