//! Follows a log by windows: a file of any size opens at once, growth costs what is new, memory stays bounded.
//!
//! Limits: regular files only. Line numbers are known only while the held lines were counted from the start of the
//! file. A line longer than [`MAX_LINE`] bytes is cut for view; bytes that are not UTF-8 show as U+FFFD. A file that
//! is cut and refilled beyond its old length between two looks is recognised by the bytes before the last offset, so
//! a rewrite that repeats exactly these bytes at that place passes for growth.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A good first window: a few thousand lines, read in well under a millisecond.
pub const WINDOW: usize = 256 * 1024;

/// Longest part of a line that is kept for view.
pub const MAX_LINE: usize = 16 * 1024;

/// How many bytes of file the held lines may span.
pub const MAX_HELD: u64 = 8 * 1024 * 1024;

/// How far back one call searches for the start of a line.
const MAX_BACK: u64 = 16 * 1024 * 1024;

/// How many bytes before the last offset must be the same for the file to have grown rather than to be another.
const SEAM: u64 = 64;

/// A log that is being followed: the lines of one contiguous stretch of the file, usually its end.
pub struct Tail {
    path: PathBuf,
    file: File,
    identity: (u64, u64),
    window: u64,
    /// Complete lines, contiguous in the file.
    lines: VecDeque<Stored>,
    /// The line after `lines` whose terminator has not come yet: its first bytes (`MAX_LINE` at most) and its length.
    open: Vec<u8>,
    open_len: u64,
    /// Offset of the first held byte; where `lines` starts.
    start: u64,
    /// Offset after the last byte looked at: `start` + all held lines + the open line.
    end: u64,
    /// Last known size of the file; larger than `end` only after paging up dropped the newest lines.
    size: u64,
    /// The first held line begins in the middle of a line of the file.
    split: bool,
    /// Some line of the file is held in pieces, so lines cannot be counted.
    pieces: bool,
    /// 1-based number of the first held line, while known.
    first_number: Option<u64>,
    /// The bytes before `end`, at most `SEAM`.
    seam: Vec<u8>,
    buffer: Vec<u8>,
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

/// What became of a log since the last look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// Nothing new (or the newest lines are not held because the operator paged away from them).
    Nothing,
    /// Lines came.
    Appended {
        /// How many of the last held lines are new or changed.
        lines: usize,
        /// The first of them is the formerly incomplete last line, now longer or complete.
        extends_last: bool,
    },
    /// So much came at once that only the last window was read: the held lines are all new, older ones are skipped.
    Jumped,
    /// The file became shorter or was rewritten in place; the held lines are those of its new end.
    Truncated,
    /// Another file has taken the name (rotation, rename-over); the held lines are those of its end.
    Replaced,
}

/// What loading an earlier or later window did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paged {
    /// So many lines were added.
    Lines(usize),
    /// There is nothing more in that direction.
    Edge,
}

impl Tail {
    /// Opens a log at its end and reads about `window` bytes. Never blocks: anything but a regular file is refused.
    pub fn open(path: &Path, window: usize) -> io::Result<Tail> {
        let (file, meta) = open_regular(path)?;
        let mut tail = Tail {
            path: path.to_owned(),
            file,
            identity: identity(&meta),
            window: (window as u64).clamp(4096, MAX_HELD / 2),
            lines: VecDeque::new(),
            open: Vec::new(),
            open_len: 0,
            start: 0,
            end: 0,
            size: meta.len(),
            split: false,
            pieces: false,
            first_number: None,
            seam: Vec::new(),
            buffer: Vec::new(),
        };
        tail.load_end()?;
        Ok(tail)
    }

    /// To be called when the file may have changed: one `stat`, one `fstat`, and one read of just the new bytes.
    /// An error (the file is gone) leaves the held lines as they are; call again when it may be back.
    pub fn grew(&mut self) -> io::Result<Growth> {
        let named = std::fs::metadata(&self.path)?;
        if identity(&named) != self.identity {
            let (file, meta) = open_regular(&self.path)?;
            self.file = file;
            self.identity = identity(&meta);
            self.size = meta.len();
            self.load_end()?;
            return Ok(Growth::Replaced);
        }
        let following = self.is_at_end();
        self.size = named.len();
        if self.size < self.end {
            self.load_end()?;
            return Ok(Growth::Truncated);
        }
        if !following {
            return Ok(Growth::Nothing);
        }
        if self.size - self.end > MAX_HELD {
            self.load_end()?;
            return Ok(Growth::Jumped);
        }
        self.read_on(self.size - self.end)
    }

    /// Loads about one window of earlier lines in front. When more than [`MAX_HELD`] bytes would be held, the newest
    /// lines are let go and following pauses until [`Tail::to_end`] or [`Tail::load_after`] reach the end again.
    pub fn load_before(&mut self) -> io::Result<Paged> {
        if self.start == 0 {
            return Ok(Paged::Edge);
        }
        let stop = self.start;
        let mut span = self.window;
        let (from, split) = loop {
            let from = stop.saturating_sub(span);
            read_span(&self.file, &mut self.buffer, from, stop)?;
            if from == 0 {
                break (0, false);
            }
            // A line feed at the very end terminates the line that is being searched.
            let searched = self.buffer.len().saturating_sub(1);
            if let Some(at) = memchr::memchr(b'\n', &self.buffer[..searched]) {
                self.buffer.drain(..=at);
                break (from + at as u64 + 1, false);
            }
            if span >= MAX_BACK {
                break (from, true);
            }
            span *= 4;
        };
        let mut earlier = Vec::new();
        let mut at = 0;
        while at < self.buffer.len() {
            let rest = &self.buffer[at..];
            let len = memchr::memchr(b'\n', rest).map_or(rest.len(), |i| i + 1);
            earlier.push(stored(from + at as u64, &rest[..len], len as u64));
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
        Ok(Paged::Lines(count))
    }

    /// Loads about one window of later lines, after paging up has let go of them.
    pub fn load_after(&mut self) -> io::Result<Paged> {
        if self.is_at_end() {
            return Ok(Paged::Edge);
        }
        match self.read_on(self.window.min(self.size - self.end))? {
            Growth::Appended { lines, .. } => Ok(Paged::Lines(lines)),
            Growth::Nothing | Growth::Jumped => Ok(Paged::Edge),
            Growth::Truncated | Growth::Replaced => Ok(Paged::Lines(self.len())),
        }
    }

    /// Goes back to the end of the file and follows again.
    pub fn to_end(&mut self) -> io::Result<()> {
        if !self.is_at_end() {
            self.load_end()?;
        }
        Ok(())
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
            let line = stored(offset, &self.open, self.open_len);
            let number = number(self.lines.len());
            let cut = cut(self.lines.len(), line.cut);
            Line { offset, number, text: Cow::Owned(line.text.into()), cut, complete: false }
        });
        complete.chain(open)
    }

    /// The last `count` held lines, oldest first: what [`Growth::Appended`] counted.
    pub fn last_lines(&self, count: usize) -> impl Iterator<Item = Line<'_>> {
        self.lines().rev().take(count).collect::<Vec<_>>().into_iter().rev()
    }

    /// How many lines are held, the incomplete one included.
    pub fn len(&self) -> usize {
        self.lines.len() + usize::from(self.open_len > 0)
    }

    /// Whether no line is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Size of the file at the last look.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Whether the held lines reach back to the start of the file.
    pub fn from_start(&self) -> bool {
        self.start == 0
    }

    /// Whether the held lines reach the end of the file, so that growth is followed.
    pub fn is_at_end(&self) -> bool {
        self.end == self.size
    }

    /// The file that is followed.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Forgets everything and reads the last window of the file.
    fn load_end(&mut self) -> io::Result<()> {
        let from = self.size.saturating_sub(self.window);
        self.lines.clear();
        self.open.clear();
        self.open_len = 0;
        self.seam.clear();
        // One byte more tells whether the window starts at the start of a line.
        let before = from.saturating_sub(1);
        let mut bytes = std::mem::take(&mut self.buffer);
        let read = read_span(&self.file, &mut bytes, before, self.size);
        let skip = match memchr::memchr(b'\n', &bytes) {
            Some(at) if from > 0 && at + 1 < bytes.len() => at + 1,
            _ if from > 0 => (from - before) as usize,
            _ => 0,
        };
        let whole = from == 0 || (skip > 0 && bytes.get(skip - 1) == Some(&b'\n'));
        self.start = before + skip.min(bytes.len()) as u64;
        self.end = self.start;
        self.first_number = (from == 0).then_some(1);
        let fed = skip.min(bytes.len());
        self.feed(&bytes[fed..]);
        self.split = !whole;
        self.pieces = false;
        self.buffer = bytes;
        // The file may have been cut between `stat` and read: what was read is what there is.
        self.size = self.end;
        read
    }

    /// Reads the next `count` bytes after `end`, together with the seam that shows whether this is still the text that
    /// was read before.
    fn read_on(&mut self, count: u64) -> io::Result<Growth> {
        if count == 0 && self.seam.is_empty() {
            return Ok(Growth::Nothing);
        }
        let mut bytes = std::mem::take(&mut self.buffer);
        let read = read_span(&self.file, &mut bytes, self.end - self.seam.len() as u64, self.end + count);
        let same = bytes.starts_with(&self.seam);
        let new = bytes.get(self.seam.len()..).unwrap_or(&[]);
        let extends_last = self.open_len > 0;
        let grew = read.is_ok() && same && !new.is_empty();
        let added = if grew { self.feed(new) } else { 0 };
        self.buffer = bytes;
        read?;
        if !same {
            self.size = self.file.metadata()?.len();
            self.load_end()?;
            return Ok(Growth::Truncated);
        }
        if !grew {
            return Ok(Growth::Nothing);
        }
        self.size = self.size.max(self.end);
        self.let_go_of_oldest();
        let lines = (added + usize::from(self.open_len > 0)).min(self.len());
        Ok(Growth::Appended { lines, extends_last })
    }

    /// Takes the next bytes of the file; returns how many lines they completed.
    fn feed(&mut self, bytes: &[u8]) -> usize {
        let mut completed = 0;
        let mut at = 0;
        for newline in memchr::memchr_iter(b'\n', bytes) {
            let piece = &bytes[at..=newline];
            if self.open_len == 0 {
                self.lines.push_back(stored(self.end, piece, piece.len() as u64));
            } else {
                let offset = self.end - self.open_len;
                self.extend_open(piece);
                self.lines.push_back(stored(offset, &self.open, self.open_len));
                self.open.clear();
                self.open_len = 0;
            }
            self.end += piece.len() as u64;
            completed += 1;
            at = newline + 1;
        }
        self.extend_open(&bytes[at..]);
        self.end += (bytes.len() - at) as u64;
        let keep = self.seam.len().min((SEAM as usize).saturating_sub(bytes.len()));
        self.seam.drain(..self.seam.len() - keep);
        self.seam.extend_from_slice(&bytes[bytes.len().saturating_sub(SEAM as usize)..]);
        completed
    }

    fn extend_open(&mut self, piece: &[u8]) {
        let room = (MAX_LINE + 2).saturating_sub(self.open.len()).min(piece.len());
        self.open.extend_from_slice(&piece[..room]);
        self.open_len += piece.len() as u64;
    }

    fn let_go_of_oldest(&mut self) {
        while self.end - self.start > MAX_HELD && !self.lines.is_empty() {
            self.lines.pop_front();
            self.split = false;
            self.start = self.lines.front().map_or(self.end - self.open_len, |line| line.offset);
            self.first_number = self.first_number.map(|number| number + 1);
        }
    }

    fn let_go_of_newest(&mut self) {
        let mut cut = false;
        while self.end - self.start > MAX_HELD && (self.lines.len() > 1 || self.open_len > 0) {
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

/// Opens a regular file for reading without ever waiting for another process.
fn open_regular(path: &Path) -> io::Result<(File, Metadata)> {
    refuse_special(&std::fs::metadata(path)?)?;
    // The flag is for the case that something else takes the name between the two calls: a FIFO would block.
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    let meta = file.metadata()?;
    refuse_special(&meta)?;
    Ok((file, meta))
}

fn refuse_special(meta: &Metadata) -> io::Result<()> {
    let kind = meta.file_type();
    if kind.is_file() {
        return Ok(());
    }
    let what = if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it is {what}, not a regular file")))
}

fn identity(meta: &Metadata) -> (u64, u64) {
    (meta.dev(), meta.ino())
}

/// Fills `buffer` with the bytes `from..to`, fewer at the end of the file.
fn read_span(file: &File, buffer: &mut Vec<u8>, from: u64, to: u64) -> io::Result<()> {
    // A buffer that a long search backwards has made large is not kept.
    if buffer.capacity() as u64 > 2 * MAX_HELD {
        *buffer = Vec::new();
    }
    buffer.clear();
    buffer.resize((to - from) as usize, 0);
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], from + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                buffer.truncate(filled);
                return Err(error);
            }
        }
    }
    buffer.truncate(filled);
    Ok(())
}

/// A line from its first bytes and its length, both with the terminator if it has come.
fn stored(offset: u64, bytes: &[u8], len: u64) -> Stored {
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
    let mut shown = view.len().min(MAX_LINE);
    // Not in the middle of a character.
    while shown < view.len() && shown > 0 && view[shown] & 0xc0 == 0x80 {
        shown -= 1;
    }
    let text = String::from_utf8_lossy(&view[..shown]).into_owned().into_boxed_str();
    let missing = left_out + (view.len() - shown) as u64;
    let cut = if missing > 0 { Cut::End(missing) } else { Cut::Whole };
    Stored { offset, text, cut }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write;

    fn texts(tail: &Tail) -> Vec<String> {
        tail.lines().map(|line| line.text.into_owned()).collect()
    }

    fn file(content: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.log");
        fs::write(&path, content).unwrap();
        (dir, path)
    }

    fn append(path: &Path, bytes: impl AsRef<[u8]>) {
        OpenOptions::new().append(true).open(path).unwrap().write_all(bytes.as_ref()).unwrap();
    }

    fn numbered(count: usize) -> String {
        (1..=count).map(|n| format!("line {n}\n")).collect()
    }

    #[test]
    fn lines_of_all_kinds() {
        let check = |content: &[u8], expect: &[&str]| {
            let (_dir, path) = file(content);
            let tail = Tail::open(&path, WINDOW).unwrap();
            assert_eq!(texts(&tail), expect, "{content:?}");
            assert_eq!(tail.len(), expect.len());
            assert!(tail.from_start() && tail.is_at_end());
        };
        check(b"", &[]);
        check(b"\n", &[""]);
        check(b"a\nb", &["a", "b"]);
        check(b"a\r\n\r\nb\r", &["a", "", "b"]);
        check(b"\xef\xbb\xbfa\n\0b\n", &["a", "\0b"]);
        check(b"a\xffb\n\xc3", &["a\u{fffd}b", "\u{fffd}"]);
    }

    #[test]
    fn growth_is_read_once_and_completes_the_last_line() {
        let (_dir, path) = file("one\ntw");
        let mut tail = Tail::open(&path, WINDOW).unwrap();
        assert!(!tail.lines().last().unwrap().complete);
        assert_eq!(tail.grew().unwrap(), Growth::Nothing);
        append(&path, b"o\nthr\xc3");
        assert_eq!(tail.grew().unwrap(), Growth::Appended { lines: 2, extends_last: true });
        assert_eq!(tail.last_lines(2).next().unwrap().text, "two");
        append(&path, b"more");
        assert_eq!(tail.grew().unwrap(), Growth::Appended { lines: 1, extends_last: true });
        append(&path, b"\nfour\nfive\n");
        assert_eq!(tail.grew().unwrap(), Growth::Appended { lines: 3, extends_last: true });
        append(&path, b"six\n");
        assert_eq!(tail.grew().unwrap(), Growth::Appended { lines: 1, extends_last: false });
        let numbers: Vec<_> = tail.lines().map(|line| line.number).collect();
        assert_eq!(numbers, (1..=6).map(Some).collect::<Vec<_>>());
        let bytes = fs::read(&path).unwrap();
        for line in tail.lines().skip(3) {
            assert!(bytes[line.offset as usize..].starts_with(line.text.as_bytes()));
        }
    }

    #[test]
    fn a_character_may_come_in_two_writes() {
        let (_dir, path) = file(b"a\xc3");
        let mut tail = Tail::open(&path, WINDOW).unwrap();
        append(&path, b"\xa9\n");
        tail.grew().unwrap();
        assert_eq!(texts(&tail), ["aé"]);
    }

    #[test]
    fn truncation_rewriting_and_rotation_are_told_apart() {
        let (dir, path) = file(numbered(10));
        let mut tail = Tail::open(&path, WINDOW).unwrap();
        fs::write(&path, "new\n").unwrap();
        assert_eq!(tail.grew().unwrap(), Growth::Truncated);
        assert_eq!(texts(&tail), ["new"]);
        fs::write(&path, "").unwrap();
        assert_eq!(tail.grew().unwrap(), Growth::Truncated);
        append(&path, "x\n");
        assert_eq!(tail.grew().unwrap(), Growth::Appended { lines: 1, extends_last: false });
        fs::write(&path, "other and longer\n").unwrap();
        assert_eq!(tail.grew().unwrap(), Growth::Truncated);
        assert_eq!(texts(&tail), ["other and longer"]);
        fs::rename(&path, dir.path().join("x.log.1")).unwrap();
        assert_eq!(tail.grew().unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(texts(&tail), ["other and longer"]);
        fs::write(&path, "rotated\n").unwrap();
        assert_eq!(tail.grew().unwrap(), Growth::Replaced);
        assert_eq!(texts(&tail), ["rotated"]);
    }

    #[test]
    fn windows_page_back_to_the_start() {
        let content = numbered(5000);
        let (_dir, path) = file(&content);
        let mut tail = Tail::open(&path, 4096).unwrap();
        assert_eq!(tail.lines().last().unwrap().text, "line 5000");
        assert_eq!(tail.lines().next().unwrap().number, None);
        let mut held = tail.len();
        while let Paged::Lines(count) = tail.load_before().unwrap() {
            held += count;
        }
        assert_eq!(held, 5000);
        assert!(tail.from_start());
        let expect: Vec<_> = content.lines().collect();
        assert_eq!(texts(&tail), expect);
        assert_eq!(tail.lines().map(|line| line.number).collect::<Vec<_>>(), (1..=5000).map(Some).collect::<Vec<_>>());
    }

    #[test]
    fn memory_stays_bounded_and_the_end_can_be_reached_again() {
        let line = format!("{}\n", "x".repeat(99));
        let count = 3 * MAX_HELD as usize / line.len();
        let (_dir, path) = file(line.repeat(count));
        let mut tail = Tail::open(&path, 1 << 20).unwrap();
        while tail.load_before().unwrap() != Paged::Edge {
            assert!(tail.end - tail.start <= MAX_HELD);
        }
        assert!(tail.from_start() && !tail.is_at_end());
        assert_eq!(tail.lines().next().unwrap().number, Some(1));
        append(&path, "last\n");
        assert_eq!(tail.grew().unwrap(), Growth::Nothing);
        while tail.load_after().unwrap() != Paged::Edge {
            assert!(tail.end - tail.start <= MAX_HELD);
        }
        let last = tail.lines().last().unwrap();
        assert_eq!((&*last.text, last.number), ("last", Some(count as u64 + 1)));
        append(&path, "again\n");
        assert_eq!(tail.grew().unwrap(), Growth::Appended { lines: 1, extends_last: false });
        while tail.load_before().unwrap() != Paged::Edge {}
        tail.to_end().unwrap();
        assert_eq!(tail.lines().last().unwrap().text, "again");
        append(&path, line.repeat(count / 2));
        assert_eq!(tail.grew().unwrap(), Growth::Jumped);
        assert_eq!(tail.lines().last().unwrap().text.len(), 99);
    }

    #[test]
    fn lines_without_end_are_cut() {
        let mut content = b"first\n".to_vec();
        content.extend(vec![b'y'; 3_000_000]);
        let (_dir, path) = file(&content);
        let mut tail = Tail::open(&path, 4096).unwrap();
        assert_eq!(tail.lines().next().unwrap().cut, Cut::Front);
        append(&path, "\nend\n");
        assert_eq!(tail.grew().unwrap(), Growth::Appended { lines: 2, extends_last: true });
        assert_eq!(tail.lines().next().unwrap().cut, Cut::Front);
        while tail.load_before().unwrap() != Paged::Edge {}
        assert_eq!(tail.lines().next().unwrap().text, "first");
        assert_eq!(tail.lines().next().unwrap().number, None);
        assert!(tail.lines().all(|line| line.text.len() <= MAX_LINE));
        let tail = Tail::open(&path, 4_000_000).unwrap();
        let line = tail.lines().nth(1).unwrap();
        assert_eq!((line.text.len(), line.cut), (MAX_LINE, Cut::End((3_000_000 - MAX_LINE) as u64)));
        assert_eq!(line.number, Some(2));
    }

    #[test]
    fn special_files_are_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        for path in [&pipe, dir.path(), Path::new("/dev/zero")] {
            assert_eq!(Tail::open(path, WINDOW).err().unwrap().kind(), io::ErrorKind::InvalidInput);
        }
        assert_eq!(Tail::open(&dir.path().join("none"), WINDOW).err().unwrap().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn any_split_of_writes_and_any_window_show_the_same_lines() {
        use proptest::prelude::*;
        let piece = prop_oneof!["[a-c\r]{0,5}", Just("\n".to_owned()), Just("é\r\n".to_owned())];
        proptest!(ProptestConfig::with_cases(64), |(pieces in proptest::collection::vec(piece, 0..40), window in 0usize..9000, big in any::<bool>())| {
            let (_dir, path) = file(if big { "long line\n".repeat(900) } else { String::new() });
            let mut tail = Tail::open(&path, window).unwrap();
            for piece in &pieces {
                append(&path, piece);
                tail.grew().unwrap();
            }
            while tail.load_before().unwrap() != Paged::Edge {}
            let content = fs::read_to_string(&path).unwrap();
            let mut expect: Vec<&str> = content.split('\n').map(|l| l.strip_suffix('\r').unwrap_or(l)).collect();
            if content.is_empty() || content.ends_with('\n') {
                expect.pop();
            }
            prop_assert_eq!(texts(&tail), expect);
        });
    }

    /// Prints what following costs: a sparse gigabyte, and 10,000 lines in steps.
    #[test]
    fn cost() {
        let (_dir, path) = file("");
        OpenOptions::new().write(true).open(&path).unwrap().set_len(1 << 30).unwrap();
        append(&path, numbered(10_000));
        let start = std::time::Instant::now();
        let mut tail = Tail::open(&path, WINDOW).unwrap();
        println!("open 1 GB: {:?}", start.elapsed());
        let mut out = OpenOptions::new().append(true).open(&path).unwrap();
        let mut spent = std::time::Duration::ZERO;
        for n in 0..10_000 {
            out.write_all(format!("2026-01-01T00:00:00 INFO a usual line of a log, number {n}\n").as_bytes()).unwrap();
            let start = std::time::Instant::now();
            tail.grew().unwrap();
            spent += start.elapsed();
        }
        println!("10,000 lines, one look per line: {spent:?}");
    }
}
