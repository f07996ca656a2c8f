//! Prose as tokens with byte spans: words, code spans, numbers, comparators, and the marks that separate thoughts.

use super::Comparator;
use super::unit::Unit;
use crate::doc::Span;

/// A piece of prose.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// What it is.
    pub what: What,
    /// Where it stands in the document.
    pub span: Span,
    /// How many parentheses it stands in.
    pub depth: u16,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    /// A code span, without its ticks.
    Code(String),
    /// A word in small letters; `p95`, `release-over-release` and `ST-D-003` are one.
    Word(String),
    /// A number, with the unit that is written together with it, and whether a `+` follows.
    Number { value: f64, unit: Option<Unit>, plus: bool },
    /// `<`, `≤`, `>=`, …
    Compare(Comparator),
    /// Two or more question marks: characters that were lost.
    Lost,
    /// `±`: what follows is a tolerance.
    Tolerance,
    /// `(` or `[`.
    Open,
    /// `)` or `]`.
    Close,
    /// `,`.
    Comma,
    /// `;`.
    Semicolon,
    /// The end of a sentence.
    Stop,
    /// Anything else: colons, dashes, dates, version numbers.
    Other,
}

impl Token {
    /// The word, if it is one.
    pub fn word(&self) -> &str {
        match &self.what {
            What::Word(word) => word,
            What::Code(_) | What::Number { .. } | What::Compare(_) | What::Lost | What::Tolerance => "",
            What::Open | What::Close | What::Comma | What::Semicolon | What::Stop | What::Other => "",
        }
    }
}

/// The text from the first of the tokens to the last. Those of a table's row stand in the order in which they are read, metric
/// before threshold, whichever column comes first.
pub(super) fn covered(tokens: &[Token]) -> Span {
    let start = tokens.iter().map(|token| token.span.start).min().unwrap_or(0);
    start..tokens.iter().map(|token| token.span.end).max().unwrap_or(start)
}

/// Words in front of a full stop that does not end a sentence.
const ABBREVIATIONS: [&str; 12] =
    ["vs", "e.g", "i.e", "approx", "etc", "incl", "excl", "cf", "resp", "avg", "ca", "approx"];

/// Splits `text`, which begins at byte `base` of the document.
pub(super) fn tokens(text: &str, base: usize) -> Vec<Token> {
    let mut split = Split { text, base, at: 0, depth: 0, out: Vec::new() };
    while split.at < text.len() {
        split.next();
    }
    split.out
}

struct Split<'a> {
    text: &'a str,
    base: usize,
    at: usize,
    depth: u16,
    out: Vec<Token>,
}

impl Split<'_> {
    fn push(&mut self, what: What, len: usize) {
        let span = self.base + self.at..self.base + self.at + len;
        self.out.push(Token { what, span, depth: self.depth });
        self.at += len;
    }

    fn next(&mut self) {
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else { return };
        // Arrows are no comparators, and `=>` could be one or the other.
        if let Some(arrow) = ["<->", "->", "=>", "<-"].iter().find(|arrow| rest.starts_with(**arrow)) {
            return self.push(What::Other, arrow.len());
        }
        if let Some((len, comparator)) = comparator(rest) {
            return self.push(What::Compare(comparator), len);
        }
        match first {
            '`' => self.code(rest),
            '(' | '[' => {
                self.depth = self.depth.saturating_add(1);
                self.push(What::Open, 1);
            }
            ')' | ']' => {
                self.push(What::Close, 1);
                self.depth = self.depth.saturating_sub(1);
            }
            ',' => self.push(What::Comma, 1),
            '%' => self.push(What::Word("%".to_owned()), 1),
            ';' => self.push(What::Semicolon, 1),
            '±' => self.push(What::Tolerance, first.len_utf8()),
            '?' if rest.starts_with("??") => {
                let len = rest.len() - rest.trim_start_matches('?').len();
                self.push(What::Lost, len);
            }
            '.' | '!' | '?' => self.stop(rest),
            _ if first.is_ascii_digit() => self.number(rest),
            _ if first.is_alphabetic() || first == '_' => {
                let len = rest.find(|c: char| !in_word(c)).unwrap_or(rest.len());
                let word = rest[..len].trim_end_matches(['-', '/', '\'', '’', '_']);
                self.push(What::Word(word.to_lowercase()), word.len().max(first.len_utf8()));
            }
            '*' | '_' | '"' | '“' | '”' => self.at += first.len_utf8(),
            _ if first.is_whitespace() => self.at += first.len_utf8(),
            _ => self.push(What::Other, first.len_utf8()),
        }
    }

    /// A code span ends at as many ticks as it began with; without them the ticks are only characters.
    fn code(&mut self, rest: &str) {
        let ticks = rest.len() - rest.trim_start_matches('`').len();
        let inner = &rest[ticks..];
        match inner.find(&rest[..ticks]) {
            Some(end) => self.push(What::Code(inner[..end].trim().to_owned()), end + 2 * ticks),
            None => self.push(What::Other, ticks),
        }
    }

    fn stop(&mut self, rest: &str) {
        let ends = rest[1..].chars().next().is_none_or(char::is_whitespace);
        let before = self.text[..self.at].rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
        let short = ABBREVIATIONS.contains(&before.to_lowercase().as_str());
        let what = if ends && !short && self.depth == 0 { What::Stop } else { What::Other };
        self.push(what, 1);
    }

    fn number(&mut self, rest: &str) {
        let bytes = rest.as_bytes();
        let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
        let mut len = digits(0);
        let mut text = rest[..len].to_owned();
        // Thousands: `1,200`, also with an apostrophe or a narrow space. Not `2,37`.
        for mark in [",", "'", "\u{202f}", "\u{a0}", "_"] {
            while rest[len..].starts_with(mark) && digits(len + mark.len()) == 3 && text.len() <= 15 {
                text.push_str(&rest[len + mark.len()..len + mark.len() + 3]);
                len += mark.len() + 3;
            }
        }
        if bytes.get(len) == Some(&b'.') && digits(len + 1) > 0 {
            let more = digits(len + 1);
            text.push_str(&rest[len..=len + more]);
            len += 1 + more;
        }
        let plus = rest[len..].starts_with('+');
        let behind = &rest[len + usize::from(plus)..];
        let letters = behind.find(|c: char| !(c.is_alphabetic() || c == '%')).unwrap_or(behind.len());
        let unit = Unit::parse(&behind[..letters]);
        // `2026-01-02`, `10:30`, `24-48h`, `1.2.3`, `3rd`, `4x`: no amounts.
        let after = behind[letters..].chars().next();
        let goes_on = matches!(after, Some('-' | '–' | ':' | '/' | '.' | '_'))
            && behind[letters..].chars().nth(1).is_some_and(|c| c.is_ascii_digit());
        let glued = letters > 0 && unit.is_none();
        let chained = self.out.last().is_some_and(|last| {
            last.span.end == self.base + self.at
                && matches!(last.what, What::Other)
                && self.text[..self.at].ends_with(['#', '/', ':', '.', '\\'])
        });
        if goes_on || glued || chained {
            let len = rest.find(|c: char| !(c.is_alphanumeric() || "-–:/._%+".contains(c))).unwrap_or(rest.len());
            let word = rest[..len].trim_end_matches(['.', ':', '-', '–', '+']);
            let what = if glued && !goes_on { What::Word(word.to_lowercase()) } else { What::Other };
            return self.push(what, word.len().max(1));
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => {
                let len = len + usize::from(plus) + if unit.is_some() { letters } else { 0 };
                self.push(What::Number { value, unit, plus }, len);
            }
            Ok(_) | Err(_) => self.push(What::Other, len.max(1)),
        }
    }
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '\'' | '’')
}

/// A comparator sign at the start of `text`, and its length.
pub(super) fn comparator(text: &str) -> Option<(usize, Comparator)> {
    const SIGNS: [(&str, Comparator); 13] = [
        ("<=", Comparator::AtMost),
        ("=<", Comparator::AtMost),
        (">=", Comparator::AtLeast),
        ("≤", Comparator::AtMost),
        ("⩽", Comparator::AtMost),
        ("≥", Comparator::AtLeast),
        ("⩾", Comparator::AtLeast),
        ("==", Comparator::Equal),
        ("&lt;", Comparator::Less),
        ("&gt;", Comparator::Greater),
        ("<", Comparator::Less),
        (">", Comparator::Greater),
        ("=", Comparator::Equal),
    ];
    let (sign, comparator) = SIGNS.iter().find(|(sign, _)| text.starts_with(sign))?;
    Some((sign.len(), *comparator))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<f64> {
        tokens(text, 0)
            .iter()
            .filter_map(|token| match token.what {
                What::Number { value, .. } => Some(value),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn numbers_are_amounts_only() {
        assert_eq!(numbers("1,200+ rows, 2 hosts; 3.5 ms and 60%"), [1200.0, 2.0, 3.5, 60.0]);
        assert_eq!(numbers("2026-01-02 at 10:30, v1.2.3, 24-48h, HB-A-003, #12, the 3rd"), [] as [f64; 0]);
        assert_eq!(numbers("2,37 and 5s."), [2.0, 37.0, 5.0]);
    }

    #[test]
    fn lost_characters_and_sentences_are_seen() {
        let found = tokens("`X` ??? 60 vs. old. Next", 0);
        assert!(found.iter().any(|token| token.what == What::Lost));
        assert_eq!(found.iter().filter(|token| token.what == What::Stop).count(), 1);
        assert_eq!(found[0].span, 0..3);
    }
}
