//! Project sync: works off the plan, one issue after the other, fairly over the repositories, within the budget. A correction counts
//! once it was read back.

use std::collections::VecDeque;

use chrono::DateTime;

use super::Step;
use super::desk::{Desk, REFUSALS};
use super::repair::{Made, Miss, Want};
use super::selftest::Outcome;
use crate::hub::graph::NoCard;
use crate::hub::{Hub, HubError};
use crate::model::track::book::{DAY, DAYS, Entry, milestone_to};
use crate::model::track::explain::counted;
use crate::model::track::integrity::integrity;
use crate::model::track::label::Label;
use crate::model::track::ledger::Window;
use crate::model::track::plan::queue;
use crate::model::track::rules::Changes;
use crate::model::track::telemetry::{Corrections, Detail, Failed, Shares, Sync, moment};

/// Seconds after which changes by others are read again.
const REFRESH: i64 = 300;

/// The work on one repository.
pub struct Work {
    queue: VecDeque<(u64, Changes)>,
    /// Issues that wait for their card: number and id.
    cards: Vec<(u64, String)>,
    corrections: Corrections,
    details: Vec<Detail>,
    deferred: Vec<u64>,
    /// Why nothing more is written here.
    ended: Option<String>,
}

impl Work {
    /// What is to be done in a repository: its queue, or a given one.
    pub fn new(queue: Vec<(u64, Changes)>) -> Work {
        Work {
            queue: queue.into(),
            cards: Vec::new(),
            corrections: Corrections::default(),
            details: Vec::new(),
            deferred: Vec::new(),
            ended: None,
        }
    }

    /// Whether something is left to do.
    fn is_open(&self) -> bool {
        self.ended.is_none() && (!self.queue.is_empty() || !self.cards.is_empty())
    }

    /// The same with nothing to be done: these issues are left for the next run.
    pub fn deferred(numbers: Vec<u64>, why: String) -> Work {
        Work { deferred: numbers, ended: Some(why), ..Work::new(Vec::new()) }
    }

    fn end(&mut self, why: String) {
        let rest = self.queue.drain(..).map(|(number, _)| number);
        self.deferred.extend(rest);
        self.deferred.extend(self.cards.drain(..).map(|(number, _)| number));
        self.ended = Some(why);
    }
}

/// How much may still be done.
pub struct Budget {
    /// Writes that may be made, in all.
    pub max_writes: u64,
    /// Whether the queue is recomputed from what the rules say just before each issue.
    pub by_rules: bool,
}

/// Works off what is to be done, one issue of each repository in turn.
pub fn work_off(hub: &mut Hub, desks: &mut [Desk], works: &mut [Work], budget: &Budget, tell: &mut dyn FnMut(Step)) {
    for (desk, work) in desks.iter().zip(works.iter()) {
        tell(desk.left(work));
    }
    while works.iter().any(Work::is_open) {
        for (desk, work) in desks.iter_mut().zip(works.iter_mut()).filter(|(_, work)| work.is_open()) {
            if budget.by_rules && hub.now() - desk.read_at > REFRESH {
                desk.refresh(hub);
            }
            desk.one(hub, work, budget, tell);
            tell(desk.left(work));
        }
    }
}

impl Desk {
    /// What the rules ask for now, without what must be left alone.
    pub fn queue(&self) -> Vec<(u64, Changes)> {
        let mut queue = queue(&self.book, &self.rules);
        queue.retain(|(number, _)| !self.held.contains(number));
        queue
    }

    /// What is left of the work here.
    fn left(&self, work: &Work) -> Step {
        Step::Left {
            repository: self.name.clone(),
            left: work.queue.len(),
            failed: self.failed.len(),
            deferred: work.deferred.len(),
        }
    }

    /// The next issue, or the cards that wait.
    fn one(&mut self, hub: &mut Hub, work: &mut Work, budget: &Budget, tell: &mut dyn FnMut(Step)) {
        if work.cards.len() >= self.batch() || work.queue.is_empty() {
            return self.add_cards(hub, work, budget, tell);
        }
        let Some((number, planned)) = work.queue.pop_front() else { return };
        let Some(seen) = self.book.seen.get(&number) else { return };
        let changes = if budget.by_rules { self.rules.changes(&seen.issue, seen.member) } else { planned };
        let node = seen.issue.node.to_string();
        let waiting = usize::from(!work.cards.is_empty() || changes.project);
        if hub.counts().writes + (changes.writes() + waiting) as u64 > budget.max_writes {
            work.queue.push_front((number, changes));
            // The cards that wait still fit; they were counted with their issues.
            if !work.cards.is_empty() {
                self.add_cards(hub, work, budget, tell);
            }
            return work.end("the budget of writes is used up".to_owned());
        }
        let mut words = Vec::new();
        for want in changes.wants() {
            match self.make(hub, number, &want) {
                Ok(Made::Now) => words.extend(count(&mut work.corrections, &want)),
                Ok(Made::Before) => {}
                Err(Miss::Issue(why) | Miss::Left(why)) => {
                    self.failed.push((number, why));
                    if self.refusals >= REFUSALS {
                        work.end(
                            "the token may not write here: three writes in a row were refused or dropped".to_owned(),
                        );
                    }
                    break;
                }
                Err(miss) => {
                    work.queue.push_front((number, changes.clone()));
                    work.end(miss.reason());
                    break;
                }
            }
        }
        if !words.is_empty() {
            tell(Step::Wrote { repository: self.name.clone(), number, changes: words.clone() });
            work.details.push(Detail { number, changes: words });
        }
        let still = self.book.seen.contains_key(&number) && work.ended.is_none();
        if changes.project && still && self.failed.last().is_none_or(|(failed, _)| *failed != number) {
            work.cards.push((number, node));
        }
    }

    fn add_cards(&mut self, hub: &mut Hub, work: &mut Work, budget: &Budget, tell: &mut dyn FnMut(Step)) {
        let Some(project) = self.project.clone() else {
            work.cards.clear();
            return;
        };
        if hub.counts().writes + 1 > budget.max_writes {
            return work.end("the budget of writes is used up".to_owned());
        }
        let many = work.cards.len().min(self.batch());
        let batch: Vec<(u64, String)> = work.cards.drain(..many).collect();
        let ids: Vec<String> = batch.iter().map(|(_, id)| id.clone()).collect();
        let at = hub.now();
        for (number, _) in &batch {
            let sent = Entry::Sent { issue: *number, at, what: "card".to_owned() };
            if let Err(error) = self.shelf.note(&sent) {
                work.cards.extend(batch);
                return work.end(error.to_string());
            }
        }
        let outcomes: Vec<Result<(), NoCard>> = match hub.add_to(&project, &self.name, &batch) {
            Ok(outcomes) => outcomes,
            Err(HubError::Ambiguous { why, .. }) => {
                let shown = hub.rest(2).and_then(|()| hub.members_of(&project, &ids));
                match shown {
                    Ok(members) => {
                        let is_in = |id: &String| members.get(id).copied().unwrap_or(false);
                        ids.iter()
                            .map(|id| if is_in(id) { Ok(()) } else { Err(NoCard::Refused(why.clone())) })
                            .collect()
                    }
                    Err(error) => {
                        work.cards.extend(batch);
                        return work.end(error.to_string());
                    }
                }
            }
            Err(HubError::Stopped(stop)) => {
                work.cards.extend(batch);
                return work.end(stop.to_string());
            }
            Err(error @ HubError::Refused { .. }) if self.go_over_to_rest(hub, &error) => {
                return work.cards.extend(batch);
            }
            Err(error) => {
                self.warn("cards_refused", format!("cards could not be added: {error}"));
                ids.iter().map(|_| Err(NoCard::Refused(error.to_string()))).collect()
            }
        };
        let during = (at, hub.now());
        let is_limited = outcomes.contains(&Err(NoCard::Limited));
        for ((number, id), outcome) in batch.into_iter().zip(outcomes) {
            match outcome {
                Ok(()) => {
                    self.book.did(number, Window::answered(during));
                    self.card_added(number, during, work, tell);
                }
                Err(NoCard::Refused(why)) => {
                    self.book.wrote(number, Window::answered(during));
                    self.failed.push((number, format!("no card: {why}")));
                }
                Err(NoCard::Limited) => work.cards.push((number, id)),
            }
        }
        if is_limited && let Err(error) = hub.slow_down() {
            work.end(error.to_string());
        }
    }

    fn card_added(&mut self, number: u64, during: (i64, i64), work: &mut Work, tell: &mut dyn FnMut(Step)) {
        work.corrections.project_adjustments += 1;
        match work.details.iter_mut().find(|detail| detail.number == number) {
            Some(detail) => detail.changes.push("project".to_owned()),
            None => work.details.push(Detail { number, changes: vec!["project".to_owned()] }),
        }
        tell(Step::Wrote { repository: self.name.clone(), number, changes: vec!["project".to_owned()] });
        if let Some(seen) = self.book.seen.get_mut(&number) {
            seen.member = Some(true);
            let entry = Entry::Done {
                issue: number,
                during,
                labels: seen.issue.labels.bits(),
                milestone: milestone_to(seen.issue.milestone),
                open: true,
                member: Some(true),
            };
            if let Err(error) = self.shelf.note(&entry) {
                self.warn("journal", error.to_string());
            }
        }
    }

    /// Makes the required labels that the repository lacks, rather than letting the server make them grey.
    pub fn make_labels(&mut self, hub: &mut Hub) {
        for label in self.missing_labels() {
            match hub.create_label(&self.name, label.name(), label.look()) {
                Ok(()) => self.warn("label_created", format!("the label {} was missing and was made", label.name())),
                Err(error) => {
                    self.warn("label_missing", format!("the label {} is missing: {error}", label.name()));
                    continue;
                }
            }
            if let Some(labels) = &mut self.labels {
                labels.insert(label, label.name().to_owned());
            }
        }
    }

    /// How much of what happened to the issues is ours, as far as it was counted.
    fn noise(&self) -> Option<Shares> {
        let since = self.book.noise.since?;
        let begun = since.max(self.read_at.saturating_sub(DAYS * DAY));
        let sum = |of: fn(&(u64, u64)) -> u64| self.book.noise.days.values().map(of).sum();
        Some(Shares {
            since: moment(DateTime::from_timestamp(begun, 0)?),
            ours: sum(|(ours, _)| *ours),
            others_at_least: sum(|(_, others)| *others),
        })
    }

    /// What the record says.
    pub fn synced(&mut self, work: Work) -> Outcome<Sync> {
        let managed = |issue| self.rules.is_excluded(issue);
        let open = self.book.seen.values().filter(|seen| !seen.issue.pull);
        let excluded = open.filter(|seen| managed(&seen.issue)).count() as u64;
        let mut deferred = work.deferred;
        deferred.sort_unstable();
        deferred.dedup();
        self.book.deferred.clone_from(&deferred);
        let mut details = work.details;
        details.sort_by_key(|detail| detail.number);
        let failed = std::mem::take(&mut self.failed);
        let mut outcome = Outcome::of(Sync {
            scanned: self.book.total,
            excluded,
            corrections: work.corrections,
            details,
            deferred,
            failed: failed.into_iter().map(|(number, error)| Failed { number, error }).collect(),
            integrity: integrity(&self.book, &self.rules),
            noise: self.noise(),
        });
        if let Some(why) = work.ended {
            let left = outcome.body.deferred.len();
            outcome.warn("deferred", format!("{} left for the next run: {why}", counted(left as u64, "issue")));
        }
        if !outcome.body.failed.is_empty() {
            let text = format!("{} could not be repaired", counted(outcome.body.failed.len() as u64, "issue"));
            outcome.warn("failed", text);
        }
        if self.refusals >= REFUSALS {
            outcome.error("no_right", "the token may not write here: three writes were refused or dropped");
        }
        outcome
    }
}

/// Counts a change that was read back; the words for it.
fn count(corrections: &mut Corrections, want: &Want) -> Vec<String> {
    match want {
        Want::Labels(labels) => labels
            .iter()
            .map(|label| match label {
                Label::Codex => {
                    corrections.codex_label += 1;
                    "add_codex_label".to_owned()
                }
                Label::Main => {
                    corrections.track_main += 1;
                    label.name().to_owned()
                }
                other => {
                    corrections.track_dashboard += 1;
                    other.name().to_owned()
                }
            })
            .collect(),
        Want::Without(label) => {
            corrections.track_removed += 1;
            vec![format!("remove:{}", label.name())]
        }
        Want::Milestone(_) => {
            corrections.milestone += 1;
            vec!["milestone".to_owned()]
        }
        Want::Closed => Vec::new(),
    }
}
