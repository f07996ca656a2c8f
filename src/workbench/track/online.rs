//! Who may ask a server, what is shown before it is asked, and what is recorded of it afterwards: the same for both front ends.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use chrono::{Local, NaiveDateTime};

use super::ask::{Wish, ask};
use super::run::{Ask, Refused, Report, token};
use crate::doc::DocId;
use crate::hub::token::Token;
use crate::model::autonomy::{Action, Doing};
use crate::model::session::netops::Happened;
use crate::model::track::explain::counted;
use crate::model::track::plan::Plan;
use crate::store::Actor;
use crate::workbench::{Outcome, Workbench};

/// What the cockpit can have done by the pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// Ask what a run would change.
    Plan,
    /// All workflows.
    Run,
    /// Carry out this plan.
    Apply(Arc<Plan>),
}

/// Something that can be done now, for the operator to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What.
    pub job: Job,
    /// The repositories; the first one is home.
    pub repos: Vec<String>,
    /// Where the API is.
    pub address: String,
    /// The folder for telemetry.
    pub out: PathBuf,
    /// Whether it is recorded in the log of network operations.
    pub is_recorded: bool,
}

/// Why no server may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Barred {
    /// The level in force does not allow it.
    Level {
        /// The document that says so.
        doc: DocId,
        /// A sentence, with what would allow it.
        why: String,
    },
    /// A document that it takes cannot be read, or not written: a sentence.
    Document(String),
}

/// When something began, for the network log.
#[derive(Debug, Clone, Copy)]
pub struct Begun(NaiveDateTime, Instant);

impl Job {
    /// The verb that does the same.
    pub fn name(&self) -> &'static str {
        match self {
            Job::Plan => "track plan",
            Job::Run => "track run",
            Job::Apply(_) => "track apply",
        }
    }

    /// Whether it changes anything.
    pub fn writes(&self) -> bool {
        *self != Job::Plan
    }
}

impl Begun {
    /// Now.
    pub fn now() -> Begun {
        Begun(Local::now().naive_local(), Instant::now())
    }
}

impl Workbench {
    /// Whether a server may be asked: where the workspace has an autonomy plan, that decides, and what was done there has to be
    /// recorded; elsewhere only a session that only reads stands in the way of what `writes`.
    ///
    /// # Errors
    /// Why not.
    pub fn may_ask_server(&self, writes: bool) -> Result<(), Barred> {
        let view = self.view();
        if let Some(doc) = &view.autonomy.doc {
            let (level, _) = self.level_now().map_err(Barred::Document)?;
            let allowed = view.guard().allows(level, &Action::Kind(Doing::Network));
            allowed.map_err(|refusal| Barred::Level { doc: doc.clone(), why: refusal.to_string() })?;
            return self.can_record_network().map_err(|why| Barred::Document(why.0));
        }
        match self.only_reads().filter(|_| writes) {
            Some(Outcome::Forbidden { message, log }) => Err(Barred::Level { doc: log, why: message }),
            Some(Outcome::Failed { message }) => Err(Barred::Document(message)),
            Some(_) | None => Ok(()),
        }
    }

    /// What the operator is to confirm before the job is begun. Asks nobody.
    ///
    /// # Errors
    /// Why it cannot be done now, and what would mend that.
    pub fn offer(&self, job: Job) -> Result<Offer, String> {
        self.ready(job).map(|(offer, _, _)| offer)
    }

    /// The job made ready.
    pub(super) fn ready(&self, job: Job) -> Result<(Offer, Ask, Token), String> {
        self.may_ask_server(job.writes()).map_err(|barred| match barred {
            Barred::Level { why, .. } | Barred::Document(why) => why,
        })?;
        let repos = match &job {
            Job::Apply(plan) => plan.repos.iter().map(|repo| repo.repository.clone()).collect(),
            Job::Plan | Job::Run => Vec::new(),
        };
        let wish = Wish { repos, dry_run: job == Job::Plan, ..Wish::default() };
        let ask = ask(self, wish).map_err(|refused| refused.to_string())?;
        if ask.repos.is_empty() {
            let where_from = "name it under [tracks] repos in codex-tui.toml, in GITHUB_REPOSITORY, or by a git remote";
            return Err(format!("there is no repository to ask about; {where_from} `origin` on GitHub"));
        }
        let token = token()
            .ok_or_else(|| format!("{}; export it in the shell and start the cockpit again there", Refused::NoToken))?;
        let offer = Offer {
            job,
            repos: ask.repos.clone(),
            address: ask.api.rest.address(),
            out: ask.out.clone(),
            is_recorded: self.view().autonomy.doc.is_some(),
        };
        Ok((offer, ask, token))
    }

    /// Where an autonomy plan guards the network, records what was done there. Gives back a sentence when that failed.
    pub fn record_pipeline(&mut self, action: &str, begun: Begun, report: &Report, actor: &Actor) -> Option<String> {
        self.view().autonomy.doc.as_ref()?;
        let counts = report.counts;
        let is_good =
            report.problems.is_empty() && report.records.iter().all(|(_, _, record)| record["status"] != "error");
        let mut repositories: Vec<&str> = report.records.iter().map(|(repository, _, _)| repository.as_str()).collect();
        repositories.dedup();
        let happened = Happened {
            at: begun.0,
            action: action.to_owned(),
            command: format!("codex-tui {action} {}", repositories.join(" ")).trim_end().to_owned(),
            is_good,
            exit_code: None,
            duration: begun.1.elapsed(),
            output: None,
            said: format!("{}, {} of them writes", counted(counts.requests, "request"), counts.writes),
        };
        match self.record_network(&happened, actor)? {
            Outcome::Done { .. } => None,
            Outcome::Refused { message } | Outcome::Failed { message } | Outcome::Damaged { message } => {
                Some(format!("not in the network log: {message}"))
            }
            Outcome::Unchanged { .. } | Outcome::Conflict { .. } | Outcome::Forbidden { .. } => {
                Some("not in the network log: somebody else wrote it at the same moment; add it by hand".to_owned())
            }
        }
    }
}
