//! Where a repository's book is kept: `telemetry/state/owner__name.json`, and the journal of what happened since beside it.

use crate::doc::DocId;
use crate::model::track::book::{Book, Entry, journal};
use crate::store::{Store, StoreError};
use crate::workspace::Pattern;

/// The place of one repository's book.
#[derive(Debug, Clone)]
pub struct Shelf {
    store: Store,
    state: DocId,
    journal: DocId,
    /// Whether nothing is written.
    is_dry: bool,
}

/// `owner__name`, of characters that every file system takes.
pub fn folder_of(repository: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let plain: String = repository.replace('/', "__").chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    plain.trim_start_matches('.').to_owned()
}

/// Removes the journals of runs that are over: they say nothing that the state does not.
///
/// # Errors
/// When a file cannot be read or removed.
pub fn discard_dead_journals(store: &Store, folder: &DocId) -> Result<(), StoreError> {
    for journal_id in store.scan(&[Pattern::new(&format!("{folder}/*.journal"))]).docs {
        let state = journal_id.as_str().strip_suffix(".journal").map(|name| DocId::new(&format!("{name}.json")));
        let Some(Ok(state)) = state else { continue };
        let epoch = store.text_of(&state)?.and_then(|text| Book::parse(&text).ok()).map_or(0, |book| book.epoch);
        let entries = journal(&store.text_of(&journal_id)?.unwrap_or_default(), epoch);
        if entries.iter().all(|entry| matches!(entry, Entry::Begin { .. })) {
            store.discard(&journal_id)?;
        }
    }
    Ok(())
}

impl Shelf {
    /// The place of that repository. None when its name cannot be a file's.
    pub fn of(store: &Store, repository: &str, is_dry: bool) -> Option<Shelf> {
        let name = folder_of(repository);
        let state = DocId::new(&format!("telemetry/state/{name}.json")).ok()?;
        let journal = DocId::new(&format!("telemetry/state/{name}.journal")).ok()?;
        Some(Shelf { store: store.clone(), state, journal, is_dry })
    }

    /// The book, with what an interrupted run noted taken in; and what has to be said about it. An unreadable one is a new one.
    pub fn load(&self) -> (Book, Vec<String>) {
        let mut said = Vec::new();
        let mut book = match self.store.text_of(&self.state) {
            Ok(None) => Book::default(),
            Ok(Some(text)) => Book::parse(&text).unwrap_or_else(|why| {
                said.push(format!("{} cannot be read ({why}); all issues are read anew", self.state));
                Book::default()
            }),
            Err(error) => {
                said.push(format!("{error}; all issues are read anew"));
                Book::default()
            }
        };
        if let Ok(Some(text)) = self.store.text_of(&self.journal) {
            let entries = journal(&text, book.epoch);
            let (answered, unanswered) = book.replay(&entries);
            if answered + unanswered > 0 {
                said.push(format!(
                    "a run was interrupted after {answered} answered writes and {unanswered} without answer; they are looked up"
                ));
            }
        }
        (book, said)
    }

    /// Saves the book and begins its journal anew.
    pub fn save(&self, book: &mut Book, run: &str) -> Result<(), StoreError> {
        if self.is_dry {
            return Ok(());
        }
        book.epoch += 1;
        self.store.put(&self.state, &book.to_json())?;
        // From here on a journal of the epoch before does not count any more.
        self.store.discard(&self.journal)?;
        self.note(&Entry::Begin { epoch: book.epoch, run: run.to_owned() })
    }

    /// Ends the journal of a run that came to its end.
    pub fn finish(&self, book: &mut Book, run: &str) -> Result<(), StoreError> {
        if self.is_dry {
            return Ok(());
        }
        self.save(book, run)?;
        self.store.discard(&self.journal)
    }

    /// Notes what happens.
    pub fn note(&self, entry: &Entry) -> Result<(), StoreError> {
        if self.is_dry {
            return Ok(());
        }
        let line = serde_json::to_string(entry).unwrap_or_default();
        self.store.extend(&self.journal, &format!("{line}\n"))
    }
}
