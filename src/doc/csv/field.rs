//! A single field: what its bytes mean and how a value is written.

use std::borrow::Cow;

/// Why a field is never edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// Text between the closing quote and the next comma.
    TextAfterQuote,
    /// The quote is never closed: the field runs to the end of the file.
    Unclosed,
}

/// How a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// In quotes, whatever the value.
    Quoted,
    /// In quotes only where the value needs them.
    Bare,
}

impl Style {
    /// The style of a field as it stands in the file.
    pub fn of(raw: &[u8]) -> Style {
        if raw.first() == Some(&b'"') { Style::Quoted } else { Style::Bare }
    }
}

/// Decodes a field. Behind a closing quote, what follows is taken literally, as other readers do it.
pub(crate) fn decode(raw: &[u8]) -> Cow<'_, str> {
    let Some(inner) = raw.strip_prefix(b"\"") else { return String::from_utf8_lossy(raw) };
    match memchr::memchr(b'"', inner) {
        None => String::from_utf8_lossy(inner),
        Some(end) if end + 1 == inner.len() => String::from_utf8_lossy(&inner[..end]),
        Some(first) => {
            let mut out = Vec::with_capacity(inner.len());
            let mut at = 0;
            let mut quote = Some(first);
            while let Some(found) = quote {
                out.extend_from_slice(&inner[at..found]);
                at = found + 1;
                if inner.get(at) != Some(&b'"') {
                    break;
                }
                out.push(b'"');
                at += 1;
                quote = memchr::memchr(b'"', &inner[at..]).map(|next| at + next);
            }
            out.extend_from_slice(&inner[at..]);
            match String::from_utf8(out) {
                Ok(text) => Cow::Owned(text),
                Err(bad) => Cow::Owned(String::from_utf8_lossy(bad.as_bytes()).into_owned()),
            }
        }
    }
}

/// Writes a value (edit-rules §4.4). Outer blanks are quoted too: spreadsheets and PowerShell drop them otherwise.
pub(crate) fn encode(value: &str, style: Style) -> Vec<u8> {
    let needs_quotes = memchr::memchr3(b',', b'\r', b'\n', value.as_bytes()).is_some()
        || value.contains('"')
        || value.starts_with([' ', '\t'])
        || value.ends_with([' ', '\t']);
    match (style, needs_quotes) {
        (Style::Bare, false) => value.as_bytes().to_vec(),
        (Style::Bare, true) | (Style::Quoted, _) => format!("\"{}\"", value.replace('"', "\"\"")).into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_then_reading() {
        for (value, bare) in [
            ("a", "a"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("\"", "\"\"\"\""),
            ("a\r\nb", "\"a\r\nb\""),
            (" a", "\" a\""),
            ("a\t", "\"a\t\""),
            ("=1+1", "=1+1"),
            ("a|b<br>", "a|b<br>"),
            ("\u{a0}a", "\u{a0}a"),
        ] {
            assert_eq!(encode(value, Style::Bare), bare.as_bytes(), "{value:?}");
            assert_eq!(decode(&encode(value, Style::Bare)), value);
            assert_eq!(decode(&encode(value, Style::Quoted)), value);
            assert_eq!(encode(value, Style::Quoted)[0], b'"');
        }
    }
}
