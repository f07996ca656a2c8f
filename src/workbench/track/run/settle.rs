//! Whose a change was that falls into the time of a write of ours which had no answer, or a late one: the timeline tells, with
//! one request an issue.

use chrono::DateTime;
use serde_json::Value;

use super::desk::Desk;
use super::enumerate::LOOKS;
use crate::hub::api::repo_path;
use crate::hub::{Fetched, Hub, HubError, Shape};
use crate::model::track::label::Label;
use crate::model::track::ledger::Mark;

impl Desk {
    /// Decides what can be known. An issue whose timeline cannot be read, or is longer than a page, counts as moved by us.
    pub fn settle(&mut self, hub: &mut Hub) {
        for number in self.book.doubtful().into_iter().take(LOOKS) {
            let path = format!("{}/issues/{number}/timeline?per_page=100", repo_path(&self.name));
            let marks = match hub.read(&path, None, Shape::Array, false) {
                Ok(Fetched::Fresh(answer)) if answer.next.is_none() && answer.strange_next.is_none() => {
                    serde_json::from_str::<Vec<Value>>(&answer.body)
                        .ok()
                        .map(|all| all.iter().filter_map(mark).collect())
                }
                Ok(_) => None,
                // Asked again by the next run.
                Err(HubError::Stopped(_)) => return,
                Err(_) => None,
            };
            self.book.settle(number, marks, hub.now());
        }
    }
}

/// An event of a timeline. Which kinds of them our writes leave is known; who did them is not asked.
fn mark(event: &Value) -> Option<Mark> {
    let at = event["created_at"].as_str().or(event["submitted_at"].as_str())?;
    let at = DateTime::parse_from_rfc3339(at).ok()?.timestamp();
    let is_required = |name: &str| Label::named(name, None).any(|label| Label::REQUIRED.contains(&label));
    let ours = match event["event"].as_str()? {
        "labeled" | "unlabeled" => event["label"]["name"].as_str().is_some_and(is_required),
        "milestoned" | "demilestoned" | "closed" | "added_to_project_v2" | "project_v2_item_status_changed" => true,
        _ => false,
    };
    Some(Mark { at, ours })
}
