//! Takes a filter apart into terms, by its signs alone: blanks, quotes, colons, commas, and the sign of negation.

/// One term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term<'t> {
    /// Whether `-` or `!` stands before it.
    pub not: bool,
    /// The field; none for a plain word.
    pub field: Option<&'t str>,
    /// The lower-case name before a colon that no field has, where a value stands behind it that is no path.
    pub unknown: Option<&'t str>,
    /// What stands behind the colon, apart at commas, or the one word. Empty while it is still being typed.
    pub values: Vec<Value>,
}

/// One value or word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Its text, without the quotes.
    pub text: String,
    /// Whether it stands in quotes, both of them.
    pub quoted: bool,
}

/// The terms of a filter. `is_field` knows the fields that are offered: `http://x` is a word where `http` is none.
pub fn terms<'t>(text: &'t str, is_field: impl Fn(&str) -> bool) -> Vec<Term<'t>> {
    let mut rest = text.trim_start();
    let mut terms = Vec::new();
    while !rest.is_empty() {
        let bare = rest.strip_prefix(['-', '!']);
        let not = bare.is_some();
        rest = bare.unwrap_or(rest);
        let name_end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(name_end);
        let field = match behind.strip_prefix(':') {
            Some(behind) if is_field(name) => {
                rest = behind;
                Some(name)
            }
            Some(_) | None => None,
        };
        let is_name = name_end > 0 && name.bytes().all(|b| b.is_ascii_lowercase());
        let has_value = || behind[1..].starts_with(|c: char| !c.is_whitespace() && !matches!(c, '/' | '\\' | ':'));
        let unknown = (field.is_none() && is_name && behind.starts_with(':') && has_value()).then_some(name);
        let mut values = Vec::new();
        loop {
            let value = value(&mut rest, field.is_some());
            if !value.text.is_empty() || value.quoted {
                values.push(value);
            }
            match rest.strip_prefix(',') {
                Some(next) if field.is_some() => rest = next,
                Some(_) | None => break,
            }
        }
        terms.push(Term { not, field, unknown, values });
        rest = rest.trim_start();
    }
    terms
}

/// Takes one value off the front. Quotes count at its beginning only, so that `5"` is a word like any other; one that is
/// never closed reaches to the end.
fn value(rest: &mut &str, commas: bool) -> Value {
    let mut text = String::new();
    let mut quoted = false;
    if let Some(inside) = rest.strip_prefix('"') {
        match inside.split_once('"') {
            Some((phrase, behind)) => {
                text.push_str(phrase);
                quoted = true;
                *rest = behind;
            }
            None => {
                text.push_str(inside);
                *rest = "";
            }
        }
    }
    let end = rest.find(|c: char| c.is_whitespace() || (commas && c == ',')).unwrap_or(rest.len());
    let (tail, behind) = rest.split_at(end);
    text.push_str(tail);
    *rest = behind;
    Value { text, quoted }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let term = |term: Term<'_>| {
            let values: Vec<String> = term
                .values
                .iter()
                .map(|value| if value.quoted { format!("<{}>", value.text) } else { value.text.clone() })
                .collect();
            let not = if term.not { "not " } else { "" };
            let field = term.field.map_or_else(String::new, |field| format!("{field}="));
            format!("{not}{field}{}", values.join("+"))
        };
        terms(text, |name| name == "state").into_iter().map(term).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn terms_by_their_signs() {
        for (text, want) in [
            ("  a  b ", "a | b"),
            ("\"a b\" c", "<a b> | c"),
            ("\"a b", "a b"),
            ("state:a,b", "state=a+b"),
            ("state:a,,", "state=a"),
            ("state:\"a, b\",c d", "state=<a, b>+c | d"),
            ("state:", "state="),
            ("state:\"\"", "state=<>"),
            ("state:\"", "state="),
            ("-state:a !b -\"c d\"", "not state=a | not b | not <c d>"),
            ("- !", "not  | not "),
            ("http://x/y docs/a.md:3 5\" a,b", "http://x/y | docs/a.md:3 | 5\" | a,b"),
            ("State:a", "State:a"),
            ("--flag", "not -flag"),
        ] {
            assert_eq!(shown(text), want, "{text}");
        }
    }
}
