//! The operator's clipboard: through a program of the operator's, or through the terminal (OSC 52), which reaches the right
//! machine over SSH too. tmux and screen are told to pass it on. What is too long is refused, never cut.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::process::{Command, Stdio};

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;

/// Bytes of text that go through the terminal at most: terminals commonly take 100,000 bytes of OSC 52, and base64 makes four
/// bytes of three.
pub const LIMIT: usize = 74_000;

/// Bytes of one device control string that screen passes on; a longer one is dropped.
const SCREEN_PIECE: usize = 240;

/// What stands between us and the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Between {
    /// Nothing that is known.
    Nothing,
    /// tmux.
    Tmux,
    /// GNU screen.
    Screen,
}

impl Between {
    /// By the variables that both set for what runs in them.
    pub fn of(tmux: Option<&OsStr>, sty: Option<&OsStr>) -> Between {
        let is_set = |value: Option<&OsStr>| value.is_some_and(|value| !value.is_empty());
        match (is_set(tmux), is_set(sty)) {
            (true, _) => Between::Tmux,
            (false, true) => Between::Screen,
            (false, false) => Between::Nothing,
        }
    }

    fn here() -> Between {
        Between::of(std::env::var_os("TMUX").as_deref(), std::env::var_os("STY").as_deref())
    }

    /// The way in words.
    fn words(self) -> &'static str {
        match self {
            Between::Nothing => "through the terminal (OSC 52)",
            Between::Tmux => "through tmux and the terminal (OSC 52)",
            Between::Screen => "through screen and the terminal (OSC 52)",
        }
    }
}

/// What the terminal is to be sent for `text`; a sentence when it is too long.
pub fn sequence(text: &str, between: Between) -> Result<String, String> {
    if text.len() > LIMIT {
        let bytes = text.len();
        return Err(format!("not copied: terminals take {LIMIT} bytes at most, these are {bytes}"));
    }
    let mut plain = String::new();
    // Writing into a text cannot fail.
    let _ = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut plain);
    Ok(match between {
        Between::Nothing => plain,
        // Both: with `set-clipboard on` tmux takes the first, with `allow-passthrough on` it hands on the second.
        Between::Tmux => format!("{plain}\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")),
        Between::Screen => {
            // Closed by BEL: the usual end would end the string around it.
            let plain = plain.trim_end_matches("\x1b\\").trim_end_matches('\x07').to_owned() + "\x07";
            let pieces = plain.as_bytes().chunks(SCREEN_PIECE);
            pieces.map(|piece| format!("\x1bP{}\x1b\\", String::from_utf8_lossy(piece))).collect()
        }
    })
}

/// Copies through the terminal; says which way it went, or why not.
pub fn through_terminal(text: &str) -> Result<String, String> {
    let between = Between::here();
    let sequence = sequence(text, between)?;
    let mut out = io::stdout();
    let sent = out.write_all(sequence.as_bytes()).and_then(|()| out.flush());
    sent.map(|()| between.words().to_owned()).map_err(|error| format!("not copied: {error}"))
}

/// Hands the text to the operator's program and waits for its end; says which way it went, or why not.
pub fn through_program(words: &[String], text: &str) -> Result<String, String> {
    let (program, arguments) = words.split_first().ok_or("not copied: no program is named")?;
    let failed = |why: String| format!("not copied: {program}: {why}");
    let mut command = Command::new(program);
    // Nothing is read from it: such programs stay behind to serve the clipboard, and would hold a pipe open.
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(text.as_bytes()).map_err(|error| failed(error.to_string()))?;
    }
    match child.wait() {
        Ok(status) if status.success() => Ok(format!("by {program}")),
        Ok(status) => Err(failed(format!("ended with {status}"))),
        Err(error) => Err(failed(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_is_told_to_pass_it_on() {
        let check = |between, want: &str| assert_eq!(sequence("hello", between).as_deref(), Ok(want));
        check(Between::Nothing, "\x1b]52;c;aGVsbG8=\x1b\\");
        check(Between::Tmux, "\x1b]52;c;aGVsbG8=\x1b\\\x1bPtmux;\x1b\x1b]52;c;aGVsbG8=\x1b\x1b\\\x1b\\");
        check(Between::Screen, "\x1bP\x1b]52;c;aGVsbG8=\x07\x1b\\");
        let long = sequence(&"x".repeat(1000), Between::Screen).expect("short enough");
        let pieces: Vec<&str> = long.split("\x1b\\").filter(|piece| !piece.is_empty()).collect();
        assert!(pieces.len() > 4 && pieces.iter().all(|piece| piece.starts_with("\x1bP") && piece.len() <= 242));
        let joined: String = pieces.iter().map(|piece| &piece[2..]).collect();
        assert_eq!(Ok(joined.replace('\x07', "\x1b\\")), sequence(&"x".repeat(1000), Between::Nothing));
    }

    #[test]
    fn what_is_too_long_is_refused_with_its_size() {
        assert!(sequence(&"x".repeat(LIMIT), Between::Nothing).is_ok());
        let refused = sequence(&"x".repeat(LIMIT + 1), Between::Nothing).expect_err("too long");
        assert!(refused.contains("74000") && refused.contains("74001"), "{refused}");
    }

    #[test]
    fn tmux_goes_before_screen_and_empty_is_unset() {
        let check = |tmux: Option<&str>, sty: Option<&str>, want| {
            assert_eq!(Between::of(tmux.map(OsStr::new), sty.map(OsStr::new)), want);
        };
        check(Some("/tmp/tmux,1,0"), Some("1.pts"), Between::Tmux);
        check(Some(""), Some("1.pts"), Between::Screen);
        check(None, None, Between::Nothing);
    }

    #[cfg(unix)]
    #[test]
    fn a_program_gets_the_text_and_its_failure_is_said() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("copied");
        let words = |line: &str| ["sh", "-c", line].map(str::to_owned).to_vec();
        let copied = through_program(&words(&format!("cat > '{}'", file.display())), "two\nlines");
        assert_eq!(
            (copied.as_deref(), std::fs::read_to_string(file).ok().as_deref()),
            (Ok("by sh"), Some("two\nlines"))
        );
        assert!(through_program(&words("cat > /dev/null; exit 3"), "x").is_err_and(|why| why.contains("3")));
        assert!(through_program(&["no-such-program-here".to_owned()], "x").is_err());
    }
}
