//! Carrying out a saved plan: every issue is read again, and changed only if it is as the plan expects.

use std::time::Instant;

use super::desk::Desk;
use super::selftest::Outcome;
use super::sync::{Budget, Work, work_off};
use super::{Engine, Step};
use crate::hub::{Hub, HubError};
use crate::model::track::plan::{Expect, Plan, RepoPlan};
use crate::model::track::telemetry::Cleaner;

impl Engine<'_> {
    /// Carries out what the plan says of the repositories that were asked for.
    pub fn apply(&mut self, plan: &Plan, tell: &mut dyn FnMut(Step)) {
        for at in 0..self.desks.len() {
            self.open(at, tell);
        }
        tell(Step::Forecast(plan.forecast));
        for at in 0..self.desks.len() {
            let began = (Instant::now(), self.hub.counts());
            let Engine { ask, hub, desks, .. } = self;
            let desk = &mut desks[at];
            let name = desk.name.clone();
            let Some(repo) = plan.repos.iter().find(|repo| repo.repository.eq_ignore_ascii_case(&name)) else {
                continue;
            };
            if !ask.dry_run
                && let Err(error) = desk.shelf.save(&mut desk.book, &ask.run_id)
            {
                desk.error("state", format!("the state cannot be kept, so nothing is changed: {error}"));
            }
            if ask.dry_run || !desk.errors.is_empty() {
                let queue = Work::new(Vec::new());
                let outcome = desk.synced(queue);
                self.write(at, outcome, began);
                continue;
            }
            desk.make_labels(hub);
            let mut works = [desk.still_as_planned(hub, repo, tell)];
            let budget = Budget { max_writes: ask.max_writes, by_rules: false };
            work_off(hub, std::slice::from_mut(desk), &mut works, &budget, tell);
            let [work] = works;
            let outcome = desk.synced(work);
            let closed = desk.close_planned(hub, repo);
            self.write(at, outcome, began);
            if let Some(outcome) = closed {
                self.write(at, outcome, began);
            }
        }
    }
}

impl Desk {
    /// The planned changes of issues that are still as the plan expects; the others are noted as not repaired. Where nothing
    /// more is sent, all of them are left for the next run.
    fn still_as_planned(&mut self, hub: &mut Hub, repo: &RepoPlan, tell: &mut dyn FnMut(Step)) -> Work {
        let mut queue = Vec::new();
        tell(Step::Phase { repository: self.name.clone(), name: "check" });
        for (at, one) in repo.issues.iter().enumerate() {
            tell(Step::Left {
                repository: self.name.clone(),
                left: repo.issues.len() - at,
                failed: self.failed.len(),
                deferred: 0,
            });
            let issue = match self.look_at(hub, one.number, Vec::new()) {
                Ok(Some(issue)) => issue,
                Ok(None) => {
                    self.failed.push((one.number, "it is not there any more, or cannot be read".to_owned()));
                    continue;
                }
                Err(HubError::Stopped(stop)) => {
                    let unread = repo.issues[at..].iter().map(|one| one.number);
                    let numbers = queue.iter().map(|(number, _)| *number).chain(unread).collect();
                    return Work::deferred(numbers, stop.to_string());
                }
                Err(error) => {
                    self.failed.push((one.number, error.to_string()));
                    continue;
                }
            };
            let is_known =
                |number: u64| self.rules.milestones.known.as_ref().is_none_or(|known| known.contains_key(&number));
            match one.changes() {
                None => self.failed.push((one.number, "the plan names a label that is not the pipeline's".to_owned())),
                Some(_) if Expect::of(&issue) != one.expect => {
                    self.failed.push((one.number, "it was changed since the plan was made".to_owned()));
                }
                Some(_) if !self.rules.is_managed(&issue) => {
                    self.failed.push((one.number, "it is not managed any more".to_owned()));
                }
                Some(changes) if changes.milestone.is_some_and(|number| !is_known(number)) => {
                    self.failed.push((one.number, "the planned milestone does not exist any more".to_owned()));
                }
                Some(changes) => queue.push((one.number, changes)),
            }
        }
        tell(Step::Phase { repository: self.name.clone(), name: "sync" });
        Work::new(queue)
    }

    /// Closes the planned self-test issues that still are some.
    fn close_planned(&mut self, hub: &mut Hub, repo: &RepoPlan) -> Option<Outcome<Cleaner>> {
        if repo.close.is_empty() {
            return None;
        }
        let mut outcome = Outcome::of(Cleaner::default());
        for number in repo.close.iter().copied() {
            match self.look_at(hub, number, Vec::new()) {
                Ok(Some(issue)) if self.rules.is_selftest(&issue) => {
                    if self.close_selftest(hub, number, &mut outcome).is_break() {
                        break;
                    }
                }
                Ok(_) => outcome.warn("not_closed", format!("issue {number} is no open self-test any more")),
                Err(HubError::Stopped(stop)) => {
                    outcome.warn("stopped", format!("issue {number} and those after it stay open: {stop}"));
                    break;
                }
                Err(error) => outcome.warn("not_closed", format!("issue {number}: {error}")),
            }
        }
        Some(outcome)
    }
}
