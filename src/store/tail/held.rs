//! The stretch of a log that is held: complete lines, the open line behind them, and where in the file they lie.
//!
//! Knows bytes and offsets, no file: what is put behind or in front must be the text next to what is held. Keeps the
//! stretch within [`MAX_HELD`] bytes by letting go of lines at the other end.
//!
//! Limits: an open line alone may span more than that, though only its first bytes are kept. How lines are cut, counted
//! and decoded is said in [`super`].

use std::borrow::Cow;
use std::collections::VecDeque;

/// Longest part of a line that is kept for view, unless more is asked for.
pub const MAX_LINE: usize = 16 * 1024;

/// How many bytes of file the held lines may span.
pub const MAX_HELD: u64 = 8 * 1024 * 1024;

/// How many bytes before the last offset must be the same for the file to have grown rather than to be another.
const SEAM: usize = 64;

/// One contiguous stretch of a file as lines.
pub struct Held {
    /// Longest part of a line that is kept.
    longest: usize,
    /// Complete lines, contiguous in the file.
    lines: VecDeque<Stored>,
    /// The line after `lines` whose terminator has not come yet: its first bytes (`longest` at most) and its length.
    open: Vec<u8>,
    open_len: u64,
    /// Offset of the first held byte; where `lines` starts.
    start: u64,
    /// Offset after the last byte looked at: `start` + all held lines + the open line.
    end: u64,
    /// The first held line begins in the middle of a line of the file.
    split: bool,
    /// Some line of the file is held in pieces, so lines cannot be counted.
    pieces: bool,
    /// 1-based number of the first held line, while known.
    first_number: Option<u64>,
    /// The bytes before `end`, at most `SEAM`.
    seam: Vec<u8>,
}

struct Stored {
    offset: u64,
    text: Box<str>,
    cut: Cut,
}

/// Whether the view shows a whole line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The line is whole.
    Whole,
    /// The line goes on after what is shown; so many bytes are left out.
    End(u64),
    /// The text begins in the middle of a line that is longer than the search backwards goes.
    Front,
}

/// One line for view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// Offset of its first byte in the file.
    pub offset: u64,
    /// 1-based number, when known.
    pub number: Option<u64>,
    /// The text without its terminator, invalid bytes replaced.
    pub text: Cow<'a, str>,
    /// Whether something is missing.
    pub cut: Cut,
    /// Whether its terminator has come; only the last line can lack it.
    pub complete: bool,
}

impl Held {
    /// Nothing yet; of a line at most so many bytes will be kept.
    pub fn new(longest: usize) -> Held {
        Held {
            longest,
            lines: VecDeque::new(),
            open: Vec::new(),
            open_len: 0,
            start: 0,
            end: 0,
            split: false,
            pieces: false,
            first_number: None,
            seam: Vec::new(),
        }
    }

    /// Forgets everything; the next bytes are those at `start`. `number` is that of the line there, when known; `split`
    /// says that it begins in the middle of a line of the file.
    pub fn restart(&mut self, start: u64, number: Option<u64>, split: bool) {
        self.lines.clear();
        self.open.clear();
        self.open_len = 0;
        self.seam.clear();
        self.start = start;
        self.end = start;
        self.first_number = number;
        self.split = split;
        self.pieces = false;
    }

    /// Takes the next bytes of the file, after `end`; returns how many lines they completed. When too much is held, the
    /// oldest lines are let go.
    pub fn append(&mut self, bytes: &[u8]) -> usize {
        let mut completed = 0;
        let mut at = 0;
        for newline in memchr::memchr_iter(b'\n', bytes) {
            let piece = &bytes[at..=newline];
            if self.open_len == 0 {
                self.lines.push_back(stored(self.end, piece, piece.len() as u64, self.longest));
            } else {
                let offset = self.end - self.open_len;
                self.extend_open(piece);
                self.lines.push_back(stored(offset, &self.open, self.open_len, self.longest));
                self.open.clear();
                self.open_len = 0;
            }
            self.end += piece.len() as u64;
            completed += 1;
            at = newline + 1;
        }
        self.extend_open(&bytes[at..]);
        self.end += (bytes.len() - at) as u64;
        let keep = self.seam.len().min(SEAM.saturating_sub(bytes.len()));
        self.seam.drain(..self.seam.len() - keep);
        self.seam.extend_from_slice(&bytes[bytes.len().saturating_sub(SEAM)..]);
        self.let_go_of_oldest();
        completed
    }

    /// Takes bytes from in front of the held ones, from offset `from` on; returns how many lines they are. `split` says
    /// that they begin in the middle of a line of the file. When too much is held, the newest lines are let go.
    pub fn prepend(&mut self, from: u64, bytes: &[u8], split: bool) -> usize {
        let mut earlier = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let len = memchr::memchr(b'\n', rest).map_or(rest.len(), |i| i + 1);
            earlier.push(stored(from + at as u64, &rest[..len], len as u64, self.longest));
            at += len;
        }
        let count = earlier.len();
        for line in earlier.into_iter().rev() {
            self.lines.push_front(line);
        }
        self.start = from;
        self.pieces |= self.split;
        self.split = split;
        self.first_number = match self.first_number {
            Some(number) => number.checked_sub(count as u64),
            None => (from == 0 && !self.pieces).then_some(1),
        };
        self.let_go_of_newest();
        count
    }

    /// Offset of the first held byte.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Offset after the last byte taken.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// How many bytes of the file are held, the open line included.
    pub fn span(&self) -> u64 {
        self.end - self.start
    }

    /// The last bytes before `end`: whether they still stand there tells growth from another text. Empty when unknown.
    pub fn seam(&self) -> &[u8] {
        &self.seam
    }

    /// Whether the last line lacks its terminator.
    pub fn has_open_line(&self) -> bool {
        self.open_len > 0
    }

    /// The held lines, oldest first; the last one may be incomplete.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = Line<'_>> {
        let number = move |index: usize| self.first_number.map(|first| first + index as u64);
        let cut = move |index: usize, cut: Cut| if index == 0 && self.split { Cut::Front } else { cut };
        let complete = self.lines.iter().enumerate().map(move |(index, line)| Line {
            offset: line.offset,
            number: number(index),
            text: Cow::Borrowed(&*line.text),
            cut: cut(index, line.cut),
            complete: true,
        });
        let open = (self.open_len > 0).then(|| {
            let offset = self.end - self.open_len;
            let line = stored(offset, &self.open, self.open_len, self.longest);
            let number = number(self.lines.len());
            let cut = cut(self.lines.len(), line.cut);
            Line { offset, number, text: Cow::Owned(line.text.into()), cut, complete: false }
        });
        complete.chain(open)
    }

    /// How many lines are held, the incomplete one included.
    pub fn len(&self) -> usize {
        self.lines.len() + usize::from(self.open_len > 0)
    }

    fn extend_open(&mut self, piece: &[u8]) {
        let room = (self.longest + 2).saturating_sub(self.open.len()).min(piece.len());
        self.open.extend_from_slice(&piece[..room]);
        self.open_len += piece.len() as u64;
    }

    fn let_go_of_oldest(&mut self) {
        while self.span() > MAX_HELD && !self.lines.is_empty() {
            self.lines.pop_front();
            self.split = false;
            self.start = self.lines.front().map_or(self.end - self.open_len, |line| line.offset);
            self.first_number = self.first_number.map(|number| number + 1);
        }
    }

    fn let_go_of_newest(&mut self) {
        let mut cut = false;
        while self.span() > MAX_HELD && (self.lines.len() > 1 || self.open_len > 0) {
            if self.open_len > 0 {
                self.end -= self.open_len;
                self.open.clear();
                self.open_len = 0;
            } else if let Some(line) = self.lines.pop_back() {
                self.end = line.offset;
            }
            cut = true;
        }
        if cut {
            self.seam.clear();
        }
    }
}

/// A line from its first bytes and its length, both with the terminator if it has come.
fn stored(offset: u64, bytes: &[u8], len: u64, longest: usize) -> Stored {
    let mut view = bytes;
    let left_out = len - bytes.len() as u64;
    if left_out == 0 {
        if let Some(stripped) = view.strip_suffix(b"\n") {
            view = stripped;
        }
        if let Some(stripped) = view.strip_suffix(b"\r") {
            view = stripped;
        }
    }
    if offset == 0 {
        view = view.strip_prefix(b"\xef\xbb\xbf").unwrap_or(view);
    }
    let mut shown = view.len().min(longest);
    // Not in the middle of a character.
    while shown < view.len() && shown > 0 && view[shown] & 0xc0 == 0x80 {
        shown -= 1;
    }
    let text = String::from_utf8_lossy(&view[..shown]).into_owned().into_boxed_str();
    let missing = left_out + (view.len() - shown) as u64;
    let cut = if missing > 0 { Cut::End(missing) } else { Cut::Whole };
    Stored { offset, text, cut }
}
