//! Which id stands where: one row an id, one column a kind of document. A board of 100,000 rows costs some 30 bytes a row
//! beyond the titles: texts lie in one string, places in one vector.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

use super::Input;
use crate::doc::{DocId, Document};
use crate::model::cite;
use crate::model::session::SessionLog;
use crate::model::task::{Kind, TaskList, TaskRow};

/// A kind of document in which an id may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The task board as CSV.
    Csv,
    /// A task board as a Markdown table.
    Board,
    /// The backlog, in Markdown or YAML.
    Backlog,
    /// A plan's table of active work.
    Plan,
    /// A plan's table of delivered work.
    Delivered,
    /// The text of a session log.
    Session,
}

impl Place {
    /// All of them, in the order of the matrix's columns.
    pub const ALL: [Place; 6] =
        [Place::Csv, Place::Board, Place::Backlog, Place::Plan, Place::Delivered, Place::Session];

    /// The place that a kind of table is.
    pub fn of(kind: Kind) -> Place {
        match kind {
            Kind::Csv => Place::Csv,
            Kind::Board => Place::Board,
            Kind::Backlog | Kind::Todo => Place::Backlog,
            Kind::Plan => Place::Plan,
            Kind::Delivered => Place::Delivered,
        }
    }

    /// Its letter in a presence string such as `CBLP-S`.
    pub fn letter(self) -> char {
        match self {
            Place::Csv => 'C',
            Place::Board => 'B',
            Place::Backlog => 'L',
            Place::Plan => 'P',
            Place::Delivered => 'D',
            Place::Session => 'S',
        }
    }

    /// The word for it, in headers and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Place::Csv => "csv",
            Place::Board => "board",
            Place::Backlog => "backlog",
            Place::Plan => "plan",
            Place::Delivered => "delivered",
            Place::Session => "session",
        }
    }
}

/// The matrix.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    docs: Vec<DocId>,
    /// Id and title of each row, one behind the other.
    text: String,
    rows: Vec<RowEnds>,
    places: Vec<At>,
}

/// Where the parts of a row end; they begin where those of the row before end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct RowEnds {
    id: u32,
    title: u32,
    places: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct At {
    line: u32,
    doc: u16,
    place: Place,
}

/// One id of the matrix.
#[derive(Debug, Clone, Copy)]
pub struct SyncRow<'a> {
    matrix: &'a Matrix,
    index: usize,
}

impl<'a> SyncRow<'a> {
    /// Position in the matrix. The tasks of the list come first, in their order.
    pub fn index(self) -> usize {
        self.index
    }

    fn before(self) -> RowEnds {
        self.index.checked_sub(1).map_or(RowEnds::default(), |at| self.matrix.rows[at])
    }

    /// The id.
    pub fn id(self) -> &'a str {
        &self.matrix.text[self.before().title as usize..self.matrix.rows[self.index].id as usize]
    }

    /// Title of the leading document; empty for an id that is only delivered without a title, or only mentioned.
    pub fn title(self) -> &'a str {
        let own = self.matrix.rows[self.index];
        &self.matrix.text[own.id as usize..own.title as usize]
    }

    fn all(self) -> &'a [At] {
        &self.matrix.places[self.before().places as usize..self.matrix.rows[self.index].places as usize]
    }

    /// Document and 1-based line of each row there; of each session log the first line that names the id.
    pub fn at(self, place: Place) -> impl Iterator<Item = (&'a DocId, usize)> {
        let docs = &self.matrix.docs;
        let own = self.all().iter().filter(move |at| at.place == place);
        own.map(move |at| (&docs[usize::from(at.doc)], at.line as usize))
    }

    /// Whether the id stands there.
    pub fn stands(self, place: Place) -> bool {
        self.all().iter().any(|at| at.place == place)
    }

    /// A letter for each place where it stands, `-` for the others: `CBLP-S`.
    pub fn presence(self) -> String {
        Place::ALL.map(|place| if self.stands(place) { place.letter() } else { '-' }).iter().collect()
    }
}

impl Matrix {
    /// Builds the matrix; stops early, with what it has, when `cancel` is set.
    pub(super) fn project(input: &Input<'_>, cancel: &AtomicBool) -> Matrix {
        // Sized before, because growing by doubling would leave twice as much with the process.
        let sizes = input.tasks.iter().map(|task| (task.id().len() + task.title().len(), task.rows().len()));
        let (text, places) = sizes.fold((0, 0), |sum, size| (sum.0 + size.0, sum.1 + size.1));
        let mut matrix = Matrix {
            text: String::with_capacity(text),
            rows: Vec::with_capacity(input.tasks.len()),
            places: Vec::with_capacity(places),
            ..Matrix::default()
        };
        let mentions = mentions(input);
        let delivered = delivered(input);
        let mut known: HashSet<Cow<'_, str>> = HashSet::new();
        // The ids of a huge board are not kept: only those that stand elsewhere too are asked for again.
        for task in input.tasks.iter() {
            if task.index() % 1024 == 0 && cancel.load(Ordering::Relaxed) {
                return matrix;
            }
            let id = task.id();
            for row in task.rows() {
                matrix.push(Place::of(row.kind()), row.doc(), row.line());
            }
            let elsewhere = (delivered.get(&id), mentions.found.get(id.as_ref()));
            matrix.push_elsewhere(elsewhere.0, elsewhere.1);
            matrix.end_row(&id, &task.title());
            if elsewhere != (None, None) {
                known.insert(id);
            }
        }
        for (id, rows) in &delivered {
            if !known.contains(id) {
                let title = rows.first().and_then(|row| row.title.clone()).unwrap_or_default();
                matrix.push_elsewhere(Some(rows), mentions.found.get(id.as_ref()));
                matrix.end_row(id, &title);
            }
        }
        let mut only: Vec<_> = mentions.found.iter().filter(|(id, _)| mentions.is_ours(id)).collect();
        only.retain(|(id, _)| !known.contains(**id) && !delivered.contains_key(**id));
        only.sort_unstable();
        for (id, found) in only {
            matrix.push_elsewhere(None, Some(found));
            matrix.end_row(id, "");
        }
        matrix
    }

    fn push_elsewhere(&mut self, delivered: Option<&Vec<Delivered<'_>>>, mentions: Option<&Vec<(&DocId, usize)>>) {
        for row in delivered.into_iter().flatten() {
            self.push(Place::Delivered, row.doc, row.line);
        }
        for (doc, line) in mentions.into_iter().flatten() {
            self.push(Place::Session, doc, *line);
        }
    }

    fn push(&mut self, place: Place, doc: &DocId, line: usize) {
        let at = self.docs.iter().position(|known| known == doc).unwrap_or_else(|| {
            self.docs.push(doc.clone());
            self.docs.len() - 1
        });
        self.places.push(At { line: line as u32, doc: at as u16, place });
    }

    fn end_row(&mut self, id: &str, title: &str) {
        self.text.push_str(id);
        let id = self.text.len() as u32;
        self.text.push_str(title);
        self.rows.push(RowEnds { id, title: self.text.len() as u32, places: self.places.len() as u32 });
    }

    /// How many ids there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row at `index`, which must be below [`Matrix::len`].
    pub fn row(&self, index: usize) -> SyncRow<'_> {
        SyncRow { matrix: self, index }
    }

    /// All rows: the tasks in board order, then ids that are only delivered, then ids that only session logs name.
    pub fn iter(&self) -> impl Iterator<Item = SyncRow<'_>> {
        (0..self.len()).map(|index| self.row(index))
    }

    /// The row of that id.
    pub fn find(&self, id: &str) -> Option<SyncRow<'_>> {
        self.iter().find(|row| row.id() == id)
    }
}

/// A row of a table of delivered work.
#[derive(PartialEq, Eq)]
struct Delivered<'a> {
    doc: &'a DocId,
    line: usize,
    title: Option<Cow<'a, str>>,
}

/// The rows of delivered work by id.
fn delivered<'a>(input: &Input<'a>) -> BTreeMap<Cow<'a, str>, Vec<Delivered<'a>>> {
    use crate::workspace::config::Field;
    let mut found: BTreeMap<Cow<'a, str>, Vec<Delivered<'a>>> = BTreeMap::new();
    let row = |row: TaskRow<'a>| Delivered { doc: row.doc(), line: row.line(), title: row.field(Field::Title) };
    for each in input.tasks.delivered() {
        if let Some(id) = each.id().filter(|id| id.bytes().any(|b| b.is_ascii_digit())) {
            found.entry(id).or_default().push(row(each));
        }
    }
    found
}

/// The words of session logs that may be ids.
struct Mentions<'a> {
    /// Each log once, with the first line that has the word.
    found: HashMap<&'a str, Vec<(&'a DocId, usize)>>,
    /// What the ids of the workspace begin with: the `HB` of `HB-A-001`.
    projects: HashSet<String>,
}

impl Mentions<'_> {
    /// Whether a word that stands in no table is meant as one of the workspace's ids, and not as the number of a standard
    /// or of somebody else's tracker.
    fn is_ours(&self, word: &str) -> bool {
        cite::is_task_id(word) && word.split('-').next().is_some_and(|project| self.projects.contains(project))
    }
}

fn mentions<'a>(input: &Input<'a>) -> Mentions<'a> {
    let mut found: HashMap<&str, Vec<(&DocId, usize)>> = HashMap::new();
    for log in input.sessions {
        let Some(doc) = input.snapshot.get(&log.doc) else { continue };
        words(doc.bytes(), |word, line| {
            let logs = found.entry(word).or_default();
            if logs.last().is_none_or(|(last, _)| *last != &log.doc) {
                logs.push((&log.doc, line));
            }
        });
    }
    let mut projects = HashSet::new();
    // The ids of one table have one form; looking at a few of each plan is enough.
    for task in input.tasks.iter().take(10_000) {
        let id = task.id();
        let project = id.split('-').next().unwrap_or_default();
        if !projects.contains(project) && cite::is_task_id(&id) {
            projects.insert(project.to_owned());
        }
    }
    Mentions { found, projects }
}

/// Whether a document only grew, by text that names no task: what is compared stays as it is.
pub fn is_only_talk(before: &Document, after: &Document, tasks: &TaskList) -> bool {
    if !after.bytes().starts_with(before.bytes()) {
        return false;
    }
    // The last word of the old text may go on in the new one.
    let line = before.bytes().iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let ids: HashSet<Cow<'_, str>> =
        tasks.iter().map(|task| task.id()).chain(tasks.delivered().filter_map(|row| row.id())).collect();
    let mut named = false;
    words(&after.bytes()[line..], |word, _| named |= cite::is_task_id(word) || ids.contains(word));
    !named
}

/// Whether the same logs name the same tasks on their card lines.
pub fn same_cards(some: &[SessionLog], others: &[SessionLog]) -> bool {
    let cards = |log: &SessionLog| (log.doc.clone(), log.card_line, log.tasks.clone());
    some.iter().map(cards).eq(others.iter().map(cards))
}

/// Words that may be ids, with their lines: of letters, digits, `-` and `_`, with a digit in them. A word that begins with
/// an id (the name of a file, say) counts as that id too.
fn words<'a>(bytes: &'a [u8], mut each: impl FnMut(&'a str, usize)) {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let (mut at, mut line) = (0, 1);
    while at < bytes.len() {
        if !is_word(bytes[at]) {
            line += usize::from(bytes[at] == b'\n');
            at += 1;
            continue;
        }
        let start = at;
        let mut digit = false;
        while at < bytes.len() && is_word(bytes[at]) {
            digit |= bytes[at].is_ascii_digit();
            at += 1;
        }
        let Some(word) = std::str::from_utf8(&bytes[start..at]).ok().filter(|_| digit) else { continue };
        let word = word.trim_matches(['-', '_']);
        each(word, line);
        // `HB-A-001-before.json` names HB-A-001.
        if let Some(id) = id_in(word) {
            each(id, line);
        }
    }
}

/// The id with which a longer word begins.
fn id_in(word: &str) -> Option<&str> {
    let ends = word.match_indices(['-', '_']).map(|(at, _)| at);
    ends.skip(2).map(|end| &word[..end]).find(|part| cite::is_task_id(part))
}

/// The logs that name ids on their card line, by id.
pub(super) fn cards(sessions: &[SessionLog]) -> BTreeMap<String, Vec<DocId>> {
    let mut cards: BTreeMap<String, Vec<DocId>> = BTreeMap::new();
    for log in sessions {
        for id in &log.tasks {
            cards.entry(id.clone()).or_default().push(log.doc.clone());
        }
    }
    cards
}
