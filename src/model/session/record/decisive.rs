//! Which lines of an output tell how a command went.

use std::borrow::Cow;
use std::collections::VecDeque;

/// How many lines are kept.
const MOST: usize = 3;
/// How many characters of a line are kept.
const WIDTH: usize = 160;

/// Takes lines as they come and holds on to those that tell; its size does not depend on how many there are.
#[derive(Debug, Clone, Default)]
pub struct Decisive {
    /// What a test runner says at its end; the newest last.
    summaries: VecDeque<String>,
    /// The first lines that speak of an error.
    errors: Vec<String>,
    /// The last line that is not blank, as it came.
    last: String,
}

impl Decisive {
    /// Looks at the next line.
    pub fn push(&mut self, line: &str) {
        let head = &line[..floor(line, 4 * WIDTH)];
        let text = clean(head);
        if text.is_empty() {
            return;
        }
        if is_summary(&text) {
            if self.summaries.len() == MOST {
                self.summaries.pop_front();
            }
            self.summaries.push_back(cut(&text));
        } else if self.errors.len() < MOST && is_error(&text) {
            self.errors.push(cut(&text));
        }
        // The same memory serves for all lines of a long output.
        self.last.clear();
        self.last.push_str(head);
    }

    /// The lines that tell, at most three: summaries of test runners first, then errors; the last line where neither is.
    pub fn lines(&self) -> Vec<String> {
        let told = self.summaries.iter().chain(&self.errors).take(MOST);
        let mut lines: Vec<String> = Vec::new();
        for line in told {
            if !lines.contains(line) {
                lines.push(line.clone());
            }
        }
        if lines.is_empty() && !self.last.is_empty() {
            lines.push(cut(&clean(&self.last)));
        }
        lines
    }
}

/// What Pester, cargo, pytest, jest, go and unittest say at their end.
fn is_summary(text: &str) -> bool {
    let starts = |front: &str| text.starts_with(front);
    let counts =
        |word: &str| text.find(word).is_some_and(|at| text[..at].trim_end().ends_with(|c: char| c.is_ascii_digit()));
    let is_pytest = || {
        let inner = text.trim_matches(['=', ' ']);
        inner.contains(" in ")
            && inner.starts_with(|c: char| c.is_ascii_digit())
            && [" passed", " failed", " error", " skipped"].iter().any(|word| counts(word))
    };
    let is_go = || (starts("ok ") || starts("FAIL\t") || starts("FAIL ")) && text.split_whitespace().count() >= 3;
    starts("Tests Passed:")
        || starts("test result:")
        || starts("Tests:") && counts(" total")
        || starts("Test Suites:") && counts(" total")
        || starts("Ran ") && text.contains(" tests in ")
        || starts("FAILED (")
        || is_pytest()
        || is_go()
}

fn is_error(text: &str) -> bool {
    let lower = text.get(..floor(text, 80)).unwrap_or(text).to_ascii_lowercase();
    lower.starts_with("error:")
        || lower.starts_with("error[")
        || lower.contains(": error:")
        || lower.starts_with("fatal:")
        || lower.starts_with("exception:")
        || lower.starts_with("traceback (")
        || text.contains("FAILED")
        || text.contains("--- FAIL")
        || text.contains("command not found")
}

/// The text without what a terminal obeys and without outer blanks.
fn clean(line: &str) -> Cow<'_, str> {
    let line = line.trim();
    if !line.contains(char::is_control) {
        return Cow::Borrowed(line);
    }
    let mut out = String::new();
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' if chars.next_if_eq(&'[').is_some() => {
                while chars.next_if(|c| !('@'..='~').contains(c)).is_some() {}
                chars.next();
            }
            '\t' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out.trim().to_owned())
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(WIDTH) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// The largest place up to `at` at which the text can be cut.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(output: &str, want: &[&str]) {
        let mut all = Decisive::default();
        output.lines().for_each(|line| all.push(line));
        assert_eq!(all.lines(), want, "{output}");
    }

    #[test]
    fn the_lines_that_tell() {
        check("", &[]);
        check("one\n  two \n\n", &["two"]);
        check(
            "Describing x\n\u{1b}[32mTests Passed: 246, \u{1b}[0mFailed: 0\nbye\n",
            &["Tests Passed: 246, Failed: 0"],
        );
        check(
            "error: no such\ntest result: FAILED. 1 passed; 1 failed\n",
            &["test result: FAILED. 1 passed; 1 failed", "error: no such"],
        );
        check(
            "x.c:3: error: no\n===== 2 failed, 3 passed in 0.12s =====\n",
            &["===== 2 failed, 3 passed in 0.12s =====", "x.c:3: error: no"],
        );
        check("Tests:       1 failed, 5 passed, 6 total\nTime: 3 s\n", &["Tests:       1 failed, 5 passed, 6 total"]);
        check(
            "--- FAIL: TestX (0.00s)\nFAIL\texample.org/x\t0.003s\n",
            &["FAIL\texample.org/x\t0.003s".replace('\t', " ").as_str(), "--- FAIL: TestX (0.00s)"],
        );
        check("ok  \texample.org/x\t0.003s\n", &["ok   example.org/x 0.003s"]);
        check("error: a\nerror: b\nerror: c\nerror: d\nend\n", &["error: a", "error: b", "error: c"]);
        check("bash: nothing: command not found\n", &["bash: nothing: command not found"]);
        let long = "x".repeat(500);
        check(&long, &[&format!("{}…", "x".repeat(160))]);
    }
}
