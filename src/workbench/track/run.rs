//! The workflows of the pipeline, one after the other over all repositories: what is said was done was read back, a workflow that fails
//! is recorded and the next one runs.
//!
//! All of them share one enumeration of the issues and one client; what they write is overlaid on what was read.

mod apply;
mod clean;
mod desk;
mod diagnose;
mod enumerate;
mod forecast;
mod lists;
mod project;
mod record;
mod repair;
mod selftest;
mod settle;
mod shelf;
mod sweep;
mod sync;
mod task;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use chrono::Utc;

use super::Telemetry;
use crate::doc::DocId;
use crate::hub::Hub;
use crate::hub::token::Token;
use crate::model::track::activity::activity;
use crate::model::track::integrity::integrity;
use crate::model::track::issue::{Code, Flaw};
use crate::model::track::plan::{Plan, SCHEMA};
use crate::model::track::supervise::{counted, supervise};
use crate::model::track::telemetry::{Component, Note, Supervisor, moment};
use crate::store::{OutputLock, Store};
use desk::Desk;
pub use desk::Variables;
use selftest::Outcome;
use shelf::Shelf;
pub(super) use shelf::discard_dead_journals;
use sync::{Budget, Work, work_off};
pub use task::{Ask, Refused, Report, Step, Task, client, endpoints, token};

/// Held by a run as long as it lasts.
pub(super) const LOCK: &str = "telemetry/state/run.lock";

/// Runs a task. Without a token it records that, and sends nothing.
///
/// # Errors
/// [`Refused`]; nothing was sent then.
pub fn run(ask: &Ask, task: Task, token: Option<Token>, tell: &mut dyn FnMut(Step)) -> Result<Report, Refused> {
    let mut engine = Engine::begin(ask, token, task.components())?;
    engine.all(task, tell);
    Ok(engine.end(task == Task::Run))
}

/// Carries out a saved plan; each issue is read again first, and one that is not as the plan expects is left alone.
///
/// # Errors
/// [`Refused`]; nothing was sent then.
pub fn apply(ask: &Ask, plan: &Plan, token: Option<Token>, tell: &mut dyn FnMut(Step)) -> Result<Report, Refused> {
    if plan.schema != SCHEMA {
        return Err(Refused::Usage(format!("it is no plan: its form is not {SCHEMA}")));
    }
    let mut engine = Engine::begin(ask, token, &[Component::Sync, Component::Cleaner])?;
    engine.apply(plan, tell);
    Ok(engine.end(false))
}

/// A run under way.
struct Engine<'a> {
    ask: &'a Ask,
    store: Store,
    hub: Hub,
    desks: Vec<Desk>,
    report: Report,
    /// Two runs at once would take each other's state for their own.
    _lock: Option<OutputLock>,
}

impl<'a> Engine<'a> {
    fn begin(ask: &'a Ask, token: Option<Token>, components: &[Component]) -> Result<Engine<'a>, Refused> {
        if ask.repos.is_empty() && token.is_none() {
            return Err(Refused::NoToken);
        }
        if ask.repos.is_empty() {
            let why = "which repository? Give --repo OWNER/NAME, GITHUB_REPOSITORY, or a git remote on GitHub";
            return Err(Refused::Usage(why.to_owned()));
        }
        if let Some(bad) = ask.repos.iter().find(|name| !is_repository(name)) {
            return Err(Refused::Usage(format!("`{bad}` is no repository; write it as OWNER/NAME")));
        }
        let store = if ask.dry_run { Store::open(&ask.out)? } else { Store::open_output(&ask.out)? };
        let desk = |(at, name): (usize, &String)| {
            let shelf = Shelf::of(&store, name, ask.dry_run)
                .ok_or_else(|| Refused::Usage(format!("`{name}` cannot be the name of a file")))?;
            Ok(Desk::new(name, at == 0, shelf))
        };
        let desks = ask.repos.iter().enumerate().map(desk).collect::<Result<Vec<Desk>, Refused>>()?;
        let lock = match DocId::new(LOCK) {
            Ok(id) if !ask.dry_run => Some(store.lock_output(&id)?),
            Ok(_) | Err(_) => None,
        };
        let Some(token) = token else {
            if !ask.dry_run {
                record::aborted(ask, &store, &desks, components)?;
            }
            return Err(Refused::NoToken);
        };
        let hub = Hub::new(ask.api.clone(), token);
        Ok(Engine { ask, store, hub, desks, report: Report::default(), _lock: lock })
    }

    /// The time from which ages count, seconds.
    fn now(&self) -> i64 {
        self.ask.now.unwrap_or_else(Utc::now).timestamp()
    }

    fn all(&mut self, task: Task, tell: &mut dyn FnMut(Step)) {
        for at in 0..self.desks.len() {
            self.guarded(at, |engine| engine.open(at, tell));
        }
        if task.has(Component::Diagnostics) {
            self.each(tell, "diagnose", |_, store, desk, hub| desk.diagnose(hub, store));
        }
        let lists = task.components().iter().any(|one| !matches!(one, Component::Diagnostics | Component::Selftest));
        if lists || task == Task::Integrity {
            for at in 0..self.desks.len() {
                self.guarded(at, |engine| engine.enumerate(at, task, tell));
            }
        }
        let plan = self.plan(task);
        if plan.forecast.writes > 0 {
            tell(Step::Forecast(plan.forecast));
        }
        if self.ask.dry_run {
            self.report.plan = Some(plan);
            self.judge(task, tell);
            return;
        }
        for desk in &mut self.desks {
            if let Err(error) = desk.shelf.save(&mut desk.book, &self.ask.run_id) {
                desk.error("state", format!("the state cannot be kept, so nothing is changed: {error}"));
            }
        }
        if task.has(Component::Selftest) {
            let at = self.ask.now.unwrap_or_else(Utc::now);
            self.each(tell, "self-test", |ask, _, desk, hub| desk.selftest(hub, &ask.run_id, at));
        }
        if task.has(Component::Cleaner) {
            let now = self.now();
            self.each(tell, "clean", |ask, store, desk, hub| {
                let left = ask.max_writes.saturating_sub(hub.counts().writes);
                let left = usize::try_from(left).unwrap_or(usize::MAX);
                desk.clean(hub, store, &record::folder(desk), now, left)
            });
        }
        if task.has(Component::Sync) {
            self.sync(tell);
        }
        self.judge(task, tell);
    }

    /// What reads only: supervisor, activity, integrity.
    fn judge(&mut self, task: Task, tell: &mut dyn FnMut(Step)) {
        let now = self.now();
        let stamp = moment(self.ask.now.unwrap_or_else(Utc::now));
        if task.has(Component::Supervisor) || task.has(Component::Activity) {
            for at in 0..self.desks.len() {
                self.guarded(at, |engine| engine.desks[at].settle(&mut engine.hub));
            }
        }
        if task.has(Component::Supervisor) {
            self.each(tell, "supervise", |_, _, desk, _| {
                let before = desk.book.counted.take();
                let seen = desk.book.seen.values();
                let body: Supervisor =
                    supervise(seen, &desk.rules, &desk.settings.thresholds, now, desk.complete, before.as_ref());
                desk.book.counted = if desk.complete { Some(counted(&body, &stamp)) } else { before };
                Outcome::of(body)
            });
        }
        if task.has(Component::Activity) {
            self.each(tell, "activity", |_, _, desk, _| {
                Outcome::of(activity(desk.book.seen.values(), &desk.rules, desk.settings.thresholds, now))
            });
        }
        if task == Task::Integrity {
            for desk in &self.desks {
                self.report.integrity.push((desk.name.clone(), integrity(&desk.book, &desk.rules)));
            }
        }
    }

    /// Does something for one repository; a panic in it is an error of that repository alone.
    fn guarded(&mut self, at: usize, work: impl FnOnce(&mut Engine<'a>)) {
        if catch_unwind(AssertUnwindSafe(|| work(self))).is_err() {
            let desk = &mut self.desks[at];
            desk.complete = false;
            desk.error("panic", "a mistake of the program ended the reading; please report it");
        }
    }

    /// Reads what a repository is, and what is remembered of it.
    fn open(&mut self, at: usize, tell: &mut dyn FnMut(Step)) {
        let Engine { ask, store, hub, desks, .. } = self;
        let desk = &mut desks[at];
        tell(Step::Phase { repository: desk.name.clone(), name: "look" });
        let (asked, old) = (desk.name.clone(), desk.shelf.clone());
        desk.identify(hub);
        let (mut book, mut said) = (Default::default(), Vec::new());
        if desk.name != asked
            && let Some(shelf) = Shelf::of(store, &desk.name, ask.dry_run)
        {
            desk.shelf = shelf;
            (book, said) = desk.shelf.load();
        }
        if book == Default::default() {
            // Also the state under the name that it had before.
            (book, said) = old.load();
        }
        desk.book = book;
        for why in said {
            desk.warn("state", why);
        }
        if desk.is_known() {
            desk.look(hub, &ask.variables);
        }
    }

    fn enumerate(&mut self, at: usize, task: Task, tell: &mut dyn FnMut(Step)) {
        let Engine { ask, hub, desks, .. } = self;
        let desk = &mut desks[at];
        if !desk.is_known() {
            return;
        }
        tell(Step::Phase { repository: desk.name.clone(), name: "enumerate" });
        desk.enumerate(hub);
        if task.has(Component::Sync) {
            desk.ask_members(hub);
        }
        if task == Task::Integrity && ask.deep {
            match hub.listed_in_graphql(&desk.name) {
                Ok(numbers) => {
                    let listed: std::collections::BTreeSet<u64> = numbers.into_iter().collect();
                    let open = desk.book.seen.values().filter(|seen| !seen.issue.pull).map(|seen| seen.issue.number);
                    let lost: Vec<u64> = open.filter(|number| !listed.contains(number)).collect();
                    for number in lost {
                        let flaw = Flaw::new(Some(number), Code::CliInvisible);
                        let flaws = desk.book.flaws.entry(number).or_default();
                        if !flaws.contains(&flaw) {
                            flaws.push(flaw);
                        }
                    }
                }
                Err(error) => desk.warn("graphql_list", format!("GraphQL could not list the issues: {error}")),
            }
        }
    }

    fn sync(&mut self, tell: &mut dyn FnMut(Step)) {
        let began = (Instant::now(), self.hub.counts());
        let mut works: Vec<Work> = Vec::new();
        for desk in &mut self.desks {
            tell(Step::Phase { repository: desk.name.clone(), name: "sync" });
            let may = desk.is_known() && desk.errors.is_empty();
            if may {
                desk.make_labels(&mut self.hub);
            }
            works.push(Work::new(if may { desk.queue() } else { Vec::new() }));
        }
        let budget = Budget { max_writes: self.ask.max_writes, by_rules: true };
        let Engine { hub, desks, .. } = self;
        let worked = catch_unwind(AssertUnwindSafe(|| work_off(hub, desks, &mut works, &budget, tell)));
        for (at, work) in works.into_iter().enumerate() {
            let mut outcome = self.desks[at].synced(work);
            if worked.is_err() {
                outcome.error("panic", "a mistake of the program ended this workflow early; please report it");
            }
            self.write(at, outcome, began);
        }
    }

    /// One workflow over all repositories. A panic in it is recorded, and the next one runs.
    fn each<B: crate::model::track::telemetry::Body>(
        &mut self,
        tell: &mut dyn FnMut(Step),
        name: &'static str,
        mut phase: impl FnMut(&Ask, &Store, &mut Desk, &mut Hub) -> Outcome<B>,
    ) {
        for at in 0..self.desks.len() {
            let began = (Instant::now(), self.hub.counts());
            tell(Step::Phase { repository: self.desks[at].name.clone(), name });
            let Engine { ask, store, hub, desks, .. } = self;
            let done = catch_unwind(AssertUnwindSafe(|| phase(ask, store, &mut desks[at], hub)));
            let outcome = done.unwrap_or_else(|_| {
                let mut outcome = Outcome::of(B::default());
                outcome.error("panic", "a mistake of the program ended this workflow; please report it");
                outcome
            });
            self.write(at, outcome, began);
        }
    }

    /// Saves what is remembered, merges, and gives the report.
    fn end(mut self, merges: bool) -> Report {
        if !self.ask.dry_run {
            for desk in &mut self.desks {
                if let Err(error) = desk.shelf.finish(&mut desk.book, &self.ask.run_id) {
                    self.report.problems.push(error.to_string());
                }
            }
            if merges {
                let merged = Telemetry::at(self.store.root(), false).and_then(|mut telemetry| {
                    let merged = telemetry.merge(self.ask.now)?;
                    telemetry.write(&merged)
                });
                match merged {
                    Ok(written) => self.report.merged = Some(written.changed),
                    Err(error) => self.report.problems.push(format!("the dashboard could not be made: {error}")),
                }
            }
        }
        for desk in &self.desks {
            self.report.problems.extend(desk.errors.iter().map(|note| note.message.clone()));
        }
        self.report.counts = self.hub.counts();
        self.report
    }
}

/// Whether it reads as `owner/name`.
fn is_repository(name: &str) -> bool {
    let is_part = |part: &str| {
        let plain = part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        !part.is_empty() && plain && part.chars().any(|c| c != '.')
    };
    name.split_once('/').is_some_and(|(owner, repo)| is_part(owner) && is_part(repo))
}

/// A note for a record.
fn stop_note(hub: &Hub) -> Option<Note> {
    hub.stopped().map(|stop| Note::new("stopped", stop.to_string()))
}
