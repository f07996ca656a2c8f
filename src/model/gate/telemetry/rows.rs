//! Samples in columns: what is kept of each record of an event that a clause needs.

use std::collections::HashMap;

use super::needs::EventNeeds;

/// Words that occur in records, each once.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Words {
    list: Vec<Box<str>>,
    index: HashMap<Box<str>, u32>,
    /// Site, host and pass that occur together.
    groups: Vec<[u32; 3]>,
    by_group: HashMap<[u32; 3], u32>,
}

impl Default for Words {
    fn default() -> Words {
        // Word 0 is "not there".
        let mut words = Words { list: Vec::new(), index: HashMap::new(), groups: Vec::new(), by_group: HashMap::new() };
        words.put("");
        words
    }
}

impl Words {
    pub fn put(&mut self, word: &str) -> u32 {
        if let Some(at) = self.index.get(word) {
            return *at;
        }
        let at = self.list.len() as u32;
        self.list.push(word.into());
        self.index.insert(word.into(), at);
        at
    }

    pub fn group(&mut self, group: [u32; 3]) -> u32 {
        *self.by_group.entry(group).or_insert_with(|| {
            self.groups.push(group);
            (self.groups.len() - 1) as u32
        })
    }

    pub fn word(&self, at: u32) -> &str {
        &self.list[at as usize]
    }

    fn group_at(&self, at: u32) -> [&str; 3] {
        self.groups[at as usize].map(|word| self.word(word))
    }
}

/// The records of one event in one file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    line: Vec<u32>,
    time: Vec<i64>,
    day: Vec<i32>,
    group: Vec<u32>,
    /// One column for each field of the needs; NaN where a record has no number. A column begins with the first record that
    /// has the field: most fields that an event might have, it never has.
    numbers: Vec<Vec<f64>>,
    words: Vec<Vec<u32>>,
}

/// One record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<'a> {
    /// 1-based line in the file.
    pub line: u32,
    /// Milliseconds since 1970; `i64::MIN` where the record has no time.
    pub time: i64,
    /// Days since 1970 where it was made; `i32::MIN` where the record has no time.
    pub day: i32,
    /// Site, host and pass; empty where it names none.
    pub group: [&'a str; 3],
    /// Position among the rows.
    pub at: usize,
}

/// A record before it is kept.
pub(super) struct NewRow<'a> {
    pub line: u32,
    pub time: (i64, i32),
    pub group: [u32; 3],
    pub numbers: &'a [f64],
    pub words: &'a [u32],
}

impl Rows {
    pub(super) fn new(needs: &EventNeeds) -> Rows {
        Rows {
            numbers: vec![Vec::new(); needs.numbers.len()],
            words: vec![Vec::new(); needs.words.len()],
            ..Rows::default()
        }
    }

    pub(super) fn push(&mut self, row: &NewRow<'_>, words: &mut Words) {
        self.line.push(row.line);
        self.time.push(row.time.0);
        self.day.push(row.time.1);
        self.group.push(words.group(row.group));
        let len = self.line.len();
        for (column, value) in self.numbers.iter_mut().zip(row.numbers) {
            if !(column.is_empty() && value.is_nan()) {
                column.resize(len - 1, f64::NAN);
                column.push(*value);
            }
        }
        for (column, value) in self.words.iter_mut().zip(row.words) {
            if !(column.is_empty() && *value == 0) {
                column.resize(len - 1, 0);
                column.push(*value);
            }
        }
    }

    /// Forgets the rows from `len` on.
    pub(super) fn truncate(&mut self, len: usize) {
        self.line.truncate(len);
        self.time.truncate(len);
        self.day.truncate(len);
        self.group.truncate(len);
        self.numbers.iter_mut().for_each(|column| column.truncate(len));
        self.words.iter_mut().for_each(|column| column.truncate(len));
    }

    /// Adds the rows of the following part of the same file, which begins behind `lines` lines.
    pub(super) fn append(&mut self, other: Rows, lines: u32, own: &mut Words, its: &Words) {
        let (before, more) = (self.line.len(), other.line.len());
        self.line.extend(other.line.iter().map(|line| line + lines));
        self.time.extend(other.time);
        self.day.extend(other.day);
        let word: Vec<u32> = its.list.iter().map(|word| own.put(word)).collect();
        let group: Vec<u32> = its.groups.iter().map(|group| own.group(group.map(|at| word[at as usize]))).collect();
        self.group.extend(other.group.iter().map(|at| group[*at as usize]));
        for (column, other) in self.numbers.iter_mut().zip(other.numbers) {
            if !(column.is_empty() && other.is_empty()) {
                column.resize(before, f64::NAN);
                column.extend(other);
                column.resize(before + more, f64::NAN);
            }
        }
        for (column, other) in self.words.iter_mut().zip(other.words) {
            if !(column.is_empty() && other.is_empty()) {
                column.resize(before, 0);
                column.extend(other.iter().map(|at| word[*at as usize]));
                column.resize(before + more, 0);
            }
        }
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.line.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.line.is_empty()
    }

    /// The number of a record in a column; none where it has none.
    pub fn number(&self, column: usize, at: usize) -> Option<f64> {
        self.numbers.get(column)?.get(at).copied().filter(|value| !value.is_nan())
    }

    pub(super) fn word_at(&self, column: usize, at: usize) -> u32 {
        self.words.get(column).and_then(|words| words.get(at)).copied().unwrap_or(0)
    }

    pub(super) fn row<'a>(&self, at: usize, words: &'a Words) -> Row<'a> {
        Row { line: self.line[at], time: self.time[at], day: self.day[at], group: words.group_at(self.group[at]), at }
    }
}
