//! Follows a log by windows: a file of any size opens at once, growth costs what is new, memory stays bounded.
//!
//! Limits: regular files only. Line numbers are known only while the held lines were counted from the start of the
//! file. A line longer than [`MAX_LINE`] bytes is cut for view; bytes that are not UTF-8 show as U+FFFD. A file that
//! is cut and refilled beyond its old length between two looks is recognised by the bytes before the last offset, so
//! a rewrite that repeats exactly these bytes at that place passes for growth.

mod held;

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use held::Held;
pub use held::{Cut, Line, MAX_HELD, MAX_LINE};

use crate::sys::{Identity, file};

/// A good first window: a few thousand lines, read in well under a millisecond.
pub const WINDOW: usize = 256 * 1024;

/// How far back one call searches for the start of a line.
const MAX_BACK: u64 = 16 * 1024 * 1024;

/// A log that is being followed: the lines of one contiguous stretch of the file, usually its end.
pub struct Tail {
    path: PathBuf,
    file: File,
    identity: Identity,
    window: u64,
    held: Held,
    /// Last known size of the file; larger than the end of what is held only after paging up dropped the newest lines.
    size: u64,
    buffer: Vec<u8>,
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

/// What loading an earlier window did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paged {
    /// So many lines were added.
    Lines(usize),
    /// There is nothing before.
    Edge,
}

impl Tail {
    /// Opens a log at its end and reads about `window` bytes. Never blocks: anything but a regular file is refused.
    pub fn open(path: &Path, window: usize) -> io::Result<Tail> {
        Tail::open_wide(path, window, MAX_LINE)
    }

    /// As [`Tail::open`], for a file whose lines are longer than any that is read by eye: of each at most `longest` bytes
    /// are kept.
    pub fn open_wide(path: &Path, window: usize, longest: usize) -> io::Result<Tail> {
        let (file, meta) = open_regular(path)?;
        let mut tail = Tail {
            path: path.to_owned(),
            identity: file::identity_open(&file, path, &meta),
            file,
            window: (window as u64).clamp(4096, MAX_HELD / 2),
            held: Held::new(longest),
            size: meta.len(),
            buffer: Vec::new(),
        };
        tail.load_end()?;
        Ok(tail)
    }

    /// To be called when the file may have changed: one `stat`, one `fstat`, and one read of just the new bytes.
    /// An error (the file is gone) leaves the held lines as they are; call again when it may be back.
    pub fn grew(&mut self) -> io::Result<Growth> {
        let named = std::fs::metadata(&self.path)?;
        if file::identity(&self.path, &named) != self.identity {
            let (file, meta) = open_regular(&self.path)?;
            self.identity = file::identity_open(&file, &self.path, &meta);
            self.file = file;
            self.size = meta.len();
            self.load_end()?;
            return Ok(Growth::Replaced);
        }
        let following = self.is_at_end();
        self.size = named.len();
        if self.size < self.held.end() {
            self.load_end()?;
            return Ok(Growth::Truncated);
        }
        if !following {
            return Ok(Growth::Nothing);
        }
        if self.size - self.held.end() > MAX_HELD {
            self.load_end()?;
            return Ok(Growth::Jumped);
        }
        self.read_on(self.size - self.held.end())
    }

    /// Loads about one window of earlier lines in front. When more than [`MAX_HELD`] bytes would be held, the newest
    /// lines are let go and following pauses until [`Tail::to_end`].
    pub fn load_before(&mut self) -> io::Result<Paged> {
        if self.held.start() == 0 {
            return Ok(Paged::Edge);
        }
        let stop = self.held.start();
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
        let count = self.held.prepend(from, &self.buffer, split);
        Ok(Paged::Lines(count))
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
        self.held.lines()
    }

    /// The last `count` held lines, oldest first: what [`Growth::Appended`] counted.
    pub fn last_lines(&self, count: usize) -> impl Iterator<Item = Line<'_>> {
        self.lines().rev().take(count).collect::<Vec<_>>().into_iter().rev()
    }

    /// All bytes of the file as it was at the last look, without opening it again (which would be an event to whoever
    /// watches the folder); none when they are more than `limit`, or when the file has become shorter since.
    pub fn whole(&self, limit: u64) -> io::Result<Option<Vec<u8>>> {
        if self.size > limit {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        read_span(&self.file, &mut bytes, 0, self.size)?;
        Ok((bytes.len() as u64 == self.size).then_some(bytes))
    }

    /// How many lines are held, the incomplete one included.
    pub fn len(&self) -> usize {
        self.held.len()
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
        self.held.start() == 0
    }

    /// Whether the held lines reach the end of the file, so that growth is followed.
    pub fn is_at_end(&self) -> bool {
        self.held.end() == self.size
    }

    /// The first line of the file without its terminator, at most `longest` bytes of it; whatever is held.
    pub fn first_line(&self, longest: usize) -> io::Result<String> {
        let mut bytes = Vec::new();
        read_span(&self.file, &mut bytes, 0, longest as u64)?;
        let end = memchr::memchr(b'\n', &bytes).unwrap_or(bytes.len());
        Ok(String::from_utf8_lossy(&bytes[..end]).into_owned())
    }

    /// The file that is followed.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Forgets everything and reads the last window of the file.
    fn load_end(&mut self) -> io::Result<()> {
        let from = self.size.saturating_sub(self.window);
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
        let skip = skip.min(bytes.len());
        self.held.restart(before + skip as u64, (from == 0).then_some(1), !whole);
        self.held.append(&bytes[skip..]);
        self.buffer = bytes;
        // The file may have been cut between `stat` and read: what was read is what there is.
        self.size = self.held.end();
        read
    }

    /// Reads the next `count` bytes after `end`, together with the seam that shows whether this is still the text that
    /// was read before.
    fn read_on(&mut self, count: u64) -> io::Result<Growth> {
        if count == 0 && self.held.seam().is_empty() {
            return Ok(Growth::Nothing);
        }
        let mut bytes = std::mem::take(&mut self.buffer);
        let from = self.held.end() - self.held.seam().len() as u64;
        let read = read_span(&self.file, &mut bytes, from, self.held.end() + count);
        let same = bytes.starts_with(self.held.seam());
        let new = bytes.get(self.held.seam().len()..).unwrap_or(&[]);
        let extends_last = self.held.has_open_line();
        let grew = read.is_ok() && same && !new.is_empty();
        let added = if grew { self.held.append(new) } else { 0 };
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
        self.size = self.size.max(self.held.end());
        let lines = (added + usize::from(self.held.has_open_line())).min(self.len());
        Ok(Growth::Appended { lines, extends_last })
    }
}

/// Opens a regular file for reading without ever waiting for another process.
fn open_regular(path: &Path) -> io::Result<(File, Metadata)> {
    refuse_special(&std::fs::metadata(path)?)?;
    // The flag is for the case that something else takes the name between the two calls: a FIFO would block.
    let file = file::open_unblocked(path)?;
    let meta = file.metadata()?;
    refuse_special(&meta)?;
    Ok((file, meta))
}

fn refuse_special(meta: &Metadata) -> io::Result<()> {
    let kind = meta.file_type();
    if kind.is_file() {
        return Ok(());
    }
    let what = if kind.is_dir() { "a folder" } else { file::special_name(kind) };
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it is {what}, not a regular file")))
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
        match file::read_at(file, &mut buffer[filled..], from + filled as u64) {
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

#[cfg(test)]
mod tests;
