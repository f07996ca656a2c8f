//! Seeing all issues: in every run what changed since the last one, and within a day every page of the list. That nothing was missed
//! is checked against the server's own count.

use std::collections::BTreeSet;

use chrono::DateTime;

use super::desk::Desk;
use crate::hub::api::repo_path;
use crate::hub::graph::ASKED;
use crate::hub::{Answer, Fetched, Hub, HubError};
use crate::model::track::book::Page;
use crate::model::track::issue::{Code, Flaw, Issue, items, parse};
use crate::model::track::telemetry::moment;

/// How far back a look at changes reaches behind the last one, seconds.
const OVERLAP: i64 = 120;
/// Pages after which a list is taken for endless.
pub const PAGES: usize = 20_000;
/// Issues that are read one by one in a run because something is wrong with them.
pub const LOOKS: usize = 200;

impl Desk {
    /// Reads all issues that have to be read. Sets whether that is complete.
    pub fn enumerate(&mut self, hub: &mut Hub) {
        self.complete = false;
        let began = hub.now();
        if self.book.exempt != self.settings.exempt || self.book.id != self.id {
            // Another label exempts, or another repository has the name: what was read does not say enough.
            self.book.cursor = None;
            self.book.pages.clear();
            self.book.seen.clear();
            self.book.exempt.clone_from(&self.settings.exempt);
            self.book.id = self.id;
        }
        self.book.repository.clone_from(&self.name);
        match self.read_issues(hub, began) {
            Ok(true) if self.adds_up() => {
                self.complete = true;
                self.book.noise.keep(began);
            }
            Ok(true) => {
                // All pages again the next time; those that are as they were cost nothing.
                self.book.pages.iter_mut().for_each(|page| page.at = 0);
                let text = format!(
                    "{} open issues were seen, the server counts {}; closing and pruning wait",
                    self.open_seen(),
                    self.open_count.unwrap_or_default()
                );
                self.warn("count_mismatch", text);
            }
            Ok(false) => self.warn("list_incomplete", "the list of issues could not be followed to its end"),
            Err(error) => self.error("issues_unreadable", format!("the issues could not be listed: {error}")),
        }
        self.read_at = hub.now();
        self.book.forget(self.read_at);
    }

    /// Reads what changed, and the pages whose turn it is; all of them where the open issues are not as many as the server counts.
    /// Whether the list could be followed to its end.
    fn read_issues(&mut self, hub: &mut Hub, began: i64) -> Result<bool, HubError> {
        let whole = match self.book.cursor {
            Some(since) => self.read_changes(hub, since)?,
            None => true,
        };
        if whole {
            // What changes from now on the next run will ask for, however far this one gets.
            self.book.cursor = Some(began);
        }
        let Some(passed) = self.sweep(hub, !whole)? else { return Ok(false) };
        self.book.cursor = Some(began);
        if !self.adds_up() {
            self.count_again(hub);
        }
        if !self.adds_up() && passed > 0 {
            if self.sweep(hub, true)?.is_none() {
                return Ok(false);
            }
            self.count_again(hub);
        }
        Ok(true)
    }

    /// Takes in what others changed since issues were read last; for long runs. A failure leaves what is known.
    pub fn refresh(&mut self, hub: &mut Hub) {
        let since = self.read_at;
        self.read_at = hub.now();
        if let Err(error) = self.read_changes(hub, since) {
            self.warn("refresh_failed", format!("changes meanwhile could not be read: {error}"));
        }
    }

    fn open_seen(&self) -> u64 {
        self.book.seen.len() as u64
    }

    /// Whether the open issues seen are as many as the server counts; those of which the state is not known may be either.
    fn adds_up(&self) -> bool {
        let Some(count) = self.open_count else { return true };
        let nameless: u64 = self.book.pages.iter().map(|page| page.nameless).sum();
        let is_doubtful =
            |flaw: &&Flaw| matches!(flaw.code, Code::StateMissing | Code::Unreadable | Code::Transferred | Code::Gone);
        let doubtful = self.book.flaws.values().flatten().filter(is_doubtful).count() as u64;
        let seen = self.open_seen();
        (seen..=seen + nameless + doubtful).contains(&count)
    }

    /// What changed since. Whether the list could be followed to its end.
    fn read_changes(&mut self, hub: &mut Hub, since: i64) -> Result<bool, HubError> {
        let since = DateTime::from_timestamp(since.saturating_sub(OVERLAP), 0).unwrap_or_default();
        let mut address = format!(
            "{}/issues?state=all&sort=updated&direction=asc&per_page=100&since={}",
            repo_path(&self.name),
            moment(since)
        );
        let mut visited = BTreeSet::new();
        let mut bad = Vec::new();
        while visited.insert(address.clone()) && visited.len() <= PAGES {
            let Fetched::Fresh(answer) = hub.page(&address, None)? else { return Ok(false) };
            self.take_page(hub, &address, &answer, &mut bad, &mut BTreeSet::new());
            match answer.next {
                Some(next) => address = next,
                None => {
                    self.look_closer(hub, bad)?;
                    return Ok(answer.strange_next.is_none());
                }
            }
        }
        Ok(false)
    }

    /// Takes in a page; issues that need a closer look go to `bad`, all numbers to `alive`.
    pub fn take_page(
        &mut self,
        hub: &Hub,
        address: &str,
        answer: &Answer,
        bad: &mut Vec<(u64, Vec<Flaw>)>,
        alive: &mut BTreeSet<u64>,
    ) -> Page {
        let mut page = Page {
            url: address.to_owned(),
            etag: answer.etag.clone(),
            next: answer.next.clone(),
            at: hub.now(),
            ..Page::default()
        };
        let mut numbers = Vec::new();
        // That it is a list was checked when it came.
        for raw in items(&answer.body).unwrap_or_default() {
            page.items += 1;
            match parse(raw.get(), self.settings.exempt.as_deref(), hub.now()) {
                Ok((issue, mut flaws)) => {
                    let number = issue.number;
                    numbers.push(number);
                    if !alive.insert(number) && self.contradicts(&issue) {
                        flaws.push(Flaw::new(Some(number), Code::Duplicate));
                    }
                    if number > self.book.newest {
                        self.book.total += 1;
                    }
                    if flaws.iter().any(|flaw| flaw.code.is_worth_a_look()) {
                        // Its page has to be read again the next time, because the issue may be mended without a trace.
                        page.etag = None;
                        bad.push((number, flaws.clone()));
                    }
                    self.book.take(issue, flaws);
                }
                Err(Flaw { number: Some(number), code, .. }) => {
                    alive.insert(number);
                    numbers.push(number);
                    page.etag = None;
                    bad.push((number, vec![Flaw::new(Some(number), code)]));
                }
                Err(Flaw { number: None, .. }) => page.nameless += 1,
            }
        }
        page.hold(numbers);
        page
    }

    /// Whether the issue was read before, of the same moment, with another content.
    fn contradicts(&self, issue: &Issue) -> bool {
        self.book
            .seen
            .get(&issue.number)
            .is_some_and(|seen| seen.issue.updated == issue.updated && seen.issue != *issue)
    }

    /// Reads issues one by one with which something is wrong.
    pub fn look_closer(&mut self, hub: &mut Hub, bad: Vec<(u64, Vec<Flaw>)>) -> Result<(), HubError> {
        if bad.len() > LOOKS {
            let text = format!("{} issues are malformed; {LOOKS} of them were read again", bad.len());
            self.warn("many_malformed", text);
        }
        self.held.extend(bad.iter().skip(LOOKS).map(|(number, _)| *number));
        for (number, flaws) in bad.into_iter().take(LOOKS) {
            self.look_at(hub, number, flaws)?;
        }
        Ok(())
    }

    /// Reads one issue on its own; its answer counts. What the list said is wrong stays in the integrity list.
    pub fn look_at(&mut self, hub: &mut Hub, number: u64, said: Vec<Flaw>) -> Result<Option<Issue>, HubError> {
        let gone = match hub.object(&format!("{}/issues/{number}", repo_path(&self.name)), false) {
            Ok((_, answer)) => match parse(&answer.body, self.settings.exempt.as_deref(), hub.now()) {
                Ok((issue, flaws)) if issue.number == number => {
                    let flaws = if said.is_empty() { flaws } else { said };
                    // The answer counts, whatever the list said of the same moment.
                    if let Some(seen) = self.book.seen.get_mut(&number)
                        && seen.issue.updated.is_some()
                        && issue.updated.is_none()
                    {
                        seen.issue.updated = None;
                    }
                    self.book.take(issue.clone(), flaws);
                    return Ok(Some(issue));
                }
                Ok(_) | Err(_) => {
                    self.held.insert(number);
                    self.book.flaws.insert(number, vec![Flaw::new(Some(number), Code::Unreadable)]);
                    return Ok(None);
                }
            },
            Err(HubError::Moved { .. }) => Code::Transferred,
            Err(HubError::Refused { status: 404 | 410, .. }) => Code::Gone,
            Err(HubError::Refused { .. } | HubError::Broken(_)) => {
                self.held.insert(number);
                if !said.is_empty() {
                    self.book.flaws.insert(number, said);
                }
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        self.book.seen.remove(&number);
        self.book.flaws.insert(number, vec![Flaw::new(Some(number), gone)]);
        Ok(None)
    }

    /// Asks which managed issues are in the project, as far as that is not known.
    pub fn ask_members(&mut self, hub: &mut Hub) {
        let Some(project) = self.project.clone() else { return };
        if self.book.project.as_ref() != Some(&project.id) {
            self.book.seen.values_mut().for_each(|seen| seen.member = None);
            self.book.project = Some(project.id.clone());
        }
        let unknown: Vec<(u64, String)> = self
            .book
            .seen
            .values()
            .filter(|seen| seen.member.is_none() && !seen.issue.node.is_empty() && self.rules.is_managed(&seen.issue))
            .map(|seen| (seen.issue.number, seen.issue.node.to_string()))
            .collect();
        // Over REST there is one answer for all.
        let asked = if project.board.is_some() { unknown.len().max(1) } else { ASKED };
        for some in unknown.chunks(asked) {
            let ids: Vec<String> = some.iter().map(|(_, id)| id.clone()).collect();
            match hub.members_of(&project, &ids) {
                Ok(members) => {
                    for (number, id) in some {
                        if let Some(seen) = self.book.seen.get_mut(number) {
                            seen.member = members.get(id).copied();
                        }
                    }
                }
                Err(error @ HubError::Refused { .. }) if self.go_over_to_rest(hub, &error) => {
                    return self.ask_members(hub);
                }
                Err(error) => {
                    self.warn("members_unreadable", format!("who is in the project could not be asked: {error}"));
                    return;
                }
            }
        }
    }
}
