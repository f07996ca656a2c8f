//! The cleaner: closes self-test issues that retention does not keep, removes old telemetry.

use std::ops::ControlFlow;

use super::desk::Desk;
use super::repair::{Made, Miss, Want};
use super::selftest::Outcome;
use crate::doc::DocId;
use crate::hub::Hub;
use crate::model::track::clean::{Dated, selftests, telemetry};
use crate::model::track::explain::counted;
use crate::model::track::read::{HEAD, read_head};
use crate::model::track::telemetry::{Cleaner, Status};
use crate::store::Store;
use crate::workspace::Pattern;

impl Desk {
    /// Closes and prunes. `left`: how many writes may still be made.
    pub fn clean(&mut self, hub: &mut Hub, store: &Store, folder: &str, now: i64, left: usize) -> Outcome<Cleaner> {
        let mut outcome = Outcome::of(Cleaner::default());
        if !self.complete {
            outcome.warn("list_incomplete", "not all issues were seen: no issue is closed");
        } else if self.rules.milestones.selftest.is_none() {
            outcome.status = Status::Skipped;
            outcome.warn("milestone_missing", "there is no milestone for self-tests: no issue is closed");
        } else {
            let issues = self.book.seen.values().map(|seen| &seen.issue);
            let (close, retain) = selftests(issues, &self.rules, &self.settings.retention, now);
            outcome.body.retained = retain;
            for (at, number) in close.iter().copied().enumerate() {
                if at >= left {
                    outcome.warn(
                        "budget",
                        format!("{} left for the next run", counted((close.len() - at) as u64, "issue")),
                    );
                    break;
                }
                if self.close_selftest(hub, number, &mut outcome).is_break() {
                    break;
                }
            }
        }
        let (gone, undated) = self.prunable(store, folder, now);
        outcome.body.undated = undated;
        for path in gone {
            match DocId::new(&path).map(|id| store.discard(&id)) {
                Ok(Ok(())) => outcome.body.telemetry_pruned_count += 1,
                Ok(Err(error)) => outcome.warn("not_pruned", error.to_string()),
                Err(error) => outcome.warn("not_pruned", format!("{path}: {error}")),
            }
        }
        outcome
    }

    /// Closes a self-test issue and notes what came of it; a break says that the ones after it are not to be tried.
    pub(super) fn close_selftest(
        &mut self,
        hub: &mut Hub,
        number: u64,
        outcome: &mut Outcome<Cleaner>,
    ) -> ControlFlow<()> {
        match self.make(hub, number, &Want::Closed) {
            Ok(Made::Now) => outcome.body.issues_closed.push(number),
            Ok(Made::Before) => {}
            Err(Miss::Issue(why) | Miss::Left(why)) => outcome.warn("not_closed", format!("issue {number}: {why}")),
            Err(miss) => {
                outcome.error("stopped", format!("issue {number} and those after it: {}", miss.reason()));
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    /// Telemetry files that go, and those that nobody can date.
    pub fn prunable(&self, store: &Store, folder: &str, now: i64) -> (Vec<String>, Vec<String>) {
        let scan = store.scan(&[Pattern::new(&format!("{folder}/*.json"))]);
        let dated = |id: &DocId| {
            let begins = begin_of(store, id);
            let head = begins.and_then(|(bytes, whole)| read_head(id.as_str(), &bytes, whole).ok());
            Dated {
                path: id.to_string(),
                component: head.as_ref().map(|head| head.component),
                at: head.and_then(|head| head.time).map(|at| at.timestamp()),
            }
        };
        let files: Vec<Dated> = scan.docs.iter().map(dated).collect();
        telemetry(&files, self.settings.retention.telemetry_days, now)
    }
}

/// The first bytes of a file, and whether that is all of it.
fn begin_of(store: &Store, id: &DocId) -> Option<(Vec<u8>, bool)> {
    let bytes = store.text_of(id).ok()??.into_bytes();
    let whole = bytes.len() <= HEAD;
    Some((bytes.into_iter().take(HEAD).collect(), whole))
}
