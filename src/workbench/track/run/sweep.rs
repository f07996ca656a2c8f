//! The sweep: the list of all issues, oldest first, page by page. A page that did not change is not sent again; the pages are spread
//! over the runs of a day, so that each of them is looked at within a day. A sweep that breaks off is taken up where it stood.

use std::collections::{BTreeSet, HashMap};

use super::desk::Desk;
use super::enumerate::{LOOKS, PAGES};
use crate::hub::api::repo_path;
use crate::hub::{Fetched, Hub, HubError};
use crate::model::track::book::{Page, covered, due};
use crate::model::track::issue::{Code, Flaw};

/// What comes up on the way.
#[derive(Default)]
struct Walk {
    /// Numbers on pages that were sent.
    alive: BTreeSet<u64>,
    /// Issues that need a closer look.
    bad: Vec<(u64, Vec<Flaw>)>,
}

impl Desk {
    /// Walks along the list and looks at the pages whose turn it is, or at `all`. How many it passed over, if the list could be
    /// followed to its end; then every page was looked at within a day.
    pub fn sweep(&mut self, hub: &mut Hub, all: bool) -> Result<Option<usize>, HubError> {
        let known = std::mem::take(&mut self.book.pages);
        let before: u64 = known.iter().map(|page| page.items).sum();
        let was_whole = known.last().is_some_and(|page| page.next.is_none());
        let turns = due(&known, hub.now());
        let turn = |(page, due): (Page, bool)| (page.url.clone(), (due || all, page));
        let mut known: HashMap<String, (bool, Page)> = known.into_iter().zip(turns).map(turn).collect();

        let mut walk = Walk::default();
        let mut chain: Vec<Page> = Vec::new();
        let mut visited = BTreeSet::new();
        let first = format!("{}/issues?state=all&sort=created&direction=asc&per_page=100", repo_path(&self.name));
        let begins_anew = known.get(&first).is_none_or(|(due, _)| *due);
        if begins_anew {
            // What went was said for a day.
            self.book.flaws.retain(|_, flaws| flaws.iter().all(|flaw| flaw.code != Code::Gone));
        }
        let mut looked_at_last = false;
        let mut next = Some(first);
        let mut passed = 0;
        let mut walked = Ok(true);
        while let Some(address) = next.clone() {
            if visited.len() >= PAGES || !visited.insert(address.clone()) {
                walked = Ok(false);
                break;
            }
            looked_at_last = known.get(&address).is_none_or(|(due, _)| *due);
            let page = match known.get(&address) {
                Some((false, page)) => {
                    passed += 1;
                    Ok(Some(page.clone()))
                }
                old => self.look_at_page(hub, &address, old.map(|(_, page)| page), &mut walk),
            };
            match page {
                Ok(Some(page)) => {
                    known.remove(&address);
                    next.clone_from(&page.next);
                    chain.push(page);
                }
                Ok(None) => walked = Ok(false),
                Err(error) => walked = Err(error),
            }
            if !matches!(walked, Ok(true)) {
                break;
            }
        }
        if !matches!(walked, Ok(true)) {
            // The issues that need a closer look did not get it.
            chain.iter_mut().filter(|page| page.etag.is_none()).for_each(|page| page.at = 0);
            // What the walk did not come to stays as it was; the next one comes to it.
            while let Some((_, page)) = next.as_ref().and_then(|address| known.remove(address)) {
                next.clone_from(&page.next);
                chain.push(page);
            }
            self.book.pages = chain;
            return walked.map(|_| None);
        }
        let items: u64 = chain.iter().map(|page| page.items).sum();
        self.book.total = match looked_at_last || !was_whole {
            true => items,
            false => (self.book.total + items).saturating_sub(before),
        };
        self.book.pages = chain;
        self.look_closer(hub, walk.bad)?;
        let is_sure = self.look_for_vanished(hub, looked_at_last, begins_anew)?;
        Ok(is_sure.then_some(passed))
    }

    /// One page; none if it cannot be told what it holds.
    fn look_at_page(
        &mut self,
        hub: &mut Hub,
        address: &str,
        old: Option<&Page>,
        walk: &mut Walk,
    ) -> Result<Option<Page>, HubError> {
        let page = match (hub.page(address, old.and_then(Page::condition))?, old) {
            (Fetched::NotModified, Some(old)) => Page { at: hub.now(), ..old.clone() },
            (Fetched::NotModified, None) => return Ok(None),
            (Fetched::Fresh(answer), _) if answer.strange_next.is_some() => {
                self.take_page(hub, address, &answer, &mut walk.bad, &mut walk.alive);
                return Ok(None);
            }
            (Fetched::Fresh(answer), _) => self.take_page(hub, address, &answer, &mut walk.bad, &mut walk.alive),
        };
        if old.is_some() {
            // Who is in the project is asked anew as often as the issue's page is looked at.
            for (from, to) in &page.ranges {
                self.book.seen.range_mut(from..=to).for_each(|(_, seen)| seen.member = None);
            }
        }
        Ok(Some(page))
    }

    /// Reads the open issues that no page shows any more one by one. `to_the_end`: whether the last page was looked at, so that an
    /// issue beyond it would be there. Whether they were few enough to be believed.
    fn look_for_vanished(&mut self, hub: &mut Hub, to_the_end: bool, begins_anew: bool) -> Result<bool, HubError> {
        let ranges = covered(&self.book.pages);
        let highest = ranges.last().map_or(0, |(_, last)| *last);
        let is_shown = |number: u64| {
            let after = ranges.partition_point(|(from, _)| *from <= number);
            after > 0 && number <= ranges[after - 1].1
        };
        let is_lost = |number: &u64| (to_the_end || *number <= highest) && !is_shown(*number);
        let mut looks: Vec<u64> = self.book.seen.keys().copied().filter(is_lost).collect();
        if looks.len() > LOOKS {
            return Ok(false);
        }
        if begins_anew {
            // What was moved elsewhere may be back.
            let moved = |flaws: &Vec<Flaw>| flaws.iter().any(|flaw| flaw.code == Code::Transferred);
            let moved = self.book.flaws.iter().filter(|(_, flaws)| moved(flaws)).map(|(number, _)| *number);
            looks.extend(moved.take(LOOKS));
        }
        for number in looks {
            self.look_at(hub, number, Vec::new())?;
        }
        Ok(true)
    }
}
