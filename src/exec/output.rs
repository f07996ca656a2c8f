//! The file that holds what a program printed: all of it up to a size, then its end. Somebody may read it meanwhile.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};

/// So much of the beginning is kept.
pub const HEAD: u64 = 64 << 20;
/// And so much of the end.
const TAIL: usize = 64 << 10;

/// The output of one program, on its way into a file.
#[derive(Debug)]
pub struct Output {
    file: File,
    /// How much of it is kept from the beginning.
    head: u64,
    written: u64,
    tail: VecDeque<u8>,
    left_out: u64,
    at_line_start: bool,
    problem: Option<io::Error>,
}

impl Output {
    /// Into this file, which is empty. `first` is its first line, and durable when this returns.
    pub fn begin(mut file: File, first: &str) -> io::Result<Output> {
        file.write_all(format!("{first}\n").as_bytes())?;
        file.sync_all()?;
        Ok(Output::new(file, HEAD))
    }

    fn new(file: File, head: u64) -> Output {
        Output { file, head, written: 0, tail: VecDeque::new(), left_out: 0, at_line_start: true, problem: None }
    }

    /// The next bytes. Never fails: a full disk must not end the program; [`Output::end`] says so.
    pub fn take(&mut self, bytes: &[u8]) {
        let room = usize::try_from(self.head.saturating_sub(self.written)).unwrap_or(usize::MAX);
        let (now, later) = bytes.split_at(bytes.len().min(room));
        self.write(now);
        self.written += now.len() as u64;
        // Of a huge piece only the end can stay.
        let kept = &later[later.len().saturating_sub(TAIL)..];
        self.tail.extend(kept);
        let over = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..over);
        self.left_out += (later.len() - kept.len() + over) as u64;
    }

    /// The program has ended: its last bytes, and `last` as the last line, durable. The error is the first one since it
    /// was begun.
    pub fn end(mut self, last: &str) -> io::Result<()> {
        if self.left_out > 0 {
            let note = format!("# codex-tui: {} bytes are left out here", self.left_out);
            self.line(&note);
        }
        let tail: Vec<u8> = std::mem::take(&mut self.tail).into();
        self.write(&tail);
        self.line(last);
        match self.problem.take() {
            Some(problem) => Err(problem),
            None => self.file.sync_all(),
        }
    }

    /// A line of ours, on a line of its own.
    fn line(&mut self, text: &str) {
        if !self.at_line_start {
            self.write(b"\n");
        }
        self.write(format!("{text}\n").as_bytes());
    }

    fn write(&mut self, bytes: &[u8]) {
        let Some(last) = bytes.last() else { return };
        self.at_line_start = *last == b'\n';
        if self.problem.is_none() {
            self.problem = self.file.write_all(bytes).err();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pieces: &[&[u8]], want: &str) {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("output.log");
        let mut output = Output::new(File::create(&path).expect("a file"), 10);
        pieces.iter().for_each(|piece| output.take(piece));
        output.end("# end").expect("it is written");
        let got = std::fs::read_to_string(&path).expect("the file");
        assert!(got == want, "{} bytes: {:?}…", got.len(), got.chars().take(200).collect::<String>());
    }

    #[test]
    fn the_beginning_and_the_end_are_kept() {
        check(&[], "# end\n");
        check(&[b"abc\n"], "abc\n# end\n");
        check(&[b"abc", b"d"], "abcd\n# end\n");
        check(&[b"0123456789", b"ab"], "0123456789ab\n# end\n");
        let long = vec![b'x'; TAIL];
        let want = format!("0123456789\n# codex-tui: 4 bytes are left out here\n{}e\n\n# end\n", "x".repeat(TAIL - 2));
        check(&[b"0123456789", b"ab", &long, b"e\n"], &want.replace("\n\n", "\n"));
        check(&[b"0123456789ab", &long[1..], b"xe\n"], &want.replace("\n\n", "\n"));
        let huge = [b"0123456789ab".to_vec(), long, b"e\n".to_vec()].concat();
        check(&[&huge], &want.replace("\n\n", "\n"));
    }
}
