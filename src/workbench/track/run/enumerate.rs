//! Seeing all issues: once a day every page, oldest first, so that pages that did not change cost nothing; in between only what
//! changed since. That nothing was missed is checked against the server's own count.

use std::collections::BTreeSet;

use chrono::DateTime;

use super::desk::Desk;
use crate::hub::api::repo_path;
use crate::hub::graph::ASKED;
use crate::hub::{Answer, Fetched, Hub, HubError};
use crate::model::track::book::Page;
use crate::model::track::issue::{Code, Flaw, Issue, items, parse};
use crate::model::track::telemetry::moment;

/// Seconds after which every page is looked at again.
const SWEEP_AFTER: i64 = 86400;
/// How far back a look at changes reaches behind the last one, seconds.
const OVERLAP: i64 = 120;
/// Pages after which a list is taken for endless.
const PAGES: usize = 20_000;
/// Issues that are read one by one in a run because something is wrong with them.
const LOOKS: usize = 200;

impl Desk {
    /// Reads all issues that have to be read. Sets whether that is complete.
    pub fn enumerate(&mut self, hub: &mut Hub) {
        self.complete = false;
        let began = hub.now();
        if self.book.exempt != self.settings.exempt || self.book.id != self.id {
            // Another label exempts, or another repository has the name: what was read does not say enough.
            self.book.swept = None;
            self.book.pages.clear();
            self.book.seen.clear();
            self.book.exempt.clone_from(&self.settings.exempt);
            self.book.id = self.id;
        }
        self.book.repository.clone_from(&self.name);
        let since =
            self.book.cursor.filter(|_| self.book.swept.is_some_and(|swept| began.saturating_sub(swept) < SWEEP_AFTER));
        let done = match since {
            Some(since) => self
                .read_changes(hub, since)
                .and_then(|whole| if whole && self.adds_up() { Ok(true) } else { self.read_all(hub) }),
            None => self.read_all(hub),
        };
        match done {
            Ok(true) => {
                if !self.adds_up() {
                    self.count_again(hub);
                }
                if self.adds_up() {
                    self.complete = true;
                    self.book.cursor = Some(began);
                } else {
                    self.book.swept = None;
                    let text = format!(
                        "{} open issues were seen, the server counts {}; closing and pruning wait",
                        self.open_seen(),
                        self.open_count.unwrap_or_default()
                    );
                    self.warn("count_mismatch", text);
                }
            }
            Ok(false) => {
                self.book.swept = None;
                self.warn("list_incomplete", "the list of issues could not be followed to its end");
            }
            Err(error) => {
                self.book.swept = None;
                self.error("issues_unreadable", format!("the issues could not be listed: {error}"));
            }
        }
        self.read_at = hub.now();
        self.book.forget(self.read_at);
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

    /// Every page.
    fn read_all(&mut self, hub: &mut Hub) -> Result<bool, HubError> {
        let began = hub.now();
        let known = std::mem::take(&mut self.book.pages);
        // What went was said for a day; what was moved elsewhere is looked at again below.
        self.book.flaws.retain(|_, flaws| flaws.iter().all(|flaw| flaw.code != Code::Gone));
        let moved = |flaws: &Vec<Flaw>| flaws.iter().any(|flaw| flaw.code == Code::Transferred);
        let moved: Vec<u64> =
            self.book.flaws.iter().filter(|(_, flaws)| moved(flaws)).map(|(number, _)| *number).collect();
        let mut address = format!("{}/issues?state=all&sort=created&direction=asc&per_page=100", repo_path(&self.name));
        let mut visited = BTreeSet::new();
        let mut alive: BTreeSet<u64> = BTreeSet::new();
        let mut bad = Vec::new();
        let mut total = 0;
        loop {
            if !visited.insert(address.clone()) || visited.len() > PAGES {
                return Ok(false);
            }
            let old = known.iter().find(|page| page.url == address);
            // The last page may have got a successor, which its `ETag` need not tell.
            let etag = old.filter(|page| page.next.is_some()).and_then(|page| page.etag.as_deref());
            let page = match (hub.page(&address, etag)?, old) {
                (Fetched::NotModified, Some(old)) => {
                    if let Some((from, to)) = old.numbers {
                        alive.extend(self.book.seen.range(from..=to).map(|(number, _)| *number));
                    }
                    old.clone()
                }
                (Fetched::NotModified, None) => return Ok(false),
                (Fetched::Fresh(answer), _) => {
                    let page = self.take_page(hub, &address, &answer, &mut bad, &mut alive);
                    if answer.strange_next.is_some() {
                        return Ok(false);
                    }
                    page
                }
            };
            total += page.items;
            let next = page.next.clone();
            self.book.pages.push(page);
            match next {
                Some(next) => address = next,
                None => break,
            }
        }
        self.look_closer(hub, bad)?;
        let vanished: Vec<u64> = self.book.seen.keys().filter(|number| !alive.contains(number)).copied().collect();
        if vanished.len() > LOOKS {
            return Ok(false);
        }
        for number in vanished.into_iter().chain(moved.into_iter().take(LOOKS)) {
            self.look_at(hub, number, Vec::new())?;
        }
        self.book.total = total;
        if self.book.swept.is_some() {
            // Who is in the project is asked anew as often as everything is read.
            self.book.seen.values_mut().for_each(|seen| seen.member = None);
        }
        self.book.swept = Some(began);
        Ok(true)
    }

    /// Takes in a page; issues that need a closer look go to `bad`, all numbers to `alive`.
    fn take_page(
        &mut self,
        hub: &Hub,
        address: &str,
        answer: &Answer,
        bad: &mut Vec<(u64, Vec<Flaw>)>,
        alive: &mut BTreeSet<u64>,
    ) -> Page {
        let mut page =
            Page { url: address.to_owned(), etag: answer.etag.clone(), next: answer.next.clone(), ..Page::default() };
        // That it is a list was checked when it came.
        for raw in items(&answer.body).unwrap_or_default() {
            page.items += 1;
            match parse(raw.get(), self.settings.exempt.as_deref(), hub.now()) {
                Ok((issue, mut flaws)) => {
                    let number = issue.number;
                    page.numbers =
                        Some(page.numbers.map_or((number, number), |(from, to)| (from.min(number), to.max(number))));
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
                    page.etag = None;
                    bad.push((number, vec![Flaw::new(Some(number), code)]));
                }
                Err(Flaw { number: None, .. }) => page.nameless += 1,
            }
        }
        page
    }

    /// Whether the issue was read before, of the same moment, with another content.
    fn contradicts(&self, issue: &Issue) -> bool {
        self.book
            .seen
            .get(&issue.number)
            .is_some_and(|seen| seen.issue.updated == issue.updated && seen.issue != *issue)
    }

    fn look_closer(&mut self, hub: &mut Hub, bad: Vec<(u64, Vec<Flaw>)>) -> Result<(), HubError> {
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
