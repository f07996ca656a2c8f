//! What is written into the state of the work, in its own shape: formats of times, keys of an update, which end is the newest.

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, Utc};

use super::{Journal, TASK_KEYS, TEXT_KEYS};
use crate::doc::cell::{CellId, End};
use crate::doc::tree::NodeRef;
use crate::doc::{Addition, Document, json};
use crate::model::timeline::Stamp;
use crate::op::{Change, Edit};
use crate::workspace::config::States;

/// Changes of the state, gathered.
pub(super) struct Progressing<'a> {
    doc: &'a Document,
    pub edits: Vec<Edit>,
}

impl<'a> Progressing<'a> {
    pub fn new(doc: &'a Document) -> Progressing<'a> {
        Progressing { doc, edits: Vec::new() }
    }

    fn root(&self) -> Option<NodeRef<'a>> {
        self.doc.tree()?.root()
    }

    fn get(&self, key: &str) -> Option<NodeRef<'a>> {
        self.root()?.get(key)
    }

    fn push(&mut self, change: Change) {
        self.edits.push(Edit { doc: self.doc.id().clone(), change });
    }

    /// Sets a value that is there; `write` is the text of a cell: a string, or a JSON value.
    fn set(&mut self, node: NodeRef<'_>, write: &str) {
        self.edits.extend(set(self.doc, node, write));
    }

    pub fn activate(&mut self, id: &str) {
        match (self.get("active_task"), self.root(), self.doc.tree()) {
            (Some(node), _, _) => self.set(node, &json::string_value(id)),
            (None, Some(root), Some(tree)) => {
                let text = json::encode(id);
                let addition =
                    Addition::Entry { at: tree.address(root), key: "active_task".to_owned(), text, after: None };
                self.push(Change::Add { addition, gap: None });
            }
            (None, _, _) => {}
        }
    }

    pub fn release(&mut self) {
        if let Some(node) = self.get("active_task") {
            self.set(node, "null");
        }
    }

    /// Why the task was chosen, where the notes say that of the one before, or nothing.
    pub fn chosen(&mut self, id: &str, why: &str) {
        let notes = self.get("notes").filter(|node| node.text().is_some());
        let free = |text: &str| text.trim().is_empty() || text.contains(" was chosen because ");
        if let Some(node) = notes.filter(|node| !why.is_empty() && node.text().is_some_and(|text| free(&text))) {
            let text = format!("{id} was chosen because {why}");
            self.set(node, &json::string_value(&text));
        }
    }

    pub fn stamp(&mut self, now: DateTime<FixedOffset>) {
        let node = self.get("last_updated");
        self.edits.extend(node.and_then(|node| stamped(self.doc, node, now)));
    }

    /// Counts a session, and says which task was the last; it is a candidate no more.
    pub fn landed(&mut self, id: &str) {
        if let Some(node) = self.get("session_counter")
            && let Some(counter) = node.text().and_then(|text| text.parse::<u64>().ok())
        {
            self.set(node, &counter.saturating_add(1).to_string());
        }
        if let Some(node) = self.get("last_task_id") {
            self.set(node, &json::string_value(id));
        }
        let (Some(list), Some(tree)) = (self.get("candidate_next_tasks"), self.doc.tree()) else { return };
        for one in list.children().filter(|one| one.text().is_some_and(|text| text == id)) {
            let text = String::from_utf8_lossy(tree.raw(&one.span())).into_owned();
            let addition = Addition::Item { at: tree.address(list), text, end: End::End };
            self.push(Change::TakeOut { addition, inserted: None, created: false, folders: 0 });
        }
    }

    /// An update in the shape of the newest one, at its end of the list.
    pub fn update(&mut self, id: &str, states: &States, summary: &str, now: DateTime<FixedOffset>) {
        let (Some(list), Some(tree)) =
            (self.get("recent_updates").filter(|list| list.shape().is_seq()), self.doc.tree())
        else {
            return;
        };
        let all: Vec<NodeRef<'_>> = list.children().collect();
        let end = newest(&all, self.get("last_task_id").and_then(super::string).as_deref());
        let like = if end == End::Start { all.first() } else { all.last() };
        let text = match like {
            Some(like) if like.text().is_some() => {
                let dated = like.text().is_some_and(|text| Stamp::read(&text).is_some());
                let day = if dated { format!("{}: ", now.date_naive()) } else { String::new() };
                json::encode(&format!("{day}{id}: {summary}"))
            }
            Some(like) => {
                let mut pairs: Vec<String> = Vec::new();
                for key in like.children().filter_map(|child| child.key()) {
                    let old = like.get(&key).and_then(|node| node.text()).unwrap_or_default();
                    let value = match &*key {
                        key if TASK_KEYS.contains(&key) => id.to_owned(),
                        "status" | "state" => done_word(&all, &key, states),
                        key if TEXT_KEYS.contains(&key) => summary.to_owned(),
                        _ => match format_of(&old, now) {
                            Some(time) => time,
                            None => continue,
                        },
                    };
                    pairs.push(format!("  {}: {}", json::encode(&key), json::encode(&value)));
                }
                format!("{{\n{}\n}}", pairs.join(",\n"))
            }
            None => {
                let pairs = [("task_id", id), ("status", "done"), ("summary", summary)];
                let pairs = pairs.map(|(key, value)| format!("  {}: {}", json::encode(key), json::encode(value)));
                format!("{{\n{}\n}}", pairs.join(",\n"))
            }
        };
        let addition = Addition::Item { at: tree.address(list), text, end };
        self.push(Change::Add { addition, gap: None });
    }
}

/// The change that makes a document say when it was changed last, in its own format; none where it is no time.
pub(super) fn stamped(doc: &Document, node: NodeRef<'_>, now: DateTime<FixedOffset>) -> Option<Edit> {
    set(doc, node, &format_of(&node.text()?, now)?)
}

fn set(doc: &Document, node: NodeRef<'_>, write: &str) -> Option<Edit> {
    let cell = CellId::Path(doc.tree()?.address(node));
    let found = doc.find(&cell).ok()?;
    let change = Change::Set { cell, expect: found.value.clone(), write: write.to_owned(), exact: None };
    (found.value != write).then(|| Edit { doc: doc.id().clone(), change })
}

/// Now, written as `old` is: a day, a time in UTC by `Z` or `+00:00`, or in another zone, to the second or finer.
fn format_of(old: &str, now: DateTime<FixedOffset>) -> Option<String> {
    Stamp::read(old)?;
    if old.len() == 10 {
        return Some(now.date_naive().to_string());
    }
    let digits = old.rsplit_once('.').map_or(0, |(_, rest)| rest.chars().take_while(char::is_ascii_digit).count());
    let precision = match digits {
        0 => SecondsFormat::Secs,
        1..=3 => SecondsFormat::Millis,
        4..=6 => SecondsFormat::Micros,
        _ => SecondsFormat::Nanos,
    };
    let utc = now.with_timezone(&Utc);
    match DateTime::parse_from_rfc3339(old) {
        Ok(_) if old.ends_with(['Z', 'z']) => Some(utc.to_rfc3339_opts(precision, true)),
        Ok(time) => Some(now.with_timezone(time.offset()).to_rfc3339_opts(precision, false)),
        Err(_) if old.len() == 16 && old.as_bytes()[10] == b' ' => Some(now.format("%Y-%m-%d %H:%M").to_string()),
        Err(_) if old.len() == 16 => Some(now.format("%Y-%m-%dT%H:%M").to_string()),
        Err(_) if old.len() == 19 && old.as_bytes()[10] == b' ' => Some(now.format("%Y-%m-%d %H:%M:%S").to_string()),
        Err(_) if old.len() == 19 => Some(utc.format("%Y-%m-%dT%H:%M:%S").to_string()),
        Err(_) => None,
    }
}

/// At which end the newest update stands: the one of the last task, else by the days in them; texts end with it, others begin.
fn newest(all: &[NodeRef<'_>], last: Option<&str>) -> End {
    let is_last = |node: Option<&NodeRef<'_>>| {
        node.is_some_and(|node| last.is_some() && super::keyed(*node, TASK_KEYS).as_deref() == last)
    };
    match (is_last(all.first()), is_last(all.last())) {
        (true, false) => return End::Start,
        (false, true) => return End::End,
        (_, _) => {}
    }
    let day = |node: Option<&NodeRef<'_>>| {
        let node = node?;
        let texts = node.text().into_iter().chain(node.children().filter_map(|child| child.text()));
        texts.filter_map(|text| Some(Stamp::read(&text)?.date)).next()
    };
    match (day(all.first()), day(all.last())) {
        (Some(first), Some(last)) if first > last => return End::Start,
        (Some(first), Some(last)) if first < last => return End::End,
        (_, _) => {}
    }
    if all.first().is_some_and(|node| node.text().is_some()) { End::End } else { End::Start }
}

/// The word of these updates for what is done.
fn done_word(all: &[NodeRef<'_>], key: &str, states: &States) -> String {
    let words = all.iter().filter_map(|node| node.get(key)?.text());
    let mut done = words.filter(|word| states.is_done(states.canonical(word)));
    done.next().map_or_else(|| "done".to_owned(), std::borrow::Cow::into_owned)
}

/// The heading of a new entry: like the last one, with a title or without.
pub(super) fn heading(journal: &Journal, today: NaiveDate, title: &str) -> String {
    let title = title.replace(['\n', '\r'], " ");
    let title = title.trim().trim_end_matches('.');
    match journal.entries.last() {
        Some(last) if last.title.is_empty() => today.to_string(),
        _ if title.is_empty() => today.to_string(),
        _ => format!("{today} {title}"),
    }
}
