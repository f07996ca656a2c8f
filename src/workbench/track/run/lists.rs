//! The small lists of a repository, read on condition: a page that is as it was is not sent again, and counts against no limit of
//! the hour. Only what the pipeline uses of them is kept.

use serde_json::Value;

use super::desk::Desk;
use crate::hub::api::repo_path;
use crate::hub::{Answer, Fetched, Hub, HubError, Shape};
use crate::model::track::book::ListPage;
use crate::model::track::label::Label;
use crate::model::track::settings::ALL;

/// Pages after which a list is taken for endless.
const PAGES: usize = 200;

/// A small list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Labels: names that the pipeline uses.
    Labels,
    /// Milestones: numbers and titles.
    Milestones,
    /// Variables: names and values of those that the pipeline uses.
    Variables,
}

impl List {
    /// What the state calls it.
    fn name(self) -> &'static str {
        match self {
            List::Labels => "labels",
            List::Milestones => "milestones",
            List::Variables => "variables",
        }
    }

    fn path(self, repository: &str) -> String {
        let tail = match self {
            List::Labels => "labels?per_page=100",
            List::Milestones => "milestones?state=all&per_page=100",
            List::Variables => "actions/variables?per_page=30",
        };
        format!("{}/{tail}", repo_path(repository))
    }

    /// Entries of a full page.
    fn full(self) -> u64 {
        if self == List::Variables { 30 } else { 100 }
    }

    fn fetch(self, hub: &mut Hub, address: &str, etag: Option<&str>) -> Result<Fetched, HubError> {
        match self {
            List::Labels | List::Milestones => hub.page(address, etag),
            List::Variables => hub.read(address, etag, Shape::Object, true),
        }
    }

    /// What is kept of an entry; `Err` for one that cannot be understood.
    fn row(self, entry: &Value) -> Result<Option<(String, String)>, ()> {
        let text = |field: &str| entry[field].as_str().map(str::to_owned).ok_or(());
        Ok(match self {
            List::Labels => {
                let name = text("name")?;
                let is_used = Label::named(&name, None).next().is_some();
                is_used.then_some((name, String::new()))
            }
            List::Milestones => Some((entry["number"].as_u64().ok_or(())?.to_string(), text("title")?)),
            List::Variables => {
                let (name, value) = (text("name")?.to_ascii_uppercase(), text("value")?);
                ALL.contains(&name.as_str()).then_some((name, value))
            }
        })
    }

    fn take(self, address: &str, answer: Answer) -> Result<ListPage, HubError> {
        if answer.strange_next.is_some() {
            return Err(HubError::Moved { to: None });
        }
        let said: Value = serde_json::from_str(&answer.body).map_err(|error| HubError::Broken(error.to_string()))?;
        let entries = if self == List::Variables { &said["variables"] } else { &said };
        let Some(entries) = entries.as_array() else {
            return Err(HubError::Broken(format!("the answer holds no list of {}", self.name())));
        };
        let rows: Vec<_> = entries.iter().map(|entry| self.row(entry)).collect();
        Ok(ListPage {
            list: self.name().to_owned(),
            url: address.to_owned(),
            etag: answer.etag,
            next: answer.next,
            items: entries.len() as u64,
            total: said["total_count"].as_u64(),
            whole: rows.iter().all(Result::is_ok),
            rows: rows.into_iter().filter_map(Result::ok).flatten().collect(),
        })
    }
}

impl Desk {
    /// What is kept of all entries of a list, and whether every one of them could be understood.
    ///
    /// # Errors
    /// As [`HubError`] says; also when the list does not end, or ends before the number of entries that it names.
    pub fn listed(&mut self, hub: &mut Hub, list: List) -> Result<(Vec<(String, String)>, bool), HubError> {
        let mut pages: Vec<ListPage> = Vec::new();
        let mut next = Some(list.path(&self.name));
        while let Some(address) = next {
            if pages.len() >= PAGES || pages.iter().any(|page| page.url == address) {
                return Err(HubError::Broken(format!("{address}: the list does not end")));
            }
            let old = self.book.lists.iter().find(|page| page.url == address);
            // A full last page may have got a successor, which its `ETag` need not tell.
            let etag = old.filter(|page| page.next.is_some() || page.items < list.full());
            let etag = etag.and_then(|page| page.etag.as_deref());
            let page = match (list.fetch(hub, &address, etag)?, old) {
                (Fetched::Fresh(answer), _) => list.take(&address, answer)?,
                (Fetched::NotModified, Some(old)) => old.clone(),
                (Fetched::NotModified, None) => {
                    return Err(HubError::Broken(format!("{address}: not modified, though nothing was known")));
                }
            };
            next = page.next.clone();
            pages.push(page);
        }
        let seen: u64 = pages.iter().map(|page| page.items).sum();
        if pages.iter().any(|page| page.total.is_some_and(|total| total > seen)) {
            return Err(HubError::Broken(format!("the list of {} ends after {seen} entries, too early", list.name())));
        }
        let whole = pages.iter().all(|page| page.whole);
        let rows = pages.iter().flat_map(|page| page.rows.clone()).collect();
        self.book.lists.retain(|page| page.list != list.name());
        self.book.lists.extend(pages);
        Ok((rows, whole))
    }
}
